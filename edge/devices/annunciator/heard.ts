import type { Annunciation, SignalName } from "../../../protocols/annunciator/annunciation.ts";
import type { Discarded } from "../dialect.ts";

/** What an annunciator's dialect makes of what the device says. */
export type AnnunciatorHeard = AnnunciatorState | Discarded;

export interface AnnunciatorState {
  readonly kind: "state";
  /** Of each signal that it tells of, what it may be showing: one that cannot flash is lit instead. */
  readonly shows: SignalsShown;
  /** Null: it has no such key. */
  readonly isSilencePressed: boolean | null;
}

export type SignalsShown = ReadonlyMap<SignalName, readonly Annunciation[SignalName][]>;
