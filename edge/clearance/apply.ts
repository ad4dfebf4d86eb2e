import { applyRelease, placeControl, takeOfficerAct } from "./acts.ts";
import { noteProof } from "./calendar-proofs.ts";
import { takeReceipt } from "./customs-receipts.ts";
import { takeDocumentReturn, takeUnreadAnswer } from "./document-words.ts";
import type { DocumentEvent } from "./events.ts";
import { passTime } from "./expiry.ts";
import { takeAcceptance, takeManifest } from "./manifests.ts";
import { taken, type Effects, type Outcome } from "./outcome.ts";
import type { ClearanceRules } from "./parameters.ts";
import type { DocumentState } from "./state.ts";
import { takeOrder, takeMoneyReceipt, takeWaybill } from "./supporting.ts";
import { timesOfArrival, type Workspace } from "./workspace.ts";

/**
 * Raised when the same inputs under the same parameters are judged otherwise than before. Journals
 * name it, so that replay can say why it differs.
 */
export const documentsLogicVersion = "4";

function dispatch(work: Workspace, event: DocumentEvent): Outcome {
  switch (event.kind) {
    case "order":
      return takeOrder(work, event.order);
    case "moneyReceipt":
      return takeMoneyReceipt(work, event.receipt);
    case "waybill":
      return takeWaybill(work, event.waybill);
    case "manifest":
      return takeManifest(work, event.manifest);
    case "manifestReturn":
      return takeReceipt(work, event);
    case "documentReturn":
      return takeDocumentReturn(work, event.receipt);
    case "unreadReceipt":
      return event.receipt.type === "CEB604" || event.receipt.type === "CEB606"
        ? takeReceipt(work, event)
        : takeUnreadAnswer(work, event.receipt);
    case "acceptance":
      return takeAcceptance(work, event.acceptance);
    case "control":
      return placeControl(work, event.control);
    case "release":
      return applyRelease(work, event.release);
    case "officerAct":
      return takeOfficerAct(work, event.act);
    case "timePassed":
      passTime(work, event);
      return taken;
  }
}

/**
 * What the documents say, as one step: the same events in the same order always give the same
 * records. Writes into `state`; a refused event leaves it as it was. Sees no clock and no chance:
 * time comes with the event, the random draw's secret with the rules.
 */
export function applyDocumentEvent(
  state: DocumentState,
  event: DocumentEvent,
  rules: ClearanceRules,
): Effects {
  const times = timesOfArrival(event);
  const work: Workspace = { state, rules, ...times, ...nothingYet() };
  noteProof(state.calendar, event);
  const outcome = dispatch(work, event);
  const { changed, facts, left, unnamedEnded } = work;
  return { outcome, changed: [...changed.values()], facts, left, unnamedEnded };
}

const nothingYet = (): Pick<Workspace, "changed" | "facts" | "left" | "unnamedEnded"> => ({
  changed: new Map(),
  facts: [],
  left: [],
  unnamedEnded: [],
});
