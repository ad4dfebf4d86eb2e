import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs } from "../../../protocols/units.ts";
import type {
  DocumentPlan,
  ParcelStream,
  PlannedParcel,
} from "../../../simulators/scenarios/parcel-stream.ts";
import type { ParcelSource } from "../../../simulators/world/ports.ts";
import type { DayCentre } from "./day-centre.ts";

/** Parcels whose papers go before them. */
const parcelsAhead = 10;

/** Parcels without end, each with its papers well before, late, or never, as planned. */
export function createDaySupply(options: {
  readonly clock: Clock;
  readonly stream: ParcelStream;
  readonly centre: DayCentre;
  readonly onTaken: (plan: DocumentPlan) => void;
  readonly onStopped: (waybill: string) => void;
  readonly onReleased: (parcel: PlannedParcel) => void;
}): ParcelSource {
  const { clock, stream, centre } = options;
  const waiting: PlannedParcel[] = [];

  const later = (seconds: number, act: () => void): void =>
    void clock.schedule(monotonicMs(clock.monotonic() + seconds * 1_000), act);

  const send = ({ documents }: PlannedParcel): void => {
    if (documents === null) return;
    options.onTaken(documents);
    centre.documentsCame(documents);
  };

  const draw = (): void => {
    const parcel = stream.next();
    waiting.push(parcel);
    if (parcel.documents?.lateS === null) send(parcel);
  };

  const followUp = (parcel: PlannedParcel): void => {
    const { documents } = parcel;
    if (documents === null) return;
    const { lateS, receipt } = documents;
    if (lateS !== null) later(lateS, () => send(parcel));
    if (receipt === null) return;
    later((lateS ?? 0) + receipt.afterS, () => {
      options.onStopped(documents.declaration.waybill);
      centre.receiptCame(documents, receipt.status);
    });
  };

  return {
    next() {
      while (waiting.length < parcelsAhead) draw();
      const parcel = waiting.shift();
      if (parcel === undefined) return null;
      options.onReleased(parcel);
      followUp(parcel);
      return parcel.physical;
    },
  };
}
