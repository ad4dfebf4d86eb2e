/**
 * Goal: pictures show what is inside to a person and to dual-energy colouring, and nothing else.
 * Method: known things are rendered, and attenuation, colour ratio, noise and outlines are measured
 * in the pixels; the algorithm's rates are counted over many pictures.
 */
import { describe, expect, test, vi } from "vitest";
import {
  createAlgorithm,
  defaultAlgorithm,
  type AlgorithmOptions,
} from "../../simulators/images/algorithm.ts";
import { colourXray } from "../../simulators/images/colour.ts";
import {
  footprintMm,
  forbiddenKinds,
  harmlessKinds,
  type ContentKind,
} from "../../simulators/world/contents.ts";
import { airReading } from "../../simulators/images/materials.ts";
import { createPooledPictures } from "../../simulators/images/pictures.ts";
import { createPreparedPictures } from "../../simulators/images/prepared-pictures.ts";
import { renderXray, type XrayPicture } from "../../simulators/images/render.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

const size = { widthPx: 240, heightPx: 160 };
const show = (items: readonly ContentKind[], seed = 1, given = size): XrayPicture =>
  renderXray([{ lengthMm: 320, contents: { seed, wrapping: "bag", widthMm: 220, items } }], given);

/** Mean attenuations inside the middle of a thing's outline. */
function attenuationOf(picture: XrayPicture, index = 0) {
  const thing = picture.things[index]!;
  let low = 0;
  let high = 0;
  let count = 0;
  for (let y = thing.y; y < thing.y + thing.height; y += 1) {
    for (let x = thing.x; x < thing.x + thing.width; x += 1) {
      low += Math.max(0, -Math.log(picture.low[y * picture.widthPx + x]! / airReading));
      high += Math.max(0, -Math.log(picture.high[y * picture.widthPx + x]! / airReading));
      count += 1;
    }
  }
  return { low: low / count, high: high / count, ratio: low / high };
}

describe("an X-ray picture", () => {
  test("has the asked size in both planes, and is reproduced by its seed", () => {
    const picture = show(["clothes"]);
    expect(picture.low).toHaveLength(240 * 160);
    expect(picture.high).toHaveLength(240 * 160);
    expect(show(["clothes"])).toEqual(picture);
    expect(show(["clothes"], 2).low).not.toEqual(picture.low);
  });

  test("is bright where only air is, with the noise of counted photons", () => {
    const { low } = show(["phone"]);
    const corner = Array.from(low.subarray(0, 40));
    const mean = corner.reduce((sum, value) => sum + value, 0) / corner.length;
    expect(mean / airReading).toBeGreaterThan(0.98);
    expect(new Set(corner).size).toBeGreaterThan(10);
    expect(Math.max(...corner) - Math.min(...corner)).toBeLessThan(airReading * 0.1);
  });

  test("tells organic, mixed and metal apart by the ratio of the energies", () => {
    expect(attenuationOf(show(["book"])).ratio).toBeLessThan(1.3);
    const mixed = attenuationOf(show(["tableware"])).ratio;
    expect(mixed).toBeGreaterThan(1.35);
    expect(mixed).toBeLessThan(1.65);
    expect(attenuationOf(show(["knife"])).ratio).toBeGreaterThan(1.75);
  });

  test.each([...harmlessKinds, ...forbiddenKinds])("shows %s inside its outline", (kind) => {
    const picture = show([kind]);
    const empty = show([]);
    const outline = picture.things[0]!;
    const { low } = attenuationOf(picture);
    expect(low).toBeGreaterThan(attenuationOf({ ...empty, things: [outline] }).low + 0.03);
    expect(outline.x + outline.width).toBeLessThanOrEqual(picture.widthPx);
    expect(outline.y + outline.height).toBeLessThanOrEqual(picture.heightPx);
    expect(footprintMm[kind][0]).toBeLessThanOrEqual(300);
  });

  test("small ones keep materials though not shapes", () => {
    const small = { widthPx: 48, heightPx: 32 };
    expect(attenuationOf(show(["book"], 1, small)).ratio).toBeLessThan(1.3);
    expect(attenuationOf(show(["pistol"], 1, small)).ratio).toBeGreaterThan(1.6);
  });

  test("colours organic orange, mixed green and metal blue", () => {
    const strongest = (kind: ContentKind): string => {
      const picture = show([kind]);
      const rgba = colourXray(picture);
      const sums = [0, 0, 0];
      const { x, y, width, height } = picture.things[0]!;
      for (let row = y; row < y + height; row += 1) {
        for (let column = x; column < x + width; column += 1) {
          for (const channel of [0, 1, 2]) {
            sums[channel]! += rgba[(row * picture.widthPx + column) * 4 + channel]!;
          }
        }
      }
      return ["red", "green", "blue"][sums.indexOf(Math.max(...sums))]!;
    };
    expect(strongest("book")).toBe("red");
    expect(strongest("tableware")).toBe("green");
    expect(strongest("knife")).not.toBe("green");
  });

  test("of two touching parcels shows both, side by side", () => {
    const one = { lengthMm: 250, contents: { seed: 1, wrapping: "carton", widthMm: 180 } } as const;
    const picture = renderXray(
      [
        { ...one, contents: { ...one.contents, items: ["book"] } },
        { ...one, contents: { ...one.contents, items: ["pistol"] } },
      ],
      size,
    );
    const [book, pistol] = picture.things;
    expect(book!.x).toBeLessThan(120);
    expect(pistol!.x + pistol!.width).toBeGreaterThan(120);
  });

  test("is drawn once for all parcels with the same contents where they are pooled", () => {
    const pictures = createPooledPictures({ widthPx: 24, heightPx: 16 });
    const item = (seed: number) => ({
      lengthMm: 300,
      contents: { seed, wrapping: "bag", widthMm: 200, items: ["book"] } as const,
    });
    const [one, other] = [pictures([item(1)]), pictures([item(2)])];
    expect(one.low).toBe(other.low);
    // But for the noise that tells two pictures of a detector apart.
    const differing = one.high.filter((value, at) => value !== other.high[at]);
    expect(differing.length).toBeGreaterThan(0);
    expect(differing.length).toBeLessThanOrEqual(32);
  });
});

