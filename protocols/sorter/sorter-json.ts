import { z } from "zod";
import { checkJson, decodeJson, encodeJson, readJson, type Decoded } from "../json-message.ts";
import { hotEventOf } from "./hot-events.ts";
import { zSorterCommand, zSorterEvent, type SorterCommand, type SorterEvent } from "./sorter.ts";
import { zId } from "../sorting.ts";

/** No sorter message is longer; the longest legal one stays below 700 bytes. */
export const sorterMessageBytesMax = 4_096;

/** JSON as both wires carry it: a payload over MQTT, the `Payload` field of an OPC UA event. */
export const encodeSorterMessage = (message: SorterEvent | SorterCommand): Uint8Array =>
  encodeJson(message);

export function decodeSorterEvent(payload: Uint8Array): Decoded<SorterEvent> {
  const parsed = readJson(payload, sorterMessageBytesMax);
  if (parsed.kind !== "ok") return parsed;
  const hot = hotEventOf(parsed.value);
  return hot === null ? checkJson(zSorterEvent, parsed.value) : { kind: "ok", value: hot };
}

export const decodeSorterCommand = (payload: Uint8Array): Decoded<SorterCommand> =>
  decodeJson(zSorterCommand, payload, sorterMessageBytesMax);

/** The command id of a command that is otherwise wrong, so that its refusal can name it. */
export function salvageCommandId(payload: Uint8Array): string | null {
  const decoded = decodeJson(zCommandIdOnly, payload, sorterMessageBytesMax);
  return decoded.kind === "ok" ? decoded.value.commandId : null;
}

const zCommandIdOnly = z.object({ commandId: zId });
