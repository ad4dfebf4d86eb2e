import { z } from "zod";
import { withoutNoReads } from "../../../protocols/barcode/no-read.ts";
import { decodeJson, encodeJson } from "../../../protocols/json-message.ts";
import { zScannerLifeMessage, zScannerReadMessage } from "../../../protocols/scanner/messages.ts";
import type { ProofCommand } from "../../../protocols/scanner/read-proof.ts";
import { speak, unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createTopicWire, type TopicMessage, type TopicMessageOut } from "../wires/topic-wire.ts";
import type { ScannerHeard } from "./heard.ts";
import { createReadOrder } from "./read-order.ts";

export const zScannerJsonDialect = z.strictObject({
  kind: z
    .literal("sortline-json")
    .describe("Our own messages as JSON, over MQTT: reads on one topic, life on another."),
});

/** A read of 16 codes of 128 characters stays below this, however it is escaped. */
const messageBytesMax = 16 * 1024;

export const scannerJsonCarriers: Carriers<ScannerHeard, ProofCommand> = {
  messages: ({ bus, base }, clock) =>
    speak(createDialect(), createTopicWire(bus, base, ["life", "read"]), clock),
};

type Outlet = DialectOutlet<ScannerHeard, TopicMessageOut>;

/** A message a read, numbered; 0 after the scanner's restart (`protocols/scanner/messages.ts`). */
function createDialect(): Dialect<TopicMessage, TopicMessageOut, ScannerHeard, ProofCommand> {
  const order = createReadOrder();

  const readRead = ({ topic, payload }: TopicMessage, out: Outlet): void => {
    const read = decodeJson(zScannerReadMessage, payload, messageBytesMax);
    if (read.kind === "invalid") return out.tell(unreadable(`${topic} ${read.why}`));
    const { seq, codes, proof = {} } = read.value;
    const all = order.take(seq, { kind: "read", codes: withoutNoReads(codes), proof });
    for (const heard of all) out.tell(heard);
  };

  const readLife = ({ topic, payload }: TopicMessage, out: Outlet): void => {
    const life = decodeJson(zScannerLifeMessage, payload, messageBytesMax);
    out.tell(life.kind === "ok" ? { kind: "life" } : unreadable(`${topic} ${life.why}`));
  };

  return {
    read: (message, _at, out) =>
      message.topic === "life" ? readLife(message, out) : readRead(message, out),
    // One that is lost costs its own read; an acknowledgement would not make it come in time.
    write: (command) => ({ topic: "command", payload: encodeJson(command), qos: 0 }),
  };
}
