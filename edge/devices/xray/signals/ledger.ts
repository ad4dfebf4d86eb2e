import type { NoClearance, XraySignal } from "../../../../protocols/xray/signals.ts";

/** A verdict as it was latched at its strobe. */
export interface Strobe {
  readonly track: number;
  readonly clear: boolean;
  readonly suspect: boolean;
}

export interface StrobeSeen {
  /** By how many the number of verdicts has grown. */
  readonly by: number;
  /** Null: what was latched never stood still. */
  readonly strobe: Strobe | null;
  /** It was read again and again, and was not the same each time. */
  readonly isUnsteady: boolean;
  /** Some reading of it bore this alone: a suspicion is not lost to the readings around it. */
  readonly suspected: number | null;
}

/** In the machine, without a verdict so far. */
interface Item {
  readonly track: number;
  readonly passId: string | null;
  /** It was told that nothing clears it any more. */
  isDoubted: boolean;
}

/** So many may be in a machine at once; of a machine that holds more, nothing is known. */
export const itemsMax = 32;

/**
 * Which item a verdict is on. The controller numbers the items as they enter and the verdicts as they
 * come, both from its start, so that the n-th verdict has to be on the n-th item; and the machine gives
 * the number back with it that it has taken for that item as that entered. A verdict clears an item if
 * both say the same. Being next proves nothing: a verdict that never came stays owed, and from then on
 * no number fits until the controller is started anew, with an empty machine.
 *
 * Whatever does not fit doubts all that is in the machine at that moment, since nobody knows then whose
 * verdict was whose. What speaks against a parcel is told of whoever's number it bears.
 */
export class SignalLedger {
  readonly #passOf: (track: number) => string | null;
  readonly #items = new Map<number, Item>();
  #entered = 0;
  #answered = 0;

  /** `passOf`: who was announced under a number. */
  constructor(passOf: (track: number) => string | null) {
    this.#passOf = passOf;
  }

  /**
   * The controller shows that so many have entered, and so many of them are in the machine. Those came
   * in unseen, or were doubted when the session before ended: no verdict clears them.
   */
  begin(entered: number, inside: number): void {
    this.#items.clear();
    this.#entered = entered;
    this.#answered = entered - inside;
  }

  /** So many have entered; the last of them took this number. */
  enter(
    by: number,
    track: number,
  ): { readonly itemSequence: number; readonly passId: string | null } {
    this.#entered += by;
    const itemSequence = this.#entered;
    const passId = track === 0 ? null : this.#passOf(track);
    this.#items.set(itemSequence, { track, passId, isDoubted: false });
    const [oldest] = this.#items.keys();
    if (this.#items.size > itemsMax && oldest !== undefined) this.#items.delete(oldest);
    return { itemSequence, passId };
  }

  /** Something is wrong with the machine: nothing that is in it now is cleared any more. */
  doubt(why: NoClearance): readonly XraySignal[] {
    const told: XraySignal[] = [];
    for (const [itemSequence, item] of this.#items) {
      if (item.isDoubted) continue;
      item.isDoubted = true;
      told.push({ passId: item.passId, itemSequence, verdict: "unknown", why });
    }
    return told;
  }

  /** What a strobe means, for each pass that it means anything for. */
  take(seen: StrobeSeen): readonly XraySignal[] {
    this.#answered += seen.by;
    const number = this.#answered;
    const item = this.#items.get(number);
    const told: XraySignal[] = [];
    if (seen.suspected !== null) {
      const passId = this.#passOf(seen.suspected);
      told.push({ passId, itemSequence: number, verdict: "suspect", why: null });
    }
    const why = noClearanceOf(seen, item);
    if (why === "signalNotOneBit") told.push(...this.#doubtOne(number, why));
    else if (why !== null) {
      // Whose it was is among those in the machine; and what was cleared just now may be in question.
      told.push(...this.doubt(why), {
        passId: null,
        itemSequence: number,
        verdict: "unknown",
        why,
      });
    } else if (item !== undefined && !item.isDoubted && seen.suspected === null) {
      told.push({ passId: item.passId, itemSequence: number, verdict: "clear", why: null });
    }
    for (const answered of this.#items.keys()) if (answered <= number) this.#items.delete(answered);
    return told;
  }

  #doubtOne(itemSequence: number, why: NoClearance): readonly XraySignal[] {
    const item = this.#items.get(itemSequence);
    if (item === undefined || item.isDoubted) return [];
    item.isDoubted = true;
    return [{ passId: item.passId, itemSequence, verdict: "unknown", why }];
  }
}

/** Why a strobe clears nobody, whatever its bits; null: it is on this item, and has one bit. */
function noClearanceOf(
  { by, strobe, isUnsteady }: StrobeSeen,
  item: Item | undefined,
): NoClearance | null {
  if (by !== 1 || strobe === null) return "signalMissed";
  if (isUnsteady) return "signalUnsteady";
  if (item === undefined) return "signalOutOfStep";
  // Of an item that nobody was announced as, none is anybody's.
  if (item.track !== strobe.track || item.passId === null) return "signalOtherNumber";
  return strobe.clear === strobe.suspect ? "signalNotOneBit" : null;
}
