/**
 * Goal: what speaks against an image is told of whoever has that image, under whatever number it was
 * said, and whichever of the two comes first (law 2). Method: the X-ray's driver, and a wire by hand.
 */
import { expect, it } from "vitest";
import { createXrayByHand } from "../kit/xray-by-hand.ts";

function machine() {
  const { told, say } = createXrayByHand();
  return {
    image: (passId: string, itemSequence: number, imageHash: string): void => {
      say({ kind: "item", passId, itemSequence, lengthMm: 300 });
      const bytes = new Uint8Array();
      say({ kind: "image", passId, itemSequence, imageHash, pictureHash: imageHash, bytes });
    },
    verdict: (
      passId: string,
      itemSequence: number,
      imageHash: string,
      verdict: "suspect" | "clear" = "suspect",
    ) =>
      say({ kind: "verdict", passId, itemSequence, imageHash, verdict, boxes: [], algorithm: "a" }),
    verdicts: () =>
      told.flatMap((event) =>
        event.kind === "verdict" ? [`${event.passId} ${event.imageHash} ${event.verdict}`] : [],
      ),
  };
}

it("said before the image has come, it is told again behind the image, under the image's own number", () => {
  const { image, verdict, verdicts } = machine();
  image("a", 1, "one");
  verdict("a", 1, "two");
  image("b", 2, "two");
  verdict("b", 2, "two", "clear");
  expect(verdicts()).toEqual(["a two suspect", "b two suspect", "b two clear"]);
});

it("a clear one is told once, and of its own number alone", () => {
  const { image, verdict, verdicts } = machine();
  verdict("a", 1, "two", "clear");
  image("a", 1, "one");
  image("b", 2, "two");
  expect(verdicts()).toEqual(["a two clear"]);
});

it("so many are remembered, and no more", () => {
  const { image, verdict, verdicts } = machine();
  image("a", 1, "one");
  for (let number = 0; number < 65; number += 1) verdict("a", 1, `image-${number}`);
  const before = verdicts().length;
  image("b", 2, "image-0");
  image("c", 3, "image-1");
  expect(verdicts().slice(before)).toEqual(["c image-1 suspect"]);
});
