// Goal: whatever form a message of customs has, it is either doubt about the parcels that it names
// or an alarm that stands, also after a restart; and what cannot be of customs raises none. Method:
// the whole centre, asked by injection, and over a socket where a message has to be cut off.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { messageBytesMax } from "../../protocols/ceb/envelope.ts";
import { zStory } from "../../protocols/ui/http.ts";
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
const waybill = "99000000007";
const hourMs = 3_600_000;
let folder = "";
let site: RunningCentre;
const open = async (wallAheadMs = 0): Promise<void> => {
  const ahead = {
    ...clock,
    wall: () => (clock.wall() + wallAheadMs) as ReturnType<typeof clock.wall>,
  };
  site = await openCentre({ folder, clock: ahead, link: createMemoryLink({ clock }) });
};
beforeEach(async () => {
  folder = await temporaryFolder();
  await open();
});
afterEach(async () => {
  await site.stop();
  await removeFolder(folder);
});

const url = "/api/customs/messages";
const send: RunningCentre["postMessage"] = (...message) => site.postMessage(...message);
const isHeld = async (): Promise<boolean> => {
  const { body } = await site.get(`/api/parcels/${waybill}`);
  return zStory.parse(body).manifest!.openReasons.some(({ code }) => code === "receiptUnread");
};
const told = () => site.centre.unreadMessages.latest();
const manifest = documentsOf([waybill]).xmls.find((xml) => xml.includes("CEB603Message"))!;
const textOf = (name: string): string =>
  new RegExp(`<ceb:${name}>[^<]*</ceb:${name}>`).exec(manifest)![0];
const order =
  `<ceb:CEB604Message xmlns:ceb="http://www.chinaport.gov.cn/ceb"><ceb:InventoryReturn>` +
  ["agentCode", "copNo", "ebpCode", "orderNo"].map(textOf).join("") +
  `<ceb:returnStatus>500</ceb:returnStatus></ceb:InventoryReturn></ceb:CEB604Message>`;

const zip = (text: string): Buffer =>
  Buffer.concat([Buffer.from("PK\u0003\u0004\u0014\0\0\0\b\0", "latin1"), deflateRawSync(text)]);
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64");
const enveloped = (data: string): string =>
  `<DxpMsg xmlns="http://www.chinaport.gov.cn/dxp" ver="1.0"><TransInfo/><Data>${data}</Data></DxpMsg>`;

describe("customs' order to inspect", () => {
  test.each<[string, () => Promise<number>]>([
    ["as application/gzip", () => send(gzipSync(order), "application/gzip")],
    ["as application/x-gzip", () => send(gzipSync(order), "application/x-gzip")],
    ["packed, of another charset", () => send(gzipSync(order), "text/xml; charset=gbk")],
    ["packed twice, saying so not at all", () => send(gzipSync(gzipSync(order)))],
    ["packed twice, saying so once", () => send(gzipSync(gzipSync(order)), "text/xml", "gzip")],
    ["as zlib, not saying so", () => send(deflateSync(order))],
    ["as zlib, of octets", () => send(deflateSync(order), "application/octet-stream")],
    ["as deflate without its frame", () => send(deflateRawSync(order), "text/xml", "deflate")],
    ["said to be packed, and not packed", () => send(order, "text/xml", "gzip")],
    ["said to be packed as nobody packs", () => send(gzipSync(order), "text/xml", "snappy")],
  ])("%s, is doubt about its parcel", async (_, sent) => {
    await sendDocuments(site, [waybill]);
    expect([415, 422]).toContain(await sent());
    expect(await isHeld()).toBe(true);
  });

  test.each<[string, () => Promise<number>]>([
    ["as application/zip", () => send(zip(order), "application/zip")],
    ["as zip", () => send(zip(order))],
    ["as zip, packed again", () => send(gzipSync(zip(order)), "text/xml", "gzip")],
    [
      "packed five times",
      () => send([1, 2, 3, 4, 5].reduce((each) => gzipSync(each), Buffer.from(order))),
    ],
    ["as br, not saying so", () => send(brotliCompressSync(order))],
    [
      "as what begins like bz2",
      () => send(Buffer.concat([Buffer.from("BZh91AY&SY"), gzipSync(order)])),
    ],
    ["as gzip in an envelope", () => send(enveloped(base64(gzipSync(order))))],
    ["as zip in an envelope", () => send(enveloped(base64(zip(order))))],
    ["as bare Base64", () => send(base64(order), "text/plain")],
    [
      "as a form",
      () => send(`message=${encodeURIComponent(order)}`, "application/x-www-form-urlencoded"),
    ],
    [
      "as JSON",
      () => send(JSON.stringify({ order }).replaceAll("<", "\\u003c"), "application/json"),
    ],
    ["as text of numbered characters", () => send(`<E>${order.replaceAll("<", "&#60;")}</E>`)],
    [
      "as UTF-32",
      () => send(Buffer.from(order.split("").flatMap((each) => [each.charCodeAt(0), 0, 0, 0]))),
    ],
    [
      "packed in a multipart",
      () =>
        send(
          Buffer.concat([Buffer.from("--x\r\n\r\n"), gzipSync(order), Buffer.from("\r\n--x--")]),
          "multipart/mixed; boundary=x",
        ),
    ],
    [
      "as Base64 in a multipart",
      () => send(`--x\r\n\r\n${base64(order)}\r\n--x--`, "multipart/mixed; boundary=x"),
    ],
    ["of no media type that can be read", () => send(order, "xml")],
    ["without its own words", () => send(`${order.slice(0, order.indexOf(">") + 1)}<a/>`)],
  ])("%s, is doubt or an alarm that a restart does not end", async (_, sent) => {
    await sendDocuments(site, [waybill]);
    expect([400, 413, 415, 422]).toContain(await sent());
    const bytes = told()?.bytes ?? 0;
    expect((await isHeld()) || bytes > 0).toBe(true);
    const [kept] = site.refused.list();
    expect(kept).toMatchObject({ isUnread: bytes > 0 });
    await site.crash();
    await open();
    expect(told()?.bytes ?? 0).toBe(bytes);
    expect((await isHeld()) || bytes > 0).toBe(true);
  });
});

