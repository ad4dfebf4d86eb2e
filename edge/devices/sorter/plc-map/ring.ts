import { modulo } from "../../../../protocols/modulo.ts";
import { isSealOf } from "../../../../protocols/sorter/ring-seal.ts";
import type { PlcEventKind } from "../../../../protocols/sorter/plc-map.ts";
import type { MonotonicMs } from "../../../../protocols/units.ts";
import type { PlcRing } from "./meaning.ts";
import { trackOf, type Occurrence } from "./occurrence.ts";

/** One entry as the controller wrote it; a kind that the map does not name is null. */
export interface RingEntry {
  readonly kind: PlcEventKind | null;
  readonly shownKind: number;
  readonly what: number;
  readonly count: number;
  /** Null: the map has none. */
  readonly track: number | null;
}

export interface RingLists {
  readonly kind: readonly number[];
  readonly what: readonly number[];
  readonly count: readonly number[];
  /** Null: the map has none. */
  readonly track: readonly number[] | null;
  /** Null: the map has none. */
  readonly seal: readonly number[] | null;
}

/** What a request has shown of the ring. */
export interface RingShown {
  readonly at: MonotonicMs;
  readonly lists: RingLists;
  readonly written: number;
  /** What the request before this one has shown. */
  readonly writtenBefore: number;
}

export interface RingTaken {
  /** How many entries were overwritten before they were read. */
  readonly missed: number;
  /** More has been written since the last time than the ring keeps. */
  readonly isOutrun: boolean;
  /** Null: one whose seal was never the right one. */
  readonly entries: readonly (RingEntry | null)[];
}

/** So long an entry may be announced whose seal is not the right one yet, as behind a gateway. */
export const sealMsMax = 500;

/**
 * Reads each entry of the ring once. What a request says of how far the ring is written is believed
 * for the lists of the next request: by then those entries are whole, in whatever order a server
 * reads its variables. An entry that bears a seal proves itself, so that it is taken as soon as it is
 * shown, and not before its seal is the right one.
 *
 * The oldest eighth counts as overwritten, since it may be while it is read: a ring keeps 2 s of
 * events, and no answer takes more than an eighth of that.
 */
export interface RingReader {
  /** From here on; what was written before is not ours. */
  begin(written: number): void;
  /** What is new and sure. Null: the index has gone back, so that it is another ring. */
  take(shown: RingShown): RingTaken | null;
}

export function createRingReader(ring: PlcRing): RingReader {
  const turn = 2 ** ring.written.bits;
  const keptMax = ring.size - Math.ceil(ring.size / 8);
  let taken = 0;
  /** Up to where the ring was announced to be written, and when first; of what was not taken yet. */
  let announced: readonly { readonly upTo: number; readonly at: MonotonicMs }[] = [];

  const after = (index: number): number => modulo(index - taken, turn);

  /** How long an entry has been announced, so many behind the last one taken. */
  const announcedMs = (place: number, at: MonotonicMs): number =>
    at - (announced.find(({ upTo }) => after(upTo) > place)?.at ?? at);

  const announce = (written: number, at: MonotonicMs): void => {
    const known = announced.at(-1);
    if (after(written) > (known === undefined ? 0 : after(known.upTo))) {
      announced = [...announced, { upTo: modulo(written, turn), at }];
    }
  };

  const takeUpTo = (place: number): void => {
    announced = announced.filter(({ upTo }) => after(upTo) > place);
    taken = modulo(taken + place, turn);
  };

  /** Whether this entry is shown as it was written; true where nothing proves it. */
  const isWhole = ({ lists }: RingShown, entry: RingEntry, number: number): boolean => {
    if (lists.seal === null) return true;
    const { shownKind: kind, what, count, track } = entry;
    const seal = lists.seal[number % ring.size] ?? Number.NaN;
    return isSealOf(seal, { number, kind, what, count, track: track ?? 0 });
  };

  return {
    begin(written) {
      taken = modulo(written, turn);
      announced = [];
    },
    take(shown) {
      const { at, lists, written, writtenBefore } = shown;
      if (after(writtenBefore) >= turn / 2 || after(written) >= turn / 2) return null;
      const until = lists.seal === null ? after(writtenBefore) : after(written);
      const outrunBy = Math.max(0, after(written) - keptMax);
      const missed = Math.min(until, outrunBy);
      const entries: (RingEntry | null)[] = [];
      if (lists.seal !== null) announce(written, at);
      for (let place = missed; place < until; place += 1) {
        const number = modulo(taken + place, turn);
        const entry = entryAt(lists, number % ring.size, ring);
        if (isWhole(shown, entry, number)) entries.push(entry);
        else if (announcedMs(place, at) >= sealMsMax) entries.push(null);
        else break;
      }
      takeUpTo(missed + entries.length);
      return { missed, isOutrun: outrunBy > 0, entries };
    },
  };
}

/** What an entry tells; null where the map does not say what it means. */
export function occurrenceOf(entry: RingEntry, ring: PlcRing): Occurrence | null {
  const { kind, what, count, track } = entry;
  switch (kind) {
    case "blocked":
    case "cleared": {
      const eyeId = ring.eyes[what];
      if (eyeId === undefined) return null;
      const edge = { kind: "eye", eyeId, isBlocked: kind === "blocked", count } as const;
      return track === null ? edge : { ...edge, track: trackOf(track) };
    }
    case "fired":
    case "cancelledAborted":
    case "cancelledNoLife":
    case "cancelledEmergencyStop":
      return { kind: "ended", seq: what, end: kind, count };
    case "localReset":
      return { kind, count };
    case "pulse": {
      const inputId = ring.inputs[what];
      return inputId === undefined ? null : { kind, inputId, count };
    }
    case "guardOpened":
    case "guardClosed": {
      const guardId = ring.guards[what];
      return guardId === undefined
        ? null
        : { kind: "guard", guardId, isOpen: kind === "guardOpened", count };
    }
    case null:
      return null;
  }
}

function entryAt(lists: RingLists, at: number, ring: PlcRing): RingEntry {
  const shownKind = lists.kind[at] ?? Number.NaN;
  return {
    kind: ring.kind.kinds[shownKind] ?? null,
    shownKind,
    what: lists.what[at] ?? Number.NaN,
    count: lists.count[at] ?? Number.NaN,
    track: lists.track === null ? null : (lists.track[at] ?? 0),
  };
}
