/**
 * Goal: an image message is whole or refused by name; nothing of a broken one is ever shown.
 * Method: one approved message in bytes, and each way of breaking it.
 */
import { crc32 as nodeCrc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../protocols/crc32.ts";
import {
  checkXrayImage,
  decodeXrayImage,
  encodeXrayImage,
  xrayImageBytesMax,
} from "../../protocols/xray/xray-image.ts";

const header = { passId: "p1", itemSequence: 7, widthPx: 2, heightPx: 1 };
const planes = {
  highEnergy: Uint16Array.from([0x0102, 0xffff]),
  lowEnergy: Uint16Array.from([0, 0x8000]),
};
const message = () => encodeXrayImage(header, planes)!;
/** The same bytes with the checksum made right again, so that another rule must catch them. */
const sealed = (bytes: Uint8Array) => {
  new DataView(bytes.buffer).setUint32(8, nodeCrc32(bytes.subarray(12)), true);
  return bytes;
};

describe("the approved message", () => {
  it("is these bytes", () => {
    const json = '{"passId":"p1","itemSequence":7,"widthPx":2,"heightPx":1}';
    const pixels = Buffer.from("0201ffff00000080", "hex");
    const body = Buffer.concat([Buffer.from(json), pixels]);
    const head = Buffer.from("534c58490100390000000000", "hex");
    head.writeUInt32LE(nodeCrc32(body), 8);
    expect(json).toHaveLength(0x39);
    expect(Buffer.from(message())).toEqual(Buffer.concat([head, body]));
  });

  it("of one energy lacks the second plane, and comes back without it", () => {
    const one = { header: { ...header, planes: 1 as const }, highEnergy: planes.highEnergy };
    const bytes = encodeXrayImage(one.header, { ...one, lowEnergy: null })!;
    expect(bytes).toHaveLength(12 + JSON.stringify(one.header).length + 4);
    expect(decodeXrayImage(bytes)).toEqual({ kind: "ok", ...one, lowEnergy: null });
    expect(encodeXrayImage(one.header, planes)).toBeNull();
    expect(encodeXrayImage(header, { ...planes, lowEnergy: null })).toBeNull();
  });

  it("comes back as it went, from any place in a buffer", () => {
    const shifted = new Uint8Array(message().length + 3);
    shifted.set(message(), 3);
    expect(decodeXrayImage(shifted.subarray(3))).toEqual({ kind: "ok", header, ...planes });
  });
});

describe("refusals", () => {
  const changed = (change: (bytes: Uint8Array) => void) => {
    const bytes = message();
    change(bytes);
    return bytes;
  };
  it.each([
    ["nothing", new Uint8Array(0), /0 bytes are too few/],
    ["11 bytes", message().slice(0, 11), /11 bytes are too few/],
    ["another magic", changed((bytes) => (bytes[0] = 0x00)), /not an image message/],
    ["another version", changed((bytes) => (bytes[4] = 2)), /version 2/],
    ["a header longer than allowed", changed((bytes) => (bytes[7] = 0x40)), /header of \d+ bytes/],
    ["a header longer than the message", changed((bytes) => (bytes[6] = 0xff)), /cut within/],
    ["a header that is not JSON", sealed(changed((bytes) => (bytes[12] = 0x5b))), /header .*JSON/],
    ["one byte less", message().slice(0, -1), /73 bytes|76 bytes instead of 77/],
    ["one byte more", Uint8Array.from([...message(), 0]), /78 bytes instead of 77/],
    ["a changed pixel", changed((bytes) => (bytes[76] = 0x81)), /checksum/],
    ["a changed pass", changed((bytes) => (bytes[23] = 0x71)), /checksum/],
    ["too many bytes", new Uint8Array(xrayImageBytesMax + 1), /too many/],
  ])("%s", (_name, bytes, why) => {
    const checked = checkXrayImage(bytes);
    expect(checked).toMatchObject({ kind: "invalid" });
    expect(checked.kind === "invalid" && checked.why).toMatch(why);
  });

  it("names the field of a header that lacks one or has one too many", () => {
    const withJson = (json: string) => {
      const text = new TextEncoder().encode(json);
      const bytes = new Uint8Array(12 + text.length + 8);
      bytes.set(message().subarray(0, 8));
      bytes[6] = text.length;
      bytes.set(text, 12);
      return checkXrayImage(sealed(bytes));
    };
    expect(withJson('{"passId":null,"itemSequence":7,"widthPx":2}')).toMatchObject({
      why: expect.stringMatching(/heightPx/),
    });
    expect(
      withJson('{"passId":null,"itemSequence":7,"widthPx":2,"heightPx":1,"waybill":"x"}'),
    ).toMatchObject({ why: expect.stringMatching(/waybill/) });
  });

  it("planes of another size, or an image over the limit, cannot be encoded", () => {
    expect(encodeXrayImage({ ...header, widthPx: 3 }, planes)).toBeNull();
    const side = 2_100;
    const plane = new Uint16Array(side * side);
    const large = { ...header, widthPx: side, heightPx: side };
    expect(encodeXrayImage(large, { highEnergy: plane, lowEnergy: plane })).toBeNull();
  });
});

it("CRC-32 is the usual one, at every length", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  const bytes = Uint8Array.from({ length: 100 }, (_, at) => (at * 37) % 256);
  for (let length = 0; length <= bytes.length; length += 1) {
    expect(crc32(bytes.subarray(0, length))).toBe(nodeCrc32(bytes.subarray(0, length)));
  }
});
