import { readFileSync } from "node:fs";
import { beltCount } from "../../protocols/units.ts";
import type { XrayTelegram } from "../../protocols/xray/telegrams.ts";

/** One telegram of each kind, under the number that it bears, as one parcel goes through. */
export const approvedTelegrams: readonly (readonly [string, XrayTelegram, number])[] = [
  ["LIFE of the line", { kind: "lineLife", session: 0, greeting: 1_234_567 }, 0],
  ["START", { kind: "start", session: 439_041_101, greeting: 1_234_567 }, 0],
  ["ACK of START", { kind: "ack" }, 0],
  [
    "LIFE of the machine",
    { kind: "machineLife", session: 439_041_101, lives: 7, state: "ready", beamOn: true },
    0,
  ],
  [
    "ANNOUNCE",
    {
      kind: "announce",
      track: 4_711,
      entryFromCount: beltCount(4_940),
      entryToCount: beltCount(5_060),
      lengthMm: 300,
    },
    1,
  ],
  [
    "ENTERED",
    { kind: "entered", itemSequence: 1, track: 4_711, entryCount: beltCount(5_000), lengthMm: 300 },
    1,
  ],
  ["LEFT", { kind: "left", itemSequence: 1, track: 4_711 }, 2],
  [
    "PICTURE",
    {
      kind: "picture",
      itemSequence: 1,
      track: 4_711,
      entryCount: beltCount(5_000),
      lengthMm: 300,
      widthPx: 2,
      heightPx: 1,
      planes: 2,
      pixelsCrc: 0x4268_3cc0,
    },
    3,
  ],
  ["PIECE", { kind: "piece", itemSequence: 1, from: 0, bytes: Uint8Array.of(2, 1, 255, 255) }, 4],
  [
    "VERDICT",
    {
      kind: "verdict",
      itemSequence: 1,
      track: 4_711,
      decision: "suspect",
      pixelsHash: "c98dbabf2fa1de86598aa6f5e04a9674457201f802dd6ac4902266e158598f61",
      algorithm: "lab",
      boxes: [{ x: 1, y: 0, width: 1, height: 1, label: "knife", confidence: 0.75 }],
    },
    6,
  ],
  ["NAK, damaged", { kind: "nak", why: "damaged" }, 6],
];

/** The same telegrams as bytes, as people have read and approved them. */
export function readApprovedBytes(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL("../fixtures/xray/telegrams.approved.txt", import.meta.url), {
    encoding: "utf8",
  });
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [name = "", bytes = ""] = line.split("|").map((part) => part.trim());
      return [name, bytes] as const;
    }),
  );
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16));