describe("prepared pictures", () => {
  const item = {
    lengthMm: 300,
    contents: { seed: 4, wrapping: "bag", widthMm: 200, items: ["phone"] },
  } as const;

  test("are the same as those drawn when they are taken, and taken once", async () => {
    const pictures = createPreparedPictures(size, (error) => {
      throw error;
    });
    try {
      pictures.prepare(item);
      await vi.waitFor(() => expect(pictures.readyCount()).toBe(1), { timeout: 10_000 });
      const prepared = pictures.take([item]);
      expect(pictures.readyCount()).toBe(0);
      expect(prepared).toEqual(renderXray([item], size));
      expect(pictures.take([item])).toEqual(prepared);
      expect(pictures.take([item, item]).things).toHaveLength(2);
    } finally {
      await pictures.close();
    }
  });
});

describe("the algorithm", () => {
  const harmless = show(["book"]);
  const armed = show(["clothes", "pistol"]);
  const answers = (picture: XrayPicture, given: Partial<AlgorithmOptions> = {}, count = 4_000) => {
    const judge = createAlgorithm(
      { ...defaultAlgorithm, ...given },
      createSeededEntropy(1, "algorithm"),
    );
    return Array.from({ length: count }, () => judge(picture));
  };
  const shareOf = (given: readonly { verdict: string }[], verdict: string) =>
    given.filter((answer) => answer.verdict === verdict).length / given.length;

  test("finds forbidden things at its rate", () => {
    expect(shareOf(answers(armed, { unknown: 0, falseAlarm: 0 }), "suspect")).toBeCloseTo(0.92, 1);
    expect(shareOf(answers(armed, { unknown: 0, falseAlarm: 0, detection: 1 }), "suspect")).toBe(1);
  });

  test("calls harmless ones clear but for its false alarms and its doubts", () => {
    const given = answers(harmless);
    expect(shareOf(given, "suspect")).toBeCloseTo(0.04, 1);
    expect(shareOf(given, "unknown")).toBeCloseTo(0.01, 1);
    expect(shareOf(answers(harmless, { unknown: 1 }), "unknown")).toBe(1);
  });

  test("boxes what it found, inside the picture", () => {
    const suspect = answers(armed, { detection: 1, unknown: 0 }, 200);
    const pistol = armed.things.find((thing) => thing.kind === "pistol")!;
    for (const { boxes } of suspect) {
      expect(boxes).toHaveLength(1);
      const [box] = boxes;
      expect(Math.abs(box!.x - pistol.x)).toBeLessThan(pistol.width * 0.1 + 2);
      expect(box!.x + box!.width).toBeLessThanOrEqual(armed.widthPx);
      expect(box!.y + box!.height).toBeLessThanOrEqual(armed.heightPx);
    }
  });

  test("takes its time: the asked median, never none", () => {
    const times = answers(harmless).map((answer) => answer.latencyMs);
    times.sort((a, b) => a - b);
    expect(times[2_000]).toBeGreaterThan(320);
    expect(times[2_000]).toBeLessThan(380);
    expect(times[0]).toBeGreaterThan(50);
    expect(times[3_999]).toBeLessThan(3_000);
  });
});
