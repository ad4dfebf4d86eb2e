import type { LineEventBody } from "../../../edge/line/events.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import { sent, type Sending } from "../../../protocols/transport.ts";
import { beltCount, monotonicMs, type BeltCount } from "../../../protocols/units.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { createAlgorithm, type AlgorithmOptions } from "../../../simulators/images/algorithm.ts";
import type { XrayPicture } from "../../../simulators/images/render.ts";
import type { TrueContents } from "../../../simulators/world/contents.ts";
import type { ScannedBody, XraySide } from "../../../simulators/world/ports.ts";

/** What may be wrong with it; all off at first. */
export interface DayXrayFaults {
  losesImages: boolean;
  losesVerdicts: boolean;
  verdictLateByMs: number;
}

/** An X-ray without pictures: a number stands for each image, the algorithm's rates for its eyes. */
export interface DayXray extends XraySide {
  announce(announcement: XrayAnnounce): Sending;
  readonly faults: DayXrayFaults;
}

export interface DayXrayOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly algorithm: AlgorithmOptions;
  readonly hear: (event: LineEventBody) => void;
  readonly onImage: (imageHash: string, contents: readonly TrueContents[]) => void;
  readonly onVerdict: (imageHash: string, verdict: string) => void;
}

interface Item {
  readonly passId: string | null;
  readonly itemSequence: number;
  readonly entryCount: BeltCount;
  readonly lengthMm: number;
}

/** From the beam to the stored image. */
const imageMs = 30;

export function createDayXray(options: DayXrayOptions): DayXray {
  const { clock, hear } = options;
  const judge = createAlgorithm(options.algorithm, options.entropy);
  const faults: DayXrayFaults = { losesImages: false, losesVerdicts: false, verdictLateByMs: 0 };
  let announced: XrayAnnounce[] = [];
  const inTunnel: Item[] = [];
  let itemSequence = 0;

  const later = (ms: number, act: () => void): void =>
    void clock.schedule(monotonicMs(clock.monotonic() + ms), act);

  const passAt = (count: number): string | null => {
    const match = announced.find(
      ({ entryFromCount, entryToCount }) => entryFromCount <= count && count <= entryToCount,
    );
    announced = announced.filter((each) => each !== match && each.entryToCount >= count);
    return match?.passId ?? null;
  };

  const answer = (item: Item, bodies: readonly ScannedBody[]): void => {
    const imageHash = item.itemSequence.toString(16).padStart(64, "0");
    options.onImage(
      imageHash,
      bodies.map(({ contents }) => contents),
    );
    if (faults.losesImages) return;
    later(imageMs, () => hear({ kind: "xrayImage", ...item, imageHash, pictureHash: imageHash }));
    const { verdict, boxes, latencyMs } = judge(sketchOf(bodies));
    if (faults.losesVerdicts) return;
    later(imageMs + latencyMs + faults.verdictLateByMs, () => {
      options.onVerdict(imageHash, verdict);
      const { passId, itemSequence: number } = item;
      const said = {
        passId,
        itemSequence: number,
        imageHash,
        verdict,
        boxes: [...boxes],
        algorithm: "day",
      };
      hear({ kind: "xrayVerdict", verdict: said });
    });
  };

  return {
    faults,
    announce(announcement) {
      announced.push(announcement);
      return sent;
    },
    itemEntered() {},
    itemCleared(count, lengthMm) {
      itemSequence += 1;
      const item = {
        passId: passAt(count),
        itemSequence,
        entryCount: beltCount(count),
        lengthMm,
      };
      inTunnel.push(item);
      hear({ kind: "xrayItem", item });
    },
    itemScanned(bodies) {
      const item = inTunnel.shift();
      if (item !== undefined) answer(item, bodies);
    },
  };
}

const nothing = new Uint16Array(0);

/** What an algorithm would find in the picture, without the picture. */
const sketchOf = (bodies: readonly ScannedBody[]): XrayPicture => ({
  widthPx: 100,
  heightPx: 100,
  low: nothing,
  high: nothing,
  things: bodies.flatMap(({ contents }) =>
    contents.items.map((kind) => ({ kind, x: 40, y: 40, width: 20, height: 20 })),
  ),
});
