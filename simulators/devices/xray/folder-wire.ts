import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isMissing } from "../../../protocols/file-reason.ts";
import { decodeJson } from "../../../protocols/json-message.ts";
import type { Clock } from "../../../protocols/time.ts";
import { beltCount } from "../../../protocols/units.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { putFile } from "../put-file.ts";
import { startTicker } from "../ticker.ts";
import { encodeDicosImage, encodeDicosVerdict } from "./dicos-files.ts";
import type { XrayWire } from "./wire.ts";

/** As the line writes it; the machine needs no more of it. */
const zAnnounced = z.object({ track: z.number().int().min(1), lengthMm: z.number().min(1) });
const announcedBytesMax = 1_024;
const readEveryMs = 20;
const imagesMax = 64;

export interface XrayFolders {
  /** The machine's files go there. */
  readonly from: string;
  /** There it is told what comes next. */
  readonly to: string;
  readonly clock: Clock;
  readonly onNotPut: (why: string) => void;
}

/**
 * A machine that puts DICOS files into a folder, renamed into place, and reads in another the number
 * of the parcel that comes next, which it knows the parcel by. It has no word for anything but
 * pictures and verdicts. Makes both folders.
 */
export function createXrayFolderWire({ from, to, clock, onNotPut }: XrayFolders): XrayWire {
  let isOn = true;
  let filesTotal = 0;
  let announcedText = "";
  let heard: ((announcement: XrayAnnounce) => void) | null = null;
  const imageUids = new Map<string, string>();
  for (const folder of [from, to]) mkdirSync(folder, { recursive: true });

  const readAnnounced = (): void => {
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(to, "announced.json"));
    } catch (error) {
      // Nothing has been announced yet.
      if (isMissing(error)) return;
      throw error;
    }
    const text = bytes.toString("latin1");
    if (!isOn || heard === null || text === announcedText) return;
    announcedText = text;
    const decoded = decodeJson(zAnnounced, bytes, announcedBytesMax);
    if (decoded.kind === "invalid") return;
    const { track, lengthMm } = decoded.value;
    const [entryFromCount, entryToCount] = [beltCount(0), beltCount(0)];
    heard({ passId: String(track), entryFromCount, entryToCount, lengthMm });
  };
  const stopReading = startTicker(clock, readEveryMs, readAnnounced);

  const put = (bytes: Buffer, isHalf: boolean): void => {
    if (!isOn) return;
    filesTotal += 1;
    const name = `${String(filesTotal).padStart(6, "0")}.dcs`;
    const why = putFile(from, name, isHalf ? bytes.subarray(0, bytes.length >> 1) : bytes);
    if (why !== null) onNotPut(why);
  };

  /** An instance of a machine that nobody has registered (PS3.5, B.2). */
  const uidOf = (): string => `2.25.${clock.wall()}${filesTotal}`;

  return {
    say(said, isBroken) {
      if (said.kind !== "verdict") return;
      const { passId: track, verdict, algorithm, imageHash } = said;
      const imageUid = imageUids.get(imageHash) ?? "2.25.1";
      put(encodeDicosVerdict({ track, uid: uidOf(), verdict, algorithm, imageUid }), isBroken);
    },
    show({ header: { passId: track, widthPx, heightPx }, highEnergy: plane }, isCut) {
      const uid = uidOf();
      const bytes = encodeDicosImage({ track, uid, widthPx, heightPx, plane });
      put(bytes, isCut);
      const imageHash = createHash("sha256").update(bytes).digest("hex");
      imageUids.set(imageHash, uid);
      const [oldest] = imageUids.keys();
      if (imageUids.size > imagesMax && oldest !== undefined) imageUids.delete(oldest);
      return imageHash;
    },
    onAnnounce(handler) {
      heard = handler;
    },
    // A folder does not tell who looks into it.
    onLineLost() {},
    setPower(next) {
      isOn = next;
    },
    restart() {},
    async close() {
      stopReading();
    },
  };
}