describe("several messages in one", () => {
  const two = (...data: readonly string[]): string =>
    `<DxpMsgSv xmlns="http://www.chinaport.gov.cn/dxp">${data.map(enveloped).join("")}</DxpMsgSv>`;
  const twice = (one: string, other: string): string =>
    enveloped(`${one}</Data><Data>${other}`).replace("<TransInfo/>", "<TransInfo></TransInfo>");

  test.each([
    ["in one envelope of nodes", two],
    ["in one envelope", twice],
  ])("%s: an order beside a declaration is doubt, and takes nothing", async (_, together) => {
    await sendDocuments(site, [waybill]);
    expect(await send(together(base64(manifest), base64(order)))).toBe(422);
    expect(await isHeld()).toBe(true);
    expect(told()).toBeNull();
  });

  test("one that can be told hides none that cannot", async () => {
    await sendDocuments(site, [waybill]);
    const bytes = two(base64(order), base64(gzipSync(order)));
    expect(await send(bytes)).toBe(422);
    expect(await isHeld()).toBe(true);
    expect(told()).toEqual({ bytes: bytes.length });
  });
});

/** Sends bytes as they are, until something is kept. */
async function sendRaw(headers: readonly string[], body: string): Promise<void> {
  const address = await site.server.listen({ port: 0, host: "127.0.0.1" });
  const port = Number(new URL(address).port);
  const head = [`POST ${url} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, "", ""].join("\r\n");
  const socket = connect(port, "127.0.0.1", () => socket.end(head + body));
  socket.on("error", () => {});
  await until("it is kept", () => site.refused.list().length > 0);
  socket.destroy();
}

test("a body in chunks, of no media type that can be read, is told though its length is not", async () => {
  await sendRaw(
    ["Content-Type: xml", "Transfer-Encoding: chunked"],
    `${order.length.toString(16)}\r\n${order}\r\n0\r\n\r\n`,
  );
  expect(told()).not.toBeNull();
  expect(site.refused.list()).toMatchObject([{ code: "badMediaType", isUnread: true }]);
  await site.crash();
  await open();
  expect(told()).not.toBeNull();
});

describe("a whole message of customs whose receipts are not as they should be", () => {
  const numbers = ["agentCode", "copNo", "ebpCode", "orderNo"].map(textOf).join("");
  const status = "<ceb:returnStatus>500</ceb:returnStatus>";
  const receipt = (fields: string): string =>
    `<ceb:InventoryReturn>${fields}${status}</ceb:InventoryReturn>`;
  const longNumber = receipt(`<ceb:copNo>${"9".repeat(70)}</ceb:copNo>`);
  const signature = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>`;
  const whole = (inner: string): string =>
    `<ceb:CEB604Message guid="311af125-6fed-4603-8c5d-49b1fa4b4b9b" version="1.0" ` +
    `xmlns:ceb="http://www.chinaport.gov.cn/ceb">${inner}</ceb:CEB604Message>`;

  test.each<[string, string, boolean, boolean]>([
    ["one that names nothing readable", longNumber, false, true],
    ["one that names nothing", receipt(""), false, true],
    ["nothing but a signature", signature, false, true],
    ["one of another name", `<ceb:X>${numbers}${status}</ceb:X>`, true, false],
    ["one of another name that names nothing", `<ceb:X>${status}</ceb:X>`, false, true],
    ["one that names nothing behind one that does", receipt(numbers) + longNumber, true, true],
    ["one that names its parcel, and a signature", receipt(numbers) + signature, true, false],
  ])("%s", async (_, inner, isDoubt, isTold) => {
    await sendDocuments(site, [waybill]);
    const message = whole(inner);
    expect(await send(message)).toBe(200);
    expect(await isHeld()).toBe(isDoubt);
    const expected = isTold ? { bytes: message.length } : null;
    expect(told()).toEqual(expected);
    expect(site.refused.list()).toMatchObject([{ isUnread: isTold }]);
    await site.crash();
    await open();
    expect([await isHeld(), told()]).toEqual([isDoubt, expected]);
  });

  test("broken as a whole, one that names nothing readable is told as well", async () => {
    expect(await send(whole(longNumber).replace('version="1.0"', ""))).toBe(422);
    expect(told()).not.toBeNull();
  });
});

