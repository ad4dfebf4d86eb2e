import { hash } from "node:crypto";
import { openMqttBus } from "../../../edge/devices/wires/mqtt-bus.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { startAgentSession } from "../../../edge/link/agent-session.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../../edge/link/mqtt-link.ts";
import { createSystemClock } from "../../../edge/runtime/system-clock.ts";
import { linkPacketBytesMin, type UpMessage } from "../../../protocols/link.ts";
import { silentLog } from "../../../protocols/log.ts";

export const image = Uint8Array.from({ length: 614_400 }, (_, index) => (index * 7) % 253);
export const imageSha256 = hash("sha256", image, "hex");

const askEveryMs = 300;

/**
 * An agent's session, and a centre that asks for one image until it comes, as the real one does, only
 * faster. `packetBytesMax` is what their configurations say of the broker.
 */
export function startImageSite(brokerUrl: string, packetBytesMax: number) {
  const clock = createSystemClock();
  const closing: (() => Promise<void> | void)[] = [];
  const open = (clientId: string) => {
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl,
      clientId,
      clock,
      entropy: { next: () => 0.5 },
      neededPacketBytes: linkPacketBytesMin,
    });
    closing.push(() => bus.close());
    return bus;
  };
  const bus = open("zjg:a:line");
  const session = startAgentSession({
    end: createMqttAgentEnd({ bus, site: "zjg", agentId: "a", packetBytesMax }),
    clock,
    chain: "a",
    lineIds: ["L1"],
    journal: new MemoryJournal({ chain: "a", clock }),
    clearancePlace: () => ({ stream: null, seq: 0 }),
    readImage: () => Promise.resolve(image),
    kindOfImage: () => "xray",
    onDown: () => {},
    onGeneration: () => {},
    log: silentLog,
  });
  closing.push(() => session.stop());
  const seen = { ups: 0, asks: 0, claims: 0, images: [] as string[] };
  const alive: Extract<UpMessage, { kind: "alive" }>["link"][] = [];
  bus.onState((isUp) => (seen.ups += isUp ? 1 : 0));
  const centre = createMqttCentreEnd({ bus: open("zjg:c:centre"), site: "zjg", packetBytesMax });
  centre.start({
    onState: () => {},
    onMessage: (_agentId, message) => {
      if (message.kind === "alive") alive.push(message.link);
      if (message.kind === "claim") seen.claims += 1;
    },
    onImage: (_agentId, _passId, _sha256, bytes) => seen.images.push(hash("sha256", bytes, "hex")),
  });
  const asking = setInterval(() => {
    if (seen.images.length > 0) return;
    seen.asks += 1;
    centre.send("a", { kind: "imageWanted", passId: "p", imageHash: imageSha256 });
  }, askEveryMs);
  const close = async (): Promise<void> => {
    clearInterval(asking);
    for (const end of closing.splice(0).toReversed()) await end();
  };
  return { session, seen, alive, close };
}
