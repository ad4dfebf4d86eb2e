import { z } from "zod";
import { zSorterCommand, zSorterEvent, type SorterCommand, type SorterEvent } from "./sorter.ts";

/** No sorter message is longer; the longest legal one stays below 700 bytes. */
export const sorterMessageBytesMax = 4_096;

/** What came of a payload from the wire. `why` names the field that was wrong. */
export type SorterDecoded<T> =
  | { readonly isOk: true; readonly value: T }
  | { readonly isOk: false; readonly why: string };

/** JSON as both wires carry it: a payload over MQTT, the `Payload` field of an OPC UA event. */
export const encodeSorterMessage = (message: SorterEvent | SorterCommand): string =>
  JSON.stringify(message);

export const decodeSorterEvent = (payload: Uint8Array | string): SorterDecoded<SorterEvent> =>
  decode(zSorterEvent, payload);

export const decodeSorterCommand = (payload: Uint8Array | string): SorterDecoded<SorterCommand> =>
  decode(zSorterCommand, payload);

/** The command id of a command that is otherwise wrong, so that its refusal can name it. */
export function salvageCommandId(payload: Uint8Array | string): string | null {
  const decoded = decode(zCommandIdOnly, payload);
  return decoded.isOk ? decoded.value.commandId : null;
}

const zCommandIdOnly = z.object({ commandId: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/) });

function decode<T>(schema: z.ZodType<T>, payload: Uint8Array | string): SorterDecoded<T> {
  // UTF-8 needs at least one byte a UTF-16 unit, so the same bound holds for text.
  if (payload.length > sorterMessageBytesMax) {
    return { isOk: false, why: `${payload.length} bytes are more than ${sorterMessageBytesMax}` };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(typeof payload === "string" ? payload : utf8.decode(payload));
  } catch (error) {
    return { isOk: false, why: error instanceof Error ? error.message : "not JSON" };
  }
  const result = schema.safeParse(parsed);
  return result.success
    ? { isOk: true, value: result.data }
    : { isOk: false, why: describe(result.error) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue === undefined || issue.path.length === 0 ? "message" : issue.path.join(".");
  return `${path}: ${issue?.message ?? "invalid"}`.slice(0, 200);
}