describe("a message that is cut off on its way", () => {
  /** Says that it is longer than what comes of it. */
  const sendPart = (part: string, bytesSaid: number): Promise<void> =>
    sendRaw(["Content-Type: application/xml", `Content-Length: ${bytesSaid}`], part);

  test("is doubt about what it names as far as it came, is kept, and people are told", async () => {
    await sendDocuments(site, [waybill]);
    await sendPart(order, order.length + 500);
    expect(await isHeld()).toBe(true);
    expect(told()).toEqual({ bytes: order.length + 500 });
    expect(site.refused.list()).toMatchObject([
      { code: "badRequest", sender: "customs", bytesKept: order.length, isUnread: true, times: 1 },
    ]);
  });

  test("is told also where it ends before it names anything", async () => {
    await sendPart(order.slice(0, 90), order.length);
    expect(told()).toEqual({ bytes: order.length });
  });

  test("takes nothing, however whole it looks", async () => {
    const [declaration = ""] = documentsOf([waybill]).xmls;
    await sendPart(declaration, Buffer.byteLength(declaration) + 1);
    expect(site.centre.site.desk.counters()["messagesRead"]).toBeUndefined();
  });
});

describe("no alarm is raised", () => {
  test.each<[string, () => Promise<number>]>([
    ["nothing", () => send("")],
    ["white space", () => send(" \r\n".repeat(90))],
    ["less than a receipt", () => send("<nonsense/>")],
    [
      "a declaration that is refused",
      () => send(manifest.replace('version="1.0"', 'version="9.9"')),
    ],
    ["the same in an envelope", () => send(enveloped(base64(`${manifest}<`)))],
    ["the same, packed", () => send(gzipSync(manifest))],
    ...["213", "215", "507", "509", "605", "607", "701", "311", "411", "511", "621", "711"].map(
      (type): [string, () => Promise<number>] => [
        `a broken message ${type}, which enterprises send`,
        () => send(order.replaceAll("CEB604", `CEB${type}`).replaceAll("InventoryReturn", "X")),
      ],
    ),
  ])("by %s", async (_, sent) => {
    expect([400, 415, 422]).toContain(await sent());
    expect(told()).toBeNull();
    expect(site.refused.list().every(({ isUnread }) => isUnread === false)).toBe(true);
  });

  test("by one of eight hours ago after a restart", async () => {
    await send(zip(order));
    expect(told()).not.toBeNull();
    await site.crash();
    await open(7.9 * hourMs);
    expect(told()).not.toBeNull();
    await site.crash();
    await open(8 * hourMs);
    expect(told()).toBeNull();
  });
});

test("the same message again is told as long again, also after restarts", async () => {
  await send(zip(order));
  await send(base64(order), "text/plain");
  await site.crash();
  await open(7 * hourMs);
  await send(zip(order));
  await site.crash();
  await open(8.5 * hourMs);
  expect(told()).toEqual({ bytes: zip(order).length });
  expect(site.refused.list().map(({ times }) => times)).toEqual([1, 1]);
  await site.crash();
  await open(15.1 * hourMs);
  expect(told()).toBeNull();
});

test("a message that an earlier version kept is told by what is in it", async () => {
  const { bytesTotal } = await (async () => {
    await send(base64(order), "text/plain");
    return site.refused.list()[0]!;
  })();
  await send(manifest.replace('version="1.0"', 'version="9.9"'));
  await site.stop();
  const refused = join(folder, "refused");
  for (const name of await readdir(refused)) {
    const text = await readFile(join(refused, name), "latin1");
    await writeFile(join(refused, name), text.replace(/"isUnread":(?:true|false),/, ""), "latin1");
  }
  await open();
  expect(site.refused.list().map(({ isUnread }) => isUnread)).toEqual([undefined, undefined]);
  expect(told()).toEqual({ bytes: bytesTotal });
});

test("what unpacks to more than a message may hold is looked at no further", async () => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(8 * messageBytesMax, " ")));
  expect(await send(bomb)).toBe(415);
  expect(told()).toEqual({ bytes: bomb.length });
});
