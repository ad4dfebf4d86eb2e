/**
 * Goal: what a line is told and what it journals grows with its own parcels, not with the site's (law
 * 12). Method: the same parcels on each line of a site of one and of forty, in virtual time; the bytes
 * that go down and the bytes that are journalled, for each parcel.
 */
import { expect, it } from "vitest";
import { bytesAParcel } from "./reach.ts";

const ratioMax = 1.1;

it("law 12: forty lines cost each parcel what one line does", { timeout: 60_000 }, async () => {
  const [one, forty] = [await bytesAParcel(1), await bytesAParcel(40)];
  const ratios = { down: forty.down / one.down, journalled: forty.journalled / one.journalled };
  console.log(
    `bytes a parcel on one line: ${one.down.toFixed(0)} down, ${one.journalled.toFixed(0)} in the ` +
      `line's journal; 40 lines over 1: ${ratios.down.toFixed(3)} and ${ratios.journalled.toFixed(3)}`,
  );
  expect(ratios.down).toBeLessThan(ratioMax);
  expect(ratios.journalled).toBeLessThan(ratioMax);
});
