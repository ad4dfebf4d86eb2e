import { z } from "zod";
import { zChain } from "../../../protocols/chain-name.ts";
import { zWaybill } from "../../../protocols/clearance.ts";
import { zId } from "../../../protocols/sorting.ts";
import { addContender, openClaim, type AskedPass, type Claims } from "./claims.ts";

/** All that claims hold, as one value for a restart: see `Claims`. */
const zAskedPass = z.strictObject({
  passId: zId,
  lineId: zId,
  chain: zChain,
  waybills: z.array(zWaybill),
});

export const zClaimsHeld = z.strictObject({
  open: z.array(z.strictObject({ passId: zId, lineId: zId, chain: zChain, waybill: zWaybill })),
  asked: z.array(zAskedPass),
  contested: z.array(z.strictObject({ waybill: zWaybill, passIds: z.array(zId) })),
  unsettled: z.array(z.strictObject({ waybill: zWaybill, passIds: z.array(zId) })),
  unsettledPasses: z.array(zAskedPass),
  /** Waybills of which a person has said what became. */
  settled: z.array(zWaybill),
});
export type ClaimsHeld = z.infer<typeof zClaimsHeld>;

const passesIn = (passes: Claims["asked"]): ClaimsHeld["asked"] =>
  [...passes].map(([passId, { lineId, chain, waybills }]) => ({
    passId,
    lineId,
    chain,
    waybills: [...waybills],
  }));

const waybillsIn = (sets: Claims["contested"]): ClaimsHeld["contested"] =>
  [...sets].map(([waybill, passIds]) => ({ waybill, passIds: [...passIds] }));

export const claimsHeld = (claims: Claims, settled: ReadonlySet<string>): ClaimsHeld => ({
  open: [...claims.openByPass.values()],
  asked: passesIn(claims.asked),
  contested: waybillsIn(claims.contested),
  unsettled: waybillsIn(claims.unsettled),
  unsettledPasses: passesIn(claims.unsettledByPass),
  settled: [...settled],
});

/** Into claims that hold nothing yet. */
export function restoreClaimsHeld(claims: Claims, held: ClaimsHeld): void {
  for (const request of held.open) openClaim(claims, request);
  const asked = (each: ClaimsHeld["asked"][number]): AskedPass => ({
    lineId: each.lineId,
    chain: each.chain,
    waybills: new Set(each.waybills),
  });
  for (const each of held.asked) claims.asked.set(each.passId, asked(each));
  for (const each of held.unsettledPasses) claims.unsettledByPass.set(each.passId, asked(each));
  for (const { waybill, passIds } of held.unsettled)
    claims.unsettled.set(waybill, new Set(passIds));
  for (const { waybill, passIds } of held.contested) {
    for (const passId of passIds) addContender(claims, waybill, passId);
  }
}
