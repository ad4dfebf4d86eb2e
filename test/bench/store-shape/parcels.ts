import { applyDocumentEvent } from "../../../edge/clearance/apply.ts";
import type { DocumentEvent } from "../../../edge/clearance/events.ts";
import { prepareClearance } from "../../../edge/clearance/parameters.ts";
import { rowText } from "../../../edge/clearance/rows.ts";
import type { DocumentState } from "../../../edge/clearance/state.ts";
import { stepEntry } from "../../../edge/journal/entries.ts";
import type { StoreWork } from "../../../edge/store/port.ts";
import type { EpochMs } from "../../../protocols/units.ts";
import { manifestReturn } from "../../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../../simulators/world/chance.ts";
import { documentsOf, eventsOf, startAt, testConfig } from "../../unit/clearance-kit.ts";
import { waybillOf } from "./fates.ts";

/** A site of any size. */
const config = testConfig({ documentsMax: 20_000_000 });
const rules = prepareClearance(config);

/** Order, receipt of money, waybill, manifest, acceptance, and customs' release. */
export function eventsOfParcel(index: number): readonly DocumentEvent[] {
  const papers = documentsOf(waybillOf(index));
  const said = { status: 800, at: startAt };
  const receipt = manifestReturn(papers.manifest, said, createSeededEntropy(index, "receipt"));
  const events = eventsOf(papers).map((event) => ({ at: startAt, ...event }));
  const head = { ...receipt.head, invtNo: null };
  return [...events, { kind: "manifestReturn", at: startAt, receipt: { ...receipt, head } }];
}

/** The same at another time, with the release, and how long a released case is held then. */
export function eventsUntilReleased(index: number, at: EpochMs): readonly DocumentEvent[] {
  const waybill = waybillOf(index);
  const pass = { lineId: "L1", passId: `P${index}`, recordVersion: 1, decidedAt: at };
  const release: DocumentEvent = { kind: "release", at, release: { waybill, ...pass } };
  return [...eventsOfParcel(index).map((event) => ({ ...event, at })), release];
}
export const releasedMs = config.retention.releasedMs;

/** Time that passes, and so many cases that leave with it. */
export const workOfLeaving = (at: EpochMs, leavesMax: number): StoreWork<number> => {
  const event: DocumentEvent = { kind: "timePassed", at, leavesMax };
  return {
    events: [event],
    run(state: DocumentState) {
      const { left } = applyDocumentEvent(state, event, rules);
      const named = left.map(({ waybill }) => waybill);
      const entry = stepEntry("documents", event, { commands: [], facts: named });
      return { answer: left.length, entries: [entry], outgoing: left.map(rowText) };
    },
  };
};

/** One event, journalled with what it has changed. */
export const workOfEvent = (event: DocumentEvent): StoreWork<null> => ({
  events: [event],
  run(state: DocumentState) {
    const { changed } = applyDocumentEvent(state, event, rules);
    const outputs = { commands: [], facts: changed };
    return { answer: null, entries: [stepEntry("documents", event, outputs)] };
  },
});
