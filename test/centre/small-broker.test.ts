/**
 * Goal: a broker with a small largest packet costs nothing where the file says so, and one image
 * where it does not (case oversize-image). Method: an agent's session and the centre's end over a
 * real broker that hangs up on whoever announces a longer packet.
 */
import { hash } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Aedes } from "aedes";
import { afterEach, expect, test } from "vitest";
import { createPacketSizeWatch } from "../../edge/devices/wires/mqtt-packet-size.ts";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { startAgentSession } from "../../edge/link/agent-session.ts";
import { createMqttAgentEnd, createMqttCentreEnd } from "../../edge/link/mqtt-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { UpMessage } from "../../protocols/link.ts";
import { silentLog } from "../../protocols/log.ts";
import { until } from "./kit/site.ts";

const clock = createSystemClock();
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startSmallBroker(brokerBytesMax: number): Promise<string> {
  const aedes = await Aedes.createBroker();
  const server = createServer({ noDelay: true }, (socket) => {
    const isWithin = createPacketSizeWatch(brokerBytesMax);
    socket.on("error", () => {});
    aedes.handle(socket);
    socket.prependListener("data", (chunk: Uint8Array) => {
      if (!isWithin(chunk)) socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const image = Uint8Array.from({ length: 614_400 }, (_, index) => (index * 7) % 253);
const sha256 = hash("sha256", image, "hex");

/** A centre that asks for one image until it comes, as the real one does, only faster. */
async function startSite(brokerBytesMax: number, packetBytesMax: number) {
  const brokerUrl = await startSmallBroker(brokerBytesMax);
  const open = (clientId: string) => {
    const bus = openMqttBus({
      log: silentLog,
      brokerUrl,
      clientId,
      clock,
      entropy: { next: () => 0.5 },
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
    centre.send("a", { kind: "imageWanted", passId: "p", imageHash: sha256 });
  }, 300);
  closing.push(() => clearInterval(asking));
  return { session, seen, alive };
}

test("case oversize-image: in pieces an image comes over a broker of 140,000 bytes without a cut", async () => {
  const { seen, alive } = await startSite(140_000, 131_072);
  await until("the image", () => seen.images.length > 0);
  expect(seen.images).toEqual([sha256]);
  expect(seen.ups).toBe(1);
  await until("a sign of life", () => alive.length > 0);
  expect(alive.at(-1)).toEqual({ cuts: 0, givenUp: 0, givenUpBytes: 0 });
});

test("case oversize-image: where the file promises too much, the image is given up and claims go on", async () => {
  const { session, seen, alive } = await startSite(500_000, 1_000_000);
  await until("it is given up", () => alive.at(-1)?.givenUp === 1);
  expect(alive.at(-1)?.cuts).toBeGreaterThanOrEqual(2);
  const { ups: upsBefore, claims: claimsBefore, asks: asksBefore } = seen;
  await until("it is asked for again", () => seen.asks >= asksBefore + 4);
  for (let index = 0; index < 20; index += 1) {
    expect(session.claim("L1", "L1-e1-2", "RB123456785GB")).toBe(true);
  }
  await until("all claims", () => seen.claims === claimsBefore + 20);
  expect(seen.ups).toBe(upsBefore);
  expect(seen.images).toEqual([]);
});
