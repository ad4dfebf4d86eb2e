// Goal: `/ws` on a real socket keeps the promises that the hub makes (HMI W1, W4; PF-23), and only
// our own page gets one. Method: the whole centre listening on loopback, real WebSocket clients; one
// that stops reading is at a hub of its own.
import { createBugRecord } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { listenCentreServer, type CentreServer } from "../../edge/centre/http/server.ts";
import { attachSocket } from "../../edge/centre/http/socket-route.ts";
import { bufferedBytesMax } from "../../edge/centre/page/hub-sending.ts";
import { createSocketHub } from "../../edge/centre/page/socket-hub.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import {
  closeCodes,
  zServerMessage,
  type SceneOp,
  type ServerMessage,
} from "../../protocols/ui/socket.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  openAgent,
  openCentre,
  removeFolder,
  temporaryFolder,
  until,
  type RunningCentre,
  type TestAgent,
} from "./kit/site.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

const clock = createSystemClock();
let folder = "";
let link: MemoryLink;
let site: RunningCentre;
let server: CentreServer;
let agent: TestAgent;
let parcels = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  link = createMemoryLink({ clock });
  site = await openCentre({ folder, clock, link });
  server = await listenCentreServer({
    log: silentLog,
    bugs: createBugRecord(silentLog, clock, redactText),
    centre: site.centre,
    refused: site.refused,
    config: site.config,
    clock,
    pageFolder: null,
  });
  agent = openAgent(link, clock, "L1");
});

afterAll(async () => {
  await server.close();
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

const induct = (count = 1): void => {
  for (let n = 0; n < count; n += 1) {
    parcels += 1;
    const passId = `L1.e.${parcels}`;
    agent.tell("L1", parcels, { kind: "inducted", passId, frontCount: beltCount(parcels) });
  }
};

async function page(station: string, change: object = {}, port = server.port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const got: ServerMessage[] = [];
  let code = 0;
  socket.on("message", (data: Buffer) => {
    const message = zServerMessage.parse(JSON.parse(data.toString("utf8")));
    got.push(message);
    if (message.kind === "heartbeat")
      socket.send(JSON.stringify({ kind: "pong", seq: message.seq }));
  });
  socket.on("close", (closed) => {
    code = closed;
  });
  socket.on("error", () => {});
  await once(socket, "open");
  socket.send(JSON.stringify({ kind: "hello", station, epoch: null, lastSeq: null, ...change }));
  const seqs = (): number[] =>
    got.flatMap((message) => (message.kind === "delta" ? [message.seq] : []));
  return { socket, got, seqs, closeCode: () => code };
}

describe("W1, W2 on the wire", () => {
  test("snapshot, deltas without a gap, and a resume after a cut", async () => {
    const one = await page("desk-1");
    await until("snapshot", () => one.got[0]?.kind === "snapshot");
    induct();
    await until("delta", () => one.seqs().length > 0);
    const [snapshot] = one.got;
    const lastSeq = one.seqs().at(-1) ?? 0;
    one.socket.terminate();
    induct();
    await until("both have arrived", () => site.centre.site.passes.byId.size === 2);
    const epoch = snapshot?.kind === "snapshot" ? snapshot.epoch : "";
    const again = await page("desk-1", { epoch, lastSeq });
    await until("resumed", () => again.seqs().length > 0);
    expect(again.got[0]).toMatchObject({ kind: "resumed", epoch, seq: lastSeq });
    expect(again.seqs()[0]).toBe(lastSeq + 1);
    again.socket.terminate();
  });
});

describe("PF-23: a guest writes", () => {
  test("the write is refused, nothing moves, others go on; repeated, the guest is out", async () => {
    const other = await page("desk-2");
    const guest = await page("guest");
    await until("snapshot", () => guest.got.length > 0);
    guest.socket.send(JSON.stringify({ kind: "divert", passId: "L1.e.1", exit: "green" }));
    await until("refused", () => guest.got.some(({ kind }) => kind === "refused"));
    for (let n = 0; n < 10; n += 1) guest.socket.send("{}");
    await until("closed", () => guest.closeCode() !== 0);
    expect(guest.closeCode()).toBe(closeCodes.badMessage);
    induct();
    await until("others go on", () => other.seqs().length > 0);
    other.socket.terminate();
  });

  test.each([
    ["an unknown key", { kind: "pong", seq: 1, colour: "red" }, /^colour: /],
    ["a list", [], /^message: /],
    ["a wrong field", { kind: "pong", seq: "1" }, /^seq: /],
    ["an unknown kind", { kind: "divert" }, /^kind: /],
  ])("%s is refused by name", async (_name, message, why) => {
    const guest = await page("guest");
    guest.socket.send(JSON.stringify(message));
    const refusal = (): ServerMessage | undefined =>
      guest.got.find(({ kind }) => kind === "refused");
    await until("refused", () => refusal() !== undefined);
    expect(refusal()).toEqual({ kind: "refused", why: expect.stringMatching(why) });
    guest.socket.terminate();
  });

  test.each([
    [20_000, closeCodes.tooBig],
    [200_000, 1009],
  ])("a message of %i bytes closes with %i", async (bytes, code) => {
    const guest = await page("guest");
    guest.socket.send("x".repeat(bytes));
    await until("closed", () => guest.closeCode() !== 0);
    expect(guest.closeCode()).toBe(code);
  });

  test("a page of another site gets no socket", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, {
      headers: { origin: "http://evil.example" },
    });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toMatch(/403/);
  });
});

describe("W4: one page stops reading", () => {
  test("it is bounded and closed; the other misses nothing meanwhile", async () => {
    const stretch: readonly SceneOp[] = [{ drop: "parcel", key: "x".repeat(1_000_000) }];
    let told = 0;
    let hasAll = (): boolean => false;
    // The scene of a hub of its own changes again once the quick page has read the last change, so
    // that this page is never behind, however slow the machine is.
    const hub = createSocketHub({
      clock,
      epoch: "run-1",
      snapshot: () => ({ line: {}, device: {}, parcel: {}, task: {}, alarm: {}, centre: {} }),
      takeOps: () => {
        if (!hasAll()) return [];
        told += 1;
        return stretch;
      },
      onStationGone: () => {},
    });
    const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    const ends: WebSocket[] = [];
    sockets.on("connection", (socket) => {
      ends.push(socket);
      attachSocket(socket, "floor", { hub, clock, log: silentLog });
    });
    await once(sockets, "listening");
    const { port } = sockets.address() as AddressInfo;
    const slow = await page("slow", {}, port);
    const quick = await page("quick", {}, port);
    await until("snapshots", () => slow.got.length > 0 && quick.got.length > 0);
    slow.socket.pause();
    const [slowEnd] = ends;
    let waiting = 0;
    hasAll = () => {
      waiting = Math.max(waiting, slowEnd?.bufferedAmount ?? 0);
      return quick.seqs().length === told;
    };
    // Past what the operating system's own buffers hold, the hub's bound counts.
    await once(slowEnd!, "close");
    expect(hub.counters()).toMatchObject({ clients: 1, tooSlowTotal: 1 });
    expect(waiting).toBeGreaterThan(bufferedBytesMax);
    expect(waiting).toBeLessThan(bufferedBytesMax + 1_100_000);
    expect(quick.closeCode()).toBe(0);
    expect(quick.seqs()).toEqual(Array.from({ length: quick.seqs().length }, (_, n) => n + 1));
    hub.stop();
    for (const { socket } of [slow, quick]) socket.terminate();
    sockets.close();
  }, 60_000);
});
