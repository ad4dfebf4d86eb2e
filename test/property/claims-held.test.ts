/**
 * Goal: what claims hold comes over a restart as one value, whatever has happened to them (law 1).
 * Method: random claims, ends and lost journals; what is held goes through JSON into new claims.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  claimsHeld,
  restoreClaimsHeld,
  zClaimsHeld,
} from "../../edge/centre/claims/claims-held.ts";
import {
  contestClaim,
  endPass,
  judgeClaim,
  leaveUnsettled,
  noClaims,
  noteAsked,
  openClaim,
  settleWaybill,
} from "../../edge/centre/claims/claims.ts";

const name = fc.nat({ max: 4 });
const step = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), pass: name, waybill: name, line: fc.nat(1) }),
  fc.record({ kind: fc.constant("end" as const), pass: name }),
  fc.record({ kind: fc.constant("lose" as const), line: fc.nat(1) }),
  fc.record({ kind: fc.constant("settle" as const), waybill: name }),
);

test("law 1: claims are after a restart what they were before it", () => {
  const seen = { open: 0, contested: 0, unsettled: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const claims = noClaims();
      for (const one of steps) {
        if (one.kind === "ask") {
          const request = {
            passId: `P${one.pass}`,
            waybill: `WB00${one.waybill}`,
            lineId: `L${one.line}`,
            chain: `agent-${one.line}`,
          };
          const outcome = judgeClaim(claims, request, "open");
          noteAsked(claims, request);
          if (outcome.kind === "granted") openClaim(claims, request);
          else if (outcome.why === "claimedElsewhere") contestClaim(claims, request);
        } else if (one.kind === "end") endPass(claims, `P${one.pass}`);
        else if (one.kind === "settle") settleWaybill(claims, `WB00${one.waybill}`);
        else leaveUnsettled(claims, (chain) => chain === `agent-${one.line}`);
      }
      const held = claimsHeld(claims, new Set(["WB009"]));
      const again = noClaims();
      restoreClaimsHeld(again, zClaimsHeld.parse(JSON.parse(JSON.stringify(held))));
      expect(again).toEqual(claims);
      seen.open += claims.openByPass.size;
      seen.contested += claims.contested.size;
      seen.unsettled += claims.unsettled.size;
    }),
    { numRuns: 300 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(5);
});
