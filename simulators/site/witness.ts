import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Exit } from "../../protocols/sorting.ts";
import type { Clock } from "../../protocols/time.ts";
import type { EpochMs } from "../../protocols/units.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import { deafOracle, type PhysicalParcel, type WorldOracle } from "../world/ports.ts";

/**
 * What truly happened at a line and what its sorter was told, for whoever judges a run afterwards.
 * It goes into a file of the world's own, one JSON object a line; no agent is told of it, and
 * nothing reads it while agents run that could tell them (law 15).
 */
export type WitnessRecord = { readonly at: EpochMs; readonly lineId: string } & (
  | { readonly kind: "inducted"; readonly truthId: string; readonly labels: readonly string[] }
  /** `exit` is null for what a hand took away. */
  | { readonly kind: "ended"; readonly truthId: string; readonly exit: Exit | null }
  | { readonly kind: "sorter"; readonly event: AnswerEvent }
);

type AnswerKind = "accepted" | "refused" | "fired" | "cancelled";
type AnswerEvent = Extract<SorterEvent, { kind: AnswerKind }>;

export interface Witness {
  /** The parcel is about to be put on the belt. */
  released(parcel: PhysicalParcel): void;
  oracle(lineId: string): WorldOracle;
  /** The same wire; what the sorter makes of its commands is written down, heard or not. */
  overhear(lineId: string, wire: SorterWire): SorterWire;
  close(): void;
}

export function openWitness(file: string, clock: Pick<Clock, "wall">): Witness {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, "a");
  const labels = new Map<string, readonly string[]>();
  const write = (record: WitnessRecord): void => {
    writeSync(descriptor, `${JSON.stringify(record)}\n`);
  };

  return {
    released: (parcel) => labels.set(parcel.truthId, parcel.labels),
    oracle: (lineId) => ({
      ...deafOracle,
      onInducted: (truthId) =>
        write({
          kind: "inducted",
          at: clock.wall(),
          lineId,
          truthId,
          labels: labels.get(truthId) ?? [],
        }),
      onParcelEnded(truthId, end) {
        labels.delete(truthId);
        const exit = end.kind === "exit" ? end.exit : null;
        write({ kind: "ended", at: clock.wall(), lineId, truthId, exit });
      },
    }),
    overhear: (lineId, wire) => ({
      ...wire,
      publish(event) {
        if (isAnswer(event)) write({ kind: "sorter", at: clock.wall(), lineId, event });
        wire.publish(event);
      },
    }),
    close: () => closeSync(descriptor),
  };
}

const isAnswer = (event: SorterEvent): event is AnswerEvent =>
  event.kind === "accepted" ||
  event.kind === "refused" ||
  event.kind === "fired" ||
  event.kind === "cancelled";
