import { encodeXrayImage } from "../../protocols/xray/xray-image.ts";
import type { ImageBox } from "../../protocols/verdicts.ts";
import { renderXray } from "../../simulators/images/render.ts";
import { isForbidden, type TrueContents } from "../../simulators/world/contents.ts";
import { imageKeyOf, imagesTotal, stillKeyOf, waybillOf } from "../../control-ui/fixtures/site.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";

/** As the lab's algorithm calls them. */
const labels: Readonly<Record<string, string>> = {
  lithiumPack: "battery",
  seeds: "seeds",
  knife: "blade",
};

const size = { widthPx: 960, heightPx: 640 };

/** In the order of `declarations`: what truly is in each parcel. */
const contents: readonly TrueContents["items"][] = [
  ["toyCar", "toyCar", "book"],
  ["phone", "charger", "lithiumPack"],
  ["tea", "seeds"],
  ["clothes", "shoes"],
  ["tableware", "knife"],
];

export interface FixtureImage {
  readonly bytes: Uint8Array;
  readonly boxes: readonly ImageBox[];
}

/** The lab's own pictures, by the key under which the fixture scene names them. */
export function fixtureImages(): ReadonlyMap<string, FixtureImage> {
  return new Map(
    Array.from({ length: imagesTotal }, (_, index) => [imageKeyOf(index), imageOf(index)]),
  );
}

function imageOf(index: number): FixtureImage {
  const inBeam = {
    lengthMm: 360,
    contents: {
      seed: 40 + index,
      wrapping: index % 2 === 0 ? ("carton" as const) : ("bag" as const),
      widthMm: 250,
      items: contents[index] ?? [],
    },
  };
  const picture = renderXray([inBeam], size);
  const header = { passId: null, itemSequence: index + 1, ...size };
  const planes = { highEnergy: picture.high, lowEnergy: picture.low };
  const bytes = encodeXrayImage(header, planes);
  if (bytes === null) throw new Error("the fixture image does not fit its format");
  const marked = picture.things.filter(({ kind }) => isForbidden(kind));
  const boxes = (marked.length > 0 ? marked : picture.things.slice(0, 1)).map((thing) => ({
    x: Math.max(0, Math.round(thing.x)),
    y: Math.max(0, Math.round(thing.y)),
    width: Math.max(1, Math.round(thing.width)),
    height: Math.max(1, Math.round(thing.height)),
    label: labels[thing.kind] ?? "unclear",
    confidence: 0.87,
  }));
  return { bytes, boxes };
}

/** What a camera above the belt has taken of them, by the key under which the fixture's stories name it. */
export const fixtureStills = (): ReadonlyMap<string, Uint8Array> =>
  new Map(
    Array.from({ length: imagesTotal }, (_, index) => [
      stillKeyOf(index),
      drawStill({ label: waybillOf(index), number: index + 1 }),
    ]),
  );
