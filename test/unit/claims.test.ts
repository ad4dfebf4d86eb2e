// Goal: one pass alone holds a waybill, site-wide (law 1). Method: every refusal by its own
// case, and the end of each kind of claim; the property test has the rest.
import { describe, expect, test } from "vitest";
import {
  contestClaim,
  endPass,
  isContested,
  judgeClaim,
  leaveUnsettled,
  noClaims,
  noteAsked,
  openClaim,
  unsettledPassesOf,
  type ClaimRequest,
} from "../../edge/centre/claims/claims.ts";

const ask = (passId: string, waybill = "W001", lineId = "L1"): ClaimRequest => ({
  lineId,
  passId,
  waybill,
  chain: "agent-1",
});

describe("law 1: claims", () => {
  test("the documents' word comes first", () => {
    const claims = noClaims();
    expect(judgeClaim(claims, ask("p1"), "unknown")).toEqual({
      kind: "refused",
      why: "unknownWaybill",
    });
    expect(judgeClaim(claims, ask("p1"), "released")).toEqual({
      kind: "refused",
      why: "alreadyReleased",
    });
  });

  test("law 13: while the released pass is on its belt a second asker puts both in doubt", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1"));
    expect(judgeClaim(claims, ask("p2"), "released")).toEqual({
      kind: "refused",
      why: "claimedElsewhere",
    });
    expect(contestClaim(claims, ask("p2"))).toBe(true);
    endPass(claims, "p1");
    endPass(claims, "p2");
    expect(judgeClaim(claims, ask("p3"), "released")).toEqual({
      kind: "refused",
      why: "alreadyReleased",
    });
  });

  test("what a lost journal left unsettled is found by its chain, without any story of its passes", () => {
    const claims = noClaims();
    noteAsked(claims, ask("p1"));
    openClaim(claims, ask("p1"));
    noteAsked(claims, { ...ask("p2", "W002"), chain: "agent-2" });
    leaveUnsettled(claims, () => true);
    expect(unsettledPassesOf(claims, "agent-1")).toEqual(["p1"]);
    for (const passId of unsettledPassesOf(claims, "agent-1")) endPass(claims, passId);
    expect(judgeClaim(claims, ask("p3"), "open").kind).toBe("granted");
    expect(judgeClaim(claims, ask("p3", "W002"), "open")).toMatchObject({ why: "outcomeUnknown" });
  });

  test("a first claim is granted, and again to the same pass", () => {
    const claims = noClaims();
    expect(judgeClaim(claims, ask("p1"), "open")).toEqual({ kind: "granted", isRepeat: false });
    openClaim(claims, ask("p1"));
    expect(judgeClaim(claims, ask("p1"), "open")).toEqual({ kind: "granted", isRepeat: true });
  });

  test("a second pass is refused, and then the first one's repeat too", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1"));
    expect(judgeClaim(claims, ask("p2", "W001", "L2"), "open").kind).toBe("refused");
    expect(contestClaim(claims, ask("p2", "W001", "L2"))).toBe(true);
    expect(isContested(claims, "W001")).toBe(true);
    expect(judgeClaim(claims, ask("p1"), "open").kind).toBe("refused");
    // The lines are told once.
    expect(contestClaim(claims, ask("p3"))).toBe(false);
  });

  test("a pass that asks for a second waybill is refused and contests nothing of others", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1", "W001"));
    expect(judgeClaim(claims, ask("p1", "W002"), "open").kind).toBe("refused");
    expect(contestClaim(claims, ask("p1", "W002"))).toBe(false);
    expect(isContested(claims, "W002")).toBe(false);
    expect(judgeClaim(claims, ask("p2", "W002"), "open").kind).toBe("granted");
  });

  test("two passes that ask for each other's waybills make both contested", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1", "W001"));
    openClaim(claims, ask("p2", "W002"));
    contestClaim(claims, ask("p2", "W001"));
    contestClaim(claims, ask("p1", "W002"));
    expect([isContested(claims, "W001"), isContested(claims, "W002")]).toEqual([true, true]);
    expect(endPass(claims, "p1")).toEqual([]);
    expect(endPass(claims, "p2")).toEqual(["W001", "W002"]);
  });

  test("when the pass has ended the waybill may be claimed anew", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1"));
    expect(endPass(claims, "p1")).toEqual([]);
    expect(judgeClaim(claims, ask("p2"), "open")).toEqual({ kind: "granted", isRepeat: false });
  });

  test("a contest lasts until the last pass that asked has ended", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1"));
    contestClaim(claims, ask("p2"));
    expect(endPass(claims, "p1")).toEqual([]);
    expect(judgeClaim(claims, ask("p3"), "open").kind).toBe("refused");
    contestClaim(claims, ask("p3"));
    expect(endPass(claims, "p2")).toEqual([]);
    expect(endPass(claims, "p3")).toEqual(["W001"]);
    expect(judgeClaim(claims, ask("p4"), "open").kind).toBe("granted");
  });

  test("ending what holds nothing changes nothing", () => {
    const claims = noClaims();
    openClaim(claims, ask("p1"));
    expect(endPass(claims, "stranger")).toEqual([]);
    expect(claims.openByPass.size).toBe(1);
  });
});
