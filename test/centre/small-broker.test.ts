/**
 * Goal: a broker with a small largest packet costs nothing where the file says so, and one image
 * where it does not (case oversize-image). Method: an agent's session and the centre's end over a
 * real broker that hangs up on whoever announces a longer packet.
 */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Aedes } from "aedes";
import { afterEach, expect, test } from "vitest";
import { createPacketSizeWatch } from "../../edge/devices/wires/mqtt-packet-size.ts";
import { imageSha256, startImageSite } from "./kit/image-site.ts";
import { until } from "./kit/site.ts";

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

async function startSite(brokerBytesMax: number, packetBytesMax: number) {
  const site = startImageSite(await startSmallBroker(brokerBytesMax), packetBytesMax);
  closing.push(site.close);
  return site;
}

test("case oversize-image: in pieces an image comes over a broker of 140,000 bytes without a cut", async () => {
  const { seen, alive } = await startSite(140_000, 131_072);
  await until("the image", () => seen.images.length > 0);
  expect(seen.images).toEqual([imageSha256]);
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
    expect(session.claim("L1", "L1-e1-2", "RB123456785GB")).toEqual({ kind: "sent" });
  }
  await until("all claims", () => seen.claims === claimsBefore + 20);
  expect(seen.ups).toBe(upsBefore);
  expect(seen.images).toEqual([]);
});
