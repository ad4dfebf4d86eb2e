import {
  emptyClearanceMirror,
  isNextAnswer,
  type ClearanceMirror,
} from "../../../edge/line/clearance-mirror.ts";
import { clearanceMachineId, stepClearance } from "../../../edge/line/clearance-step.ts";
import {
  claimsIn,
  digestOfClaims,
  endClaims,
  holdClaim,
  noHeldClaims,
  replaceRecord,
} from "../../../edge/line/held-claims.ts";
import type { JournalEntry } from "../../../edge/journal/entries.ts";
import { stepEntry } from "../../../edge/journal/entries.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { Fact } from "../../../protocols/facts.ts";
import type { AnswerMessage, ClaimAnswer, ClearanceMessage } from "../../../protocols/link.ts";
import type { Reason } from "../../../protocols/reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import { forgetOldest } from "../forget-oldest.ts";
import type { DocumentPlan } from "../../../simulators/scenarios/parcel-stream.ts";

/**
 * What the line hears of a centre: answers to its claims with the clearance records, and changes to
 * them, as sequenced messages. There is no desk behind it: what a parcel's papers lead to is taken from their plan.
 */
export interface DayCentre {
  readonly mirror: ClearanceMirror;
  start(): void;
  documentsCame(plan: DocumentPlan): void;
  receiptCame(plan: DocumentPlan, status: number): void;
  claim(passId: string, waybill: string): boolean;
  /** Ends claims with their passes. */
  learn(fact: Fact): void;
  setCut(isCut: boolean): void;
}

export interface DayCentreOptions {
  readonly lineId: string;
  readonly clock: Clock;
  readonly record: (entry: JournalEntry) => void;
  readonly onClearance: () => void;
  /** An answer in its place: the line brings the mirror on by it. */
  readonly onAnswerTold: (message: AnswerMessage) => void;
}

type Message = ClearanceMessage extends infer M
  ? M extends ClearanceMessage
    ? Omit<M, "stream" | "seq">
    : never
  : never;

const claimMs = 5;
const heartbeatMs = 1_000;
const leaseMs = 15_000;
/** Parcels whose papers are known; those of parcels long gone are forgotten. */
const recordsKnownMax = 400;
const noHash = "0".repeat(64);

export function createDayCentre(options: DayCentreOptions): DayCentre {
  const { lineId, clock } = options;
  const mirror = emptyClearanceMirror();
  const records = new Map<string, ClearanceRecord>();
  const holders = new Map<string, string>();
  const held = noHeldClaims();
  const waybillOfPass = new Map<string, string>();
  const released = new Set<string>();
  /** Passes that are over, untold. */
  const ended: string[] = [];
  let streams = 0;
  let seq = 0;
  let isCut = false;

  const later = (ms: number, act: () => void): void =>
    void clock.schedule(monotonicMs(clock.monotonic() + ms), act);

  const send = (body: Message): void => {
    if (isCut) return;
    const message: ClearanceMessage = { ...body, stream: `day-${streams}`, seq };
    seq += 1;
    const at = clock.monotonic();
    if (message.kind === "claimAnswer" && isNextAnswer(mirror, message)) {
      return options.onAnswerTold(message);
    }
    const event = { kind: "clearance", at, wallAt: clock.wall(), message } as const;
    options.record(stepEntry(clearanceMachineId, event, stepClearance(mirror, event)));
    if (message.kind === "change") options.onClearance();
  };

  /** All that is known, under a new stream: after a cut nobody knows what was missed. */
  const sendSnapshot = (): void => {
    streams += 1;
    seq = 0;
    send({ kind: "snapshotBegin", claimsTotal: claimsIn(held).length });
    send({ kind: "snapshotPart", claims: [...claimsIn(held)] });
    send({ kind: "snapshotEnd", leaseMs, heardAt: clock.monotonic() });
    options.onClearance();
  };

  const put = (record: ClearanceRecord): void => {
    records.set(record.waybill, record);
    if (records.size > 2 * recordsKnownMax) forgetOldest(records, recordsKnownMax);
    if (replaceRecord(held, record)) send({ kind: "change", records: [record], ended: [] });
  };

  const beat = (): void => {
    if (ended.length > 0) send({ kind: "change", records: [], ended: ended.splice(0) });
    send({ kind: "heartbeat", leaseMs, heardAt: clock.monotonic(), ...digestOfClaims(held) });
    later(heartbeatMs, beat);
  };

  const whyNot = (passId: string, waybill: string): ClaimAnswer["why"] => {
    if (!records.has(waybill)) return "unknownWaybill";
    if (released.has(waybill)) return "alreadyReleased";
    const holder = holders.get(waybill);
    return holder !== undefined && holder !== passId ? "claimedElsewhere" : null;
  };

  return {
    mirror,
    start() {
      sendSnapshot();
      later(heartbeatMs, beat);
    },
    documentsCame: (plan) => put(recordOf(plan)),
    receiptCame(plan, customsStatus) {
      const before = records.get(plan.declaration.waybill);
      if (before === undefined) return;
      const code = customsStatus === 500 ? "inspectionOrdered" : "unknownStatus";
      put({
        ...before,
        version: before.version + 1,
        standing: "notReleasable",
        reasons: [...before.reasons, { code }],
        customsStatus,
      });
    },
    claim(passId, waybill) {
      if (isCut) return false;
      later(claimMs, () => {
        const why = whyNot(passId, waybill);
        if (why === null) {
          holders.set(waybill, passId);
          waybillOfPass.set(passId, waybill);
        }
        const granted = why === null;
        const answer = { kind: "claimAnswer", lineId, passId, waybill, granted, why } as const;
        const record = records.get(waybill) ?? null;
        holdClaim(held, { passId, waybill, record });
        send({ kind: "claimAnswer", answer, isHeld: true, record });
      });
      return true;
    },
    learn(fact) {
      if (fact.kind !== "left" && fact.kind !== "lost") return;
      endClaims(held, fact.passId);
      ended.push(fact.passId);
      const waybill = waybillOfPass.get(fact.passId);
      if (waybill === undefined) return;
      waybillOfPass.delete(fact.passId);
      holders.delete(waybill);
      if (fact.kind === "left" && fact.exit === "green") released.add(waybill);
    },
    setCut(next) {
      if (isCut && !next) {
        isCut = false;
        sendSnapshot();
      }
      isCut = next;
    },
  };
}

/** What these papers lead to, as the desk would have it. */
function recordOf(plan: DocumentPlan): ClearanceRecord {
  const reasons = reasonsOf(plan);
  return {
    waybill: plan.declaration.waybill,
    version: 1,
    manifestGuid: plan.declaration.waybill,
    manifestHash: noHash,
    standing: reasons.length === 0 ? "releasableIfMachinePassOk" : "notReleasable",
    machineInspectionRequired: true,
    reasons,
    declared: { grossWeightG: plan.declaration.grossWeightG, pieces: 1 },
    customsStatus: null,
    rulesVersion: "day",
  };
}

const reasonOfCategory = {
  licence: "licenceRequired",
  ledger: "quarantineLedgerRequired",
  taxable: "taxRelated",
  prohibited: "prohibitedGoods",
} as const;

function reasonsOf({ declaration, contradiction, isAccepted }: DocumentPlan): Reason[] {
  const { category } = declaration;
  const reasons: Reason[] = [];
  if (category !== "plain") reasons.push({ code: reasonOfCategory[category] });
  if (contradiction !== null) reasons.push({ code: "comparisonFailed" });
  if (!isAccepted) reasons.push({ code: "notActivated" });
  return reasons;
}
