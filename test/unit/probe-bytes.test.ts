/**
 * Goal: bytes that nobody can read tell a technician why: another baud rate, a parity bit, another end
 * of frames, another maker's setting; and what can be read is never called unreadable.
 * Method: what makers' devices send, built by their own rules, and put on a line of another rate.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isText,
  lacksStart,
  otherEnd,
  parityBit,
  settingsThatRead,
} from "../../edge/probe/bytes-seen.ts";
import { lineErrorsIn } from "../../edge/probe/line-errors.ts";
import { encodeScannerText } from "../../protocols/scanner/encoder.ts";
import { scannerPresets } from "../../protocols/scanner/presets.ts";
import { misread, withParity } from "../kit/uart.ts";

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
const sickRead = "\x02]C0RB123456785CN\x03";

describe("bytes of a serial line", () => {
  test.each(["even", "odd"] as const)("bear %s parity", (parity) => {
    expect(parityBit(withParity(sickRead, parity))).toBe(parity);
  });

  test("bear none where they are text, noise, or too few", () => {
    expect(parityBit(ascii(sickRead))).toBeNull();
    expect(parityBit(withParity("\x02A\x03", "even"))).toBeNull();
    const once = Uint8Array.from([0x81, 0x02, 0xff, 0x13, 0x77, 0xc1, 0x00, 0x9a, 0x3c]);
    expect(parityBit(once)).toBeNull();
  });

  test.each([
    [9_600, 38_400],
    [115_200, 9_600],
    [19_200, 9_600],
    [4_800, 9_600],
  ])("sent at %i baud are no text at %i", (sentBaud, readBaud) => {
    const { taken } = misread(ascii(sickRead.repeat(20)), { sentBaud, readBaud });
    expect(taken.length).toBeGreaterThan(0);
    expect(isText(taken)).toBe(false);
    expect(parityBit(taken)).toBeNull();
  });

  test("sent much more slowly than they are read are all damaged, so that nothing is handed on", () => {
    const rates = { sentBaud: 9_600, readBaud: 115_200 };
    const { taken, damagedTotal } = misread(ascii(sickRead), rates);
    expect(taken.length).toBe(0);
    expect(damagedTotal).toBeGreaterThan(sickRead.length);
  });

  test("are what was sent at the same rate", () => {
    const { taken, damagedTotal } = misread(ascii(sickRead), { sentBaud: 9_600, readBaud: 9_600 });
    expect(Buffer.from(taken).toString("latin1")).toBe(sickRead);
    expect(damagedTotal).toBe(0);
  });
});

describe("frames of a scanner", () => {
  test("that end otherwise show how", () => {
    expect(otherEnd(ascii("RB123456785CN\r"), ["0D0A"])).toBe("0D");
    expect(otherEnd(ascii("RB123456785CN\r\n"), ["03"])).toBe("0D0A");
    expect(otherEnd(ascii(sickRead), ["03"])).toBeNull();
    expect(otherEnd(ascii("RB123456785CN"), ["03"])).toBeNull();
    expect(lacksStart(ascii("RB123456785CN\x03"), "02")).toBe(true);
    expect(lacksStart(ascii(sickRead), "02")).toBe(false);
    expect(lacksStart(ascii("RB123456785CN\r"), null)).toBe(false);
  });

  test("name the settings that read them whole", () => {
    expect(settingsThatRead(ascii(sickRead))).toEqual(["sick"]);
    expect(settingsThatRead(ascii("]C0RB123456785CN\r"))).toEqual(["keyence", "honeywell"]);
    const ssi = Uint8Array.from([0x07, 0xf3, 0x00, 0x00, 0x03, 0x31, 0x32, 0xfe, 0xa0]);
    expect(settingsThatRead(ssi)).toEqual(["zebra-ssi"]);
    const colaB = encodeScannerText(scannerPresets["sick-cola-b"], "]C0RB123456785CN");
    expect(settingsThatRead(colaB)).toEqual(["sick-cola-b"]);
    expect(settingsThatRead(ascii("?".repeat(40)))).toEqual([]);
  });

  test("of any bytes: nothing is thrown, and a parity bit is told only of text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        settingsThatRead(bytes);
        if (parityBit(bytes) === null) return;
        expect(isText(bytes.map((byte) => byte & 0x7f))).toBe(true);
      }),
    );
  });
});

describe("counters of a port", () => {
  const kept = [
    "serinfo:1.0 driver revision:",
    "0: uart:16550A port:000003F8 irq:4 tx:12 rx:345 fe:3 pe:2 brk:1 RTS|DTR",
    "1: uart:16550A port:000002F8 irq:3 tx:0 rx:0",
    "11: uart:unknown port:00000000 irq:0",
  ].join("\n");

  test("DEV1-B12: are its framing errors, parity errors and breaks", () => {
    expect(lineErrorsIn(kept, 0)).toBe(6);
    expect(lineErrorsIn(kept, 1)).toBe(0);
    expect(lineErrorsIn(kept, 2)).toBeNull();
  });
});
