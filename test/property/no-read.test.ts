/**
 * Goal: whatever a reader writes when it has seen no code, no parcel gets it as its number.
 * Method: the known words, spelt, framed and dressed up in any way, through every preset's dialect
 * and through our own messages, into rules that take any text for a waybill.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { framesCarriers } from "../../edge/devices/scanner/frames.ts";
import { scannerJsonCarriers } from "../../edge/devices/scanner/sortline-json.ts";
import type { ScannerHeard } from "../../edge/devices/scanner/heard.ts";
import type { Wire } from "../../edge/devices/wire.ts";
import { withoutControls } from "../../protocols/barcode/scanned-code.ts";
import { waybillOf } from "../../protocols/barcode/waybill.ts";
import { encodeJson } from "../../protocols/json-message.ts";
import { encodeScannerText } from "../../protocols/scanner/encoder.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import { scannerPresets } from "../../protocols/scanner/presets.ts";
import { sent, type ByteLinkHandlers } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createMemoryBroker } from "../../simulators/wires/memory-bus.ts";

const words = [
  "NOREAD|NO READ|NO-READ|No_Read|NO  READ|not read|unread|BAD READ|NO CODE|no barcode",
  "ERROR|Error 100|ERR|ERR91|OVER|NC|N/A|FAIL|FAILED|NG|TIMEOUT|NULL|none|MULTIREAD",
  "?|??|????|*|***|-----|#|0|0000|0000000000000|99999999|XXXX|\uff2e\uff2f\uff32\uff25\uff21\uff24",
].flatMap((some) => some.split("|"));
/** What stands right around a word, and what a reader puts around all of it. */
const marks = ["<>", "[]", "()", "**", '""', "--", "  "] as const;
const outsides = [
  ["", ""],
  ["\x1d", ""],
  ["\x02", "\x03"],
  ["]C0", ""],
  ["\x1d]C1", "\x1d"],
  ["", "\x18"],
  ["\x18", ""],
  ["", ":100"],
  ["  ", "  "],
  ["\x0b", "\x0b"],
] as const;
const noRead = fc
  .tuple(
    fc.constantFrom(...words),
    fc.boolean(),
    fc.constantFrom("", ...marks),
    fc.constantFrom(...outsides),
  )
  .map(([word, isLower, [open = "", close = ""], [before, behind]]) => {
    const spelt = isLower ? word.toLowerCase() : word;
    return `${before}${open}${spelt}${close}${behind}`;
  });
const anything = { carriers: ["s10", "sscc", { carrier: "any", pattern: "[0-9A-Za-z-]+" }] };

const bearsNoNumber = (heard: readonly ScannerHeard[]): void => {
  for (const each of heard) {
    if (each.kind !== "read") continue;
    expect(waybillOf(each.codes, anything)).toEqual({ kind: "none" });
  }
};

const listen = (wire: Wire<ScannerHeard, never> | undefined): ScannerHeard[] => {
  const heard: ScannerHeard[] = [];
  wire?.open({
    onState() {},
    onMessage: (message) => heard.push(message),
    onAdvice() {},
    onDropped() {},
    onSendFailed() {},
  });
  return heard;
};

const presets = Object.entries(scannerPresets) as [string, ScannerFormat][];

describe.each(presets)("law 2: as frames of %s", (_name, preset) => {
  it.each(["latin1", "utf8"] as const)("in %s", (encoding) => {
    const format = { ...preset, encoding };
    fc.assert(
      fc.property(fc.array(noRead, { minLength: 1, maxLength: 3 }), (texts) => {
        let handlers: ByteLinkHandlers | null = null;
        const open = (given: ByteLinkHandlers): void => void (handlers = given);
        const link = { open, write: () => sent, close: async () => {} };
        const heard = listen(framesCarriers(format).bytes?.(link, createVirtualClock(), "reader"));
        const { codeSeparator } = format;
        const text = codeSeparator === null ? (texts[0] ?? "") : texts.join(codeSeparator);
        (handlers as ByteLinkHandlers | null)?.onBytes(encodeScannerText(format, text));
        expect(heard.length).toBeGreaterThan(0);
        bearsNoNumber(heard);
      }),
    );
  });
});

it("law 2: as messages", () => {
  fc.assert(
    fc.property(noRead, (text) => {
      const clock = createVirtualClock();
      const broker = createMemoryBroker({ clock, latencyMs: () => 1 });
      const topics = { bus: broker.connect(), base: "scan" };
      const heard = listen(scannerJsonCarriers.messages?.(topics, clock));
      const device = broker.connect();
      clock.runFor(10);
      const message = { seq: 1, codes: [{ text: withoutControls(text), aim: null }] };
      device.publish("scan/read", encodeJson(message), { qos: 0 });
      clock.runFor(10);
      expect(heard).toEqual([{ kind: "read", codes: [], proof: {} }]);
      bearsNoNumber(heard);
    }),
  );
});
