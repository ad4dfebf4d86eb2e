// Goal: a document desk that is full takes nothing new and says so, loses nothing that it has taken,
// and still decides everything that it holds. Method: a desk with room for few manifests, all
// released, a year later and after a restart; a line's copy of what it holds.
import { expect, test } from "vitest";
import { applyClearance, emptyClearanceMirror, lookup } from "../../edge/line/clearance-mirror.ts";
import { person, sender } from "../../protocols/actor.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { manifestReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost } from "../kit/customs-post.ts";
import { documentsOf, later, startAt, testConfig } from "./clearance-kit.ts";

const roomFor = 6;
const waybills = Array.from({ length: roomFor }, (_, index) => `GR000${index}`);
const late = documentsOf("GR9999");
const entropy = createSeededEntropy(8, "fills-up");

/** A desk that holds as many as it may; all but the last have left through green. */
function fullPost(): CustomsPost {
  const post = new CustomsPost(testConfig({ documentsMax: roomFor }));
  post.desk.start();
  for (const waybill of waybills) {
    expect(post.desk.isFull()).toBe(false);
    post.take(documentsOf(waybill));
  }
  for (const waybill of waybills.slice(0, -1)) {
    const recordVersion = post.recordOf(waybill).version;
    const release = { waybill, lineId: "L1", passId: `P${waybill}`, decidedAt: startAt };
    post.desk.applyRelease({ ...release, recordVersion }, sender("L1", "line"));
  }
  return post;
}

test("case site-fills-up: the next manifest is refused by name, and the desk says that it is full", () => {
  const post = fullPost();
  expect(post.desk.isFull()).toBe(true);
  for (const document of [late.order, late.receipt, late.waybill, late.manifest]) {
    expect(post.send(document)).toMatchObject({
      accepted: false,
      code: "storeFull",
      reason: expect.stringMatching(/holds 6 .*, the most allowed/) as string,
    });
  }
  expect(post.desk.isKnown("GR9999")).toBe(false);
  const by = sender(late.acceptance.carrierCode, "http");
  expect(post.desk.takeAcceptance(late.acceptance, by)).toMatchObject({ outcome: "parked" });
});

test("case site-fills-up: nothing that was taken is lost, a year later and after a restart", () => {
  const post = fullPost();
  const held = waybills.map((waybill) => post.recordOf(waybill));
  for (let day = 0; day < 400; day += 1) {
    post.clock.stepWall(86_400_000);
    post.clock.runFor(1_500);
  }
  for (const each of [post, post.restarted()]) {
    expect(each.desk.recordsTotal()).toBe(roomFor);
    for (const [index, waybill] of waybills.entries()) {
      const version = expect.any(Number) as number;
      expect(each.recordOf(waybill)).toEqual({ ...held[index], version });
    }
    expect(each.desk.isFull()).toBe(true);
  }
});

test("case site-fills-up: what is held is still decided, by customs and by officers", () => {
  const post = fullPost();
  const [first = "", last = ""] = [waybills[0], waybills.at(-1)];
  const { manifest } = documentsOf(last);
  expect(post.isReleasable(last)).toBe(true);
  post.send(manifestReturn(manifest, { status: 500, at: later(1) }, entropy));
  expect(post.codesOf(last)).toEqual(["inspectionOrdered"]);
  const act = { act: "inspectionResult", actId: "I1", waybill: last, note: "" };
  const result = { ...act, by: person("O2", "inspector", "S2"), result: "NO_ERROR" };
  expect(post.desk.takeOfficerAct(result)).toMatchObject({ accepted: true });
  expect(post.isReleasable(last)).toBe(true);
  const by = person("O1", "officer", "S1");
  post.desk.placeControl({ controlId: "C1", waybill: first, reason: "risk", by });
  expect(post.codesOf(first)).toContain("manualControl");
});

test("case site-fills-up: a line holds what a full desk tells, and nothing of what was refused", () => {
  const post = fullPost();
  post.send(late.manifest);
  const records = waybills.map((waybill) => post.recordOf(waybill));
  const mirror = emptyClearanceMirror();
  const [stream, at] = ["s", monotonicMs(1)];
  const claimOn = (waybill: string) => ({ passId: `p-${waybill}`, waybill });
  const claims = records.map((record) => ({ ...claimOn(record.waybill), record }));
  const claimsTotal = claims.length;
  applyClearance(mirror, { kind: "snapshotBegin", stream, seq: 0, claimsTotal }, at);
  applyClearance(mirror, { kind: "snapshotPart", stream, seq: 1, claims }, at);
  const heardAt = Number.MAX_SAFE_INTEGER;
  applyClearance(mirror, { kind: "snapshotEnd", stream, seq: 2, leaseMs: 5_000, heardAt }, at);
  for (const waybill of waybills) {
    expect(lookup(mirror, claimOn(waybill), at)).toMatchObject({
      record: post.recordOf(waybill),
      isLeaseRunning: true,
    });
  }
  expect(lookup(mirror, claimOn("GR9999"), at).record).toBeNull();
});
