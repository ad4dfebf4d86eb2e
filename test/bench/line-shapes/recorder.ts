import { decodeSorterCommand } from "../../../protocols/sorter/sorter-json.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import type { SorterWire } from "../../../simulators/devices/sorter/wire.ts";
import type { LineWires } from "../../../simulators/site/lab-line-options.ts";
import type { PlannedParcel } from "../../../simulators/scenarios/parcel-stream.ts";
import { deafOracle, type WorldOracle } from "../../../simulators/world/ports.ts";
import { createBeltClock } from "./belt-clock.ts";
import { expectedExit } from "./expected-exit.ts";

/**
 * Ears on one line's wires, at the devices' ends. A divert's last evidence is what came later of
 * two: the X-ray's verdict on its parcel, or the belt at the commit point. Everything else that a
 * default line waits for (read, weight, claim) comes long before either.
 */
export interface LineRecorder {
  /** The same wires, listened to. */
  readonly wires: LineWires;
  readonly oracle: WorldOracle;
  /** A parcel is put on the belt. */
  released(parcel: PlannedParcel): void;
  readonly parcels: readonly RecordedParcel[];
}

export interface RecordedParcel {
  readonly releasedAt: number;
  readonly expected: Exit;
  verdictAt: number | null;
  divert: RecordedDivert | null;
  leftBy: Exit | null;
}

export interface RecordedDivert {
  readonly exit: Exit;
  readonly arrivedAt: number;
  /** From the last evidence to the command; null where the belt was not steady. */
  readonly latencyMs: number | null;
  /** Left until the sorter would have refused it. */
  readonly marginMs: number | null;
  readonly answer: string;
}

export interface LineRecorderOptions {
  readonly wires: LineWires;
  /** At the belt's nominal speed. */
  readonly countsPerMs: number;
  /** As the agent is configured. */
  readonly commitLeadMs: number;
  /** What the sorter's counter shows now. */
  readonly count: () => number;
}

export function createLineRecorder(options: LineRecorderOptions): LineRecorder {
  const { wires, countsPerMs, commitLeadMs } = options;
  const parcels: RecordedParcel[] = [];
  const byTruthId = new Map<string, RecordedParcel>();
  const belt = createBeltClock(countsPerMs);

  /** Parcels and passes are numbered alike, because nothing else gets onto a bench's belt. */
  const parcelOf = (passId: string): RecordedParcel | undefined =>
    parcels[Number(passId.slice(passId.lastIndexOf("-") + 1)) - 1];

  const look = (): number => {
    const now = performance.now();
    belt.look(now, options.count());
    return now;
  };

  const onVerdict = (payload: Uint8Array): void => {
    const { passId } = JSON.parse(new TextDecoder().decode(payload)) as { passId: string | null };
    const parcel = passId === null ? undefined : parcelOf(passId);
    if (parcel !== undefined) parcel.verdictAt = performance.now();
  };

  const onCommand = (payload: Uint8Array, arrivedAt: number, answer: string): void => {
    const decoded = decodeSorterCommand(payload);
    if (decoded.kind === "invalid" || decoded.value.kind !== "divert") return;
    const { passId, exit, fireAtCount, notAfterCount } = decoded.value;
    const parcel = parcelOf(passId);
    if (parcel === undefined) return;
    const commitAt = belt.timeOf(fireAtCount - commitLeadMs * countsPerMs);
    const lastAt = belt.timeOf(notAfterCount);
    parcel.divert = {
      exit,
      arrivedAt,
      latencyMs: commitAt === null ? null : arrivedAt - Math.max(commitAt, parcel.verdictAt ?? 0),
      marginMs: lastAt === null ? null : lastAt - arrivedAt,
      answer,
    };
  };

  return {
    parcels,
    wires: {
      ...wires,
      xray: { ...wires.xray, bus: hearing(wires.xray, onVerdict) },
      sorter: listening(wires.sorter, look, onCommand),
    },
    oracle: {
      ...deafOracle,
      onParcelEnded(truthId, end) {
        const parcel = byTruthId.get(truthId);
        if (parcel !== undefined && end.kind === "exit") parcel.leftBy = end.exit;
      },
    },
    released(planned) {
      const parcel: RecordedParcel = {
        releasedAt: performance.now(),
        expected: expectedExit(planned),
        verdictAt: null,
        divert: null,
        leftBy: null,
      };
      parcels.push(parcel);
      byTruthId.set(planned.physical.truthId, parcel);
    },
  };
}

function hearing(
  { bus, base }: LineWires["xray"],
  onVerdict: (payload: Uint8Array) => void,
): MessageBus {
  return {
    ...bus,
    publish(topic, payload, publishOptions) {
      const isSent = bus.publish(topic, payload, publishOptions);
      if (topic === `${base}/verdict`) onVerdict(payload);
      return isSent;
    },
  };
}

/** Events and commands alike are occasions to look at the counter. */
function listening(
  wire: SorterWire,
  look: () => number,
  onCommand: (payload: Uint8Array, arrivedAt: number, answer: string) => void,
): SorterWire {
  return {
    publish(event) {
      look();
      wire.publish(event);
    },
    onCommand(handler) {
      wire.onCommand((payload) => {
        const arrivedAt = look();
        const answer = handler(payload);
        onCommand(payload, arrivedAt, answer);
        return answer;
      });
    },
  };
}
