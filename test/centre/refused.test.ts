// Goal: what is refused is kept as well, with the reason, as far as it could be read (law 17), and
// neither its number nor its bytes grow without end. Method: the whole centre asked by injection.
import { hash } from "node:crypto";
import { readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { roleHeader } from "../../protocols/actor.ts";
import {
  openRefusedFolder,
  refusedBytesMax,
  waitingBytesMax,
} from "../../edge/centre/refused-messages.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { messageBytesMax } from "../../protocols/ceb/envelope.ts";
import { createCollectingLog, silentLog, type Log } from "../../protocols/log.ts";
import { createSideStoreWatch } from "../../protocols/side-stores.ts";
import { epochMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { zRefusedMessages, zStory } from "../../protocols/ui/http.ts";
import {
  documentsOf,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type RunningCentre,
} from "./kit/site.ts";

const clock = createSystemClock();
let folder = "";
let site: RunningCentre;
beforeEach(async () => {
  folder = await temporaryFolder();
  site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
});
afterEach(async () => {
  await site.stop();
  await removeFolder(folder);
});

const send: RunningCentre["postMessage"] = (...message) => site.postMessage(...message);
const accept = async (payload: string): Promise<number> => {
  const headers = { "content-type": "application/json" };
  const url = "/api/carrier/acceptances";
  return (await site.server.inject({ method: "POST", url, headers, payload })).statusCode;
};
const listed = async () => zRefusedMessages.parse((await site.get("/api/customs/refused")).body);
const bytesOf = async (id: string): Promise<Buffer> =>
  (await site.server.inject(`/api/customs/refused/${id}`)).rawPayload;

describe("a message that is refused (law 17)", () => {
  test("is kept with its bytes, its sender, when and why, and is there after a restart", async () => {
    const xml = "<nonsense>of a sender</nonsense>";
    expect(await send(xml)).toBe(422);
    const before = await listed();
    expect(before).toMatchObject([
      {
        path: "/api/customs/messages",
        sender: "customs",
        station: "http",
        sha256: hash("sha256", xml, "hex"),
        bytesTotal: xml.length,
        bytesKept: xml.length,
        code: "notCeb",
        times: 1,
      },
    ]);
    await site.stop();
    site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
    expect(await listed()).toEqual(before);
    expect((await bytesOf(before[0]!.id)).toString()).toBe(xml);
  });

  test("is kept from its beginning when it is long, with the hash of all that was read", async () => {
    const long = Buffer.alloc(messageBytesMax + 1, "x");
    expect(await send(long)).toBe(413);
    const [one] = await listed();
    expect(one).toMatchObject({
      code: "tooLarge",
      sha256: hash("sha256", long, "hex"),
      bytesTotal: messageBytesMax + 1,
      bytesKept: refusedBytesMax,
    });
    expect(await bytesOf(one!.id)).toHaveLength(refusedBytesMax);
  });

  test("is kept byte by byte as it came, whatever is wrong with it", async () => {
    const sent = ["<x/>", "{ no json", '{ "acceptanceId" : "A1" }', '{"__proto__":{}}'];
    expect(await send(sent[0]!, "image/png")).toBe(415);
    for (const text of sent.slice(1)) expect(await accept(text)).toBe(400);
    const kept = (await listed()).toReversed();
    expect(kept.map(({ code, field }) => [code, field])).toEqual([
      ["badMediaType", "content-type"],
      ["badRequest", "body"],
      ["badField", "carrierCode"],
      ["badRequest", "body"],
    ]);
    for (const [n, one] of kept.entries()) {
      expect((await bytesOf(one.id)).toString()).toBe(sent[n]);
      expect(one.sha256).toBe(hash("sha256", sent[n]!, "hex"));
    }
  });

  test("is listed when it was read and nothing of it was accepted, with the answer's reason", async () => {
    const { xmls, acceptances } = documentsOf(["99000000001"]);
    for (const xml of xmls) expect(await send(xml)).toBe(200);
    const [first] = acceptances;
    expect(await accept(JSON.stringify(first))).toBe(200);
    expect(await listed()).toEqual([]);

    const other = JSON.stringify({ ...first, waybill: "99000000002" }, null, 2);
    expect(await accept(other)).toBe(422);
    // The manifest is activated, so a changed order comes too late.
    const changed = xmls[0]!.replace(/<ceb:itemName>[^<]*/, "<ceb:itemName>another");
    expect(await send(changed)).toBe(200);
    const [order, acceptance] = await listed();
    expect(acceptance).toMatchObject({ code: "acceptanceIdReused", station: "http" });
    expect((await bytesOf(acceptance!.id)).toString()).toBe(other);
    expect(order).toMatchObject({ path: "/api/customs/messages" });
    expect((await bytesOf(order!.id)).toString()).toBe(changed);
  });

  test("two of one length that are different are two, whatever is wrong with them", async () => {
    expect(await send("<a/>", "image/png")).toBe(415);
    expect(await send("<b/>", "image/png")).toBe(415);
    expect(await send("<c/>", "text/xml", "gzip")).toBe(415);
    expect(await send("<d/>", "text/xml", "gzip")).toBe(415);
    const kept = await listed();
    expect(kept.map(({ bytesTotal, bytesKept }) => [bytesTotal, bytesKept])).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
  });

  test("is kept however many come at once", async () => {
    const texts = Array.from({ length: 40 }, (_, n) => `<nonsense>${n}</nonsense>`);
    await Promise.all(texts.map((text) => send(text)));
    expect(await listed()).toHaveLength(texts.length);
    expect(site.refused.counters()).toMatchObject({ keptTotal: texts.length, busyTotal: 0 });
  });

  test("is counted, not kept again, when the same comes from the same sender", async () => {
    for (let n = 0; n < 5; n += 1) await send("<nonsense/>");
    expect(await listed()).toMatchObject([{ times: 5 }]);
    expect(site.refused.counters()).toMatchObject({ held: 1, keptTotal: 1, repeatedTotal: 4 });
  });

  test("is seen by who has to know, and by nobody else", async () => {
    const statusFor = async (role: string): Promise<number> => {
      const headers = { [roleHeader]: role };
      return (await site.server.inject({ url: "/api/customs/refused", headers })).statusCode;
    };
    expect(await statusFor("supervisor")).toBe(200);
    expect(await statusFor("floor")).toBe(403);
    expect(await statusFor("sender")).toBe(403);
  });

  test("is in the metrics", async () => {
    await send("<nonsense/>");
    const { body } = await site.server.inject("/metrics");
    expect(body).toMatch(/sortline_centre_count\{part="refused",name="held"\} 1/);
  });
});

describe("a message that is not to be read as it came", () => {
  const waybill = "99000000007";
  const heldCodes = async (): Promise<readonly string[]> => {
    const { body } = await site.get(`/api/parcels/${waybill}`);
    return zStory.parse(body).manifest!.openReasons.map(({ code }) => code);
  };
  /** Customs' order to inspect, as its own message. */
  const orderToInspect = (): string => {
    const manifest = documentsOf([waybill]).xmls.find((xml) => xml.includes("CEB603Message"))!;
    const numbers = ["agentCode", "copNo", "ebpCode", "orderNo"].map(
      (name) => new RegExp(`<ceb:${name}>[^<]*</ceb:${name}>`).exec(manifest)![0],
    );
    const said = "<ceb:returnStatus>500</ceb:returnStatus>";
    const inside = `<ceb:InventoryReturn>${numbers.join("")}${said}</ceb:InventoryReturn>`;
    return `<ceb:CEB604Message xmlns:ceb="http://www.chinaport.gov.cn/ceb">${inside}</ceb:CEB604Message>`;
  };
  const unreadTold = () => site.centre.unreadMessages.latest();

  const ways: Readonly<Record<string, (xml: string) => Promise<number>>> = {
    "packed as gzip": (xml) => send(gzipSync(xml), "text/xml", "gzip"),
    "packed as deflate": (xml) => send(deflateSync(xml), "text/xml", "deflate"),
    "packed as br": (xml) => send(brotliCompressSync(xml), "text/xml", "br"),
    "packed as zstd": (xml) => send(zstdCompressSync(xml), "text/xml", "zstd"),
    "packed twice": (xml) => send(gzipSync(gzipSync(xml)), "text/xml", "gzip, gzip"),
    "packed, and does not say so": (xml) => send(gzipSync(xml)),
    "of a media type that nobody reads": (xml) => send(xml, "application/soap+xml"),
    "of another charset": (xml) => send(Buffer.from(xml, "utf16le"), "text/xml; charset=utf-16"),
  };
  test.each(Object.keys(ways))("%s: its receipts are doubt, and it is kept", async (name) => {
    await sendDocuments(site, [waybill]);
    expect(await ways[name]!(orderToInspect())).toBe(415);
    expect(await heldCodes()).toContain("receiptUnread");
    expect(await listed()).toMatchObject([{ code: "badMediaType", sender: "customs", times: 1 }]);
    expect((await listed())[0]!.bytesKept).toBeGreaterThan(0);
    expect(unreadTold()).toBeNull();
    await site.crash();
    site = await openCentre({ folder, clock, link: createMemoryLink({ clock }) });
    expect(await heldCodes()).toContain("receiptUnread");
  });

  test.each<[string, () => Promise<number>]>([
    ["packed as nobody unpacks", () => send(gzipSync("<x/>"), "text/xml", "compress")],
    ["packed wrongly", () => send("no gzip", "text/xml", "gzip")],
    ["packed and cut off", () => send(gzipSync("<x/>").subarray(0, -6), "text/xml", "gzip")],
    [
      "packed, of great length",
      () => send(gzipSync(" ".repeat(messageBytesMax + 1)), "a/b", "gzip"),
    ],
    ["too long", () => send(" ".repeat(messageBytesMax + 9))],
    ["zipped", () => send(Buffer.from("PK\u0003\u0004 and more"))],
  ])("%s: it is kept, and people are told what to do", async (_, sent) => {
    expect([413, 415]).toContain(await sent());
    const [one] = await listed();
    expect(one!.bytesKept).toBeGreaterThan(0);
    expect(unreadTold()).toEqual({ bytes: one!.bytesTotal });
    await until("an alarm", () =>
      [...site.centre.site.scene.alarms.values()].some(({ code }) => code === "messageUnread"),
    );
  });

  test("too long: what its beginning says is doubt, and its length is known", async () => {
    await sendDocuments(site, [waybill]);
    const long = orderToInspect().padEnd(messageBytesMax + 1_000, " ");
    expect(await send(long)).toBe(413);
    expect(await heldCodes()).toContain("receiptUnread");
    expect(await listed()).toMatchObject([{ code: "tooLarge", bytesTotal: long.length }]);
  });
});

describe("what is kept of refused messages", () => {
  const nobody = createSideStoreWatch().healthOf("refusedMessages");
  interface Bounds {
    readonly messagesMax: number;
    readonly bytesMax: number;
  }
  const openSmall = (bounds: Bounds, log: Log = silentLog) =>
    openRefusedFolder({ folder: join(folder, "small"), clock, log, health: nobody, ...bounds });
  const refusal = (text: string) => ({
    path: "/p",
    sender: "s",
    station: "t",
    code: "notCeb",
    field: null,
    message: "m",
    bytes: Buffer.from(text),
    bytesTotal: text.length,
    isUnread: false,
  });

  test("is bounded in number: the oldest leave, and are counted", async () => {
    const small = await openSmall({ messagesMax: 3, bytesMax: 1e6 });
    for (let n = 0; n < 8; n += 1) await small.keep(refusal(`message ${n}`));
    expect(small.counters()).toMatchObject({ held: 3, leftTotal: 5 });
    expect(await readdir(join(folder, "small"))).toHaveLength(3);
    const [newest] = small.list();
    expect(Buffer.from((await small.read(newest!.id))!).toString()).toBe("message 7");
  });

  test("is not listed before it is on disk, and neither is the same one told as kept", async () => {
    const small = await openSmall({ messagesMax: 3, bytesMax: 1e6 });
    let isKept = false;
    void small.keep(refusal("one")).then(() => (isKept = true));
    expect(small.list()).toEqual([]);
    await small.keep(refusal("one"));
    expect(small.list()).toMatchObject([{ times: 2 }]);
    await until("the first", () => isKept);
    expect(small.counters()).toMatchObject({ keptTotal: 1, repeatedTotal: 1 });
  });

  test("is bounded in bytes, over a restart with smaller bounds as well", async () => {
    const small = await openSmall({ messagesMax: 100, bytesMax: 10_000 });
    for (let n = 0; n < 8; n += 1) await small.keep(refusal(`${n}`.repeat(3_000)));
    expect(small.counters().heldBytes).toBeLessThanOrEqual(10_000);
    const again = await openSmall({ messagesMax: 1, bytesMax: 10_000 });
    expect(again.list()).toEqual(small.list().slice(0, 1));
    expect(await readdir(join(folder, "small"))).toHaveLength(1);
  });

  const dayMs = 86_400_000;
  const openAged = async () => {
    const aged = createVirtualClock({ wallStartAt: epochMs(Date.UTC(2026, 10, 2)) });
    const bounds = { messagesMax: 100, bytesMax: 1e6, ageMsMax: 30 * dayMs };
    const at = { folder: join(folder, "aged"), clock: aged, log: silentLog, health: nobody };
    return { aged, kept: await openRefusedFolder({ ...at, ...bounds }) };
  };

  test("is bounded in age: what came last too long ago leaves, also from the disk", async () => {
    const { aged, kept } = await openAged();
    await kept.keep(refusal("once"));
    await kept.keep(refusal("again and again"));
    aged.runFor(20 * dayMs);
    await kept.keep(refusal("again and again"));
    aged.runFor(10 * dayMs - 1);
    expect(kept.counters()).toMatchObject({ held: 2, leftTotal: 0 });
    aged.runFor(3_600_001);
    expect(kept.counters()).toMatchObject({ held: 1, leftTotal: 1 });
    await kept.keep(refusal("another"));
    expect(await readdir(join(folder, "aged"))).toHaveLength(2);
  });

  test("a folder that takes nothing is told, and that it takes something again, unasked", async () => {
    const sideStores = createSideStoreWatch();
    const virtual = createVirtualClock();
    const [at, elsewhere] = [join(folder, "small"), join(folder, "moved away")];
    const small = await openRefusedFolder({
      folder: at,
      clock: virtual,
      log: silentLog,
      health: sideStores.healthOf("refusedMessages"),
      messagesMax: 3,
      bytesMax: 1e6,
    });
    await small.keep(refusal("one"));
    expect(sideStores.failing()).toEqual([]);
    await rename(at, elsewhere);
    await small.keep(refusal("two"));
    const why = "there is no such file or folder";
    expect(sideStores.failing()).toEqual([{ store: "refusedMessages", why }]);
    for (let n = 0; n < 3; n += 1) {
      virtual.runFor(10_000);
      await small.keep(refusal("two"));
    }
    expect(sideStores.failing()).toHaveLength(1);
    await rename(elsewhere, at);
    await until("it is tried again", () => {
      virtual.runFor(10_000);
      return sideStores.failing().length === 0;
    });
    expect(await readdir(at)).toHaveLength(1);
    expect(small.list()).toHaveLength(1);
    small.stop();
  });

  test("and nothing leaves by a calendar that was set", async () => {
    const { aged, kept } = await openAged();
    await kept.keep(refusal("once"));
    aged.stepWall(70 * 366 * dayMs);
    aged.runFor(2 * 3_600_000);
    expect(kept.counters()).toMatchObject({ held: 1, leftTotal: 0 });
  });

  test("what waits for the disk is bounded in bytes: the rest is counted", async () => {
    const small = await openSmall({ messagesMax: 1_000, bytesMax: 1e9 });
    const longTotal = Math.ceil(waitingBytesMax / refusedBytesMax);
    const texts = Array.from({ length: longTotal }, (_, n) => `${n} `.padEnd(refusedBytesMax, "x"));
    await Promise.all(texts.map((text) => small.keep(refusal(text))));
    expect(small.counters()).toMatchObject({ keptTotal: longTotal - 1, busyTotal: 1 });
    await small.keep(refusal("later"));
    expect(small.counters()).toMatchObject({ keptTotal: longTotal, busyTotal: 1 });
  });

  test("counts what it cannot read, and what it cannot write, and goes on", async () => {
    const small = await openSmall({ messagesMax: 3, bytesMax: 1e6 });
    await small.keep(refusal("kept"));
    await writeFile(join(folder, "small", "stray.refused"), "no head");
    const again = await openSmall({ messagesMax: 3, bytesMax: 1e6 });
    expect(again.counters()).toMatchObject({ held: 1, failedTotal: 1 });
    const { log, lines } = createCollectingLog();
    const deaf = await openSmall({ messagesMax: 3, bytesMax: 1e6 }, log);
    const [message] = deaf.list();
    await removeFolder(join(folder, "small"));
    expect(await deaf.read(message?.id ?? "")).toBeNull();
    expect(lines).toMatchObject([{ level: "error", message: "a refused message cannot be read" }]);
    await again.keep(refusal("nowhere to go"));
    expect(again.counters()).toMatchObject({ held: 1, failedTotal: 2 });
  });
});
