import type { PlcAck, PlcEventKind, PlcOp } from "../../../../protocols/sorter/plc-map.ts";
import type { Exit, MachineState } from "../../../../protocols/sorting.ts";

/**
 * What the variables of a sorter's controller mean, wherever they are: a map without its addresses.
 * The controller's side of it, and each rule, is on the page of `edge/devices/sorter`.
 */
export interface PlcMeaning {
  readonly ackMs: number;
  readonly count: { readonly bits: 16 | 24 | 32 | 64; readonly isSigned: boolean };
  /** What names the controller's session: a word of its own, or one of ours that it sends back. */
  readonly boot?: object | undefined;
  readonly echo?: object | undefined;
  readonly belt: {
    readonly running: Flag;
    readonly speed: { readonly scale: number };
    readonly emergencyStop: Flag;
    /** Doubt can stop the belt only where there is such a word. */
    readonly stop?: object | undefined;
  };
  readonly packml?: PlcPackml | undefined;
  readonly induction?: object | undefined;
  /** What happens stands in a ring, or is latched each by itself: exactly one of the two. */
  readonly events?: PlcRing | undefined;
  readonly latches?: PlcLatches | undefined;
  readonly chutes: Readonly<Partial<Record<Exit, PlcChute>>>;
  readonly command: {
    readonly seq: { readonly bits: 16 | 32 };
    readonly op: { readonly values: Readonly<Record<PlcOp, number>> };
    readonly exit: { readonly values: Readonly<Partial<Record<Exit, number>>> };
  };
  readonly ack: { readonly code: { readonly codes: Readonly<Record<string, PlcAck>> } };
}

/** What the machine says that it is doing. */
export interface PlcPackml {
  readonly state: { readonly states: Readonly<Record<string, MachineState>> };
  /** `produce`: the one mode in which nobody works at the machine. */
  readonly mode?: { readonly produce: number } | undefined;
}

interface Flag {
  readonly isActiveLow: boolean;
}

/**
 * The newest events of the controller, each in its place: event number n, counted from 0, stands at
 * n modulo `size`, and `written` is how many there have been.
 */
export interface PlcRing {
  readonly written: { readonly bits: 16 | 32 };
  readonly size: number;
  readonly kind: { readonly kinds: Readonly<Record<string, PlcEventKind>> };
  /** Its own numbers of parcels, of a controller that follows them by itself. */
  readonly track?: object | undefined;
  /** A number beside each entry that proves it (`protocols/sorter/ring-seal.ts`). */
  readonly seal?: object | undefined;
  readonly eyes: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly guards: Readonly<Record<string, string>>;
}

/** How often something has happened, in so many bits, after which it begins anew. */
interface Times {
  readonly bits: 16 | 32;
}

/** Something with two ways, which take turns: each has the count of its last time. */
interface TwoWay {
  readonly edges: Times;
}

interface PlcEyeLatch extends TwoWay {
  readonly isBlocked: Flag;
  /** Its own number of what blocked it last, of a controller that follows parcels by itself. */
  readonly track?: object | undefined;
}

/**
 * Of each thing how often it has happened, and the belt count of the last time. The count is latched
 * before the number grows.
 */
export interface PlcLatches {
  readonly eyes: Readonly<Record<string, PlcEyeLatch>>;
  readonly fired: Readonly<Partial<Record<Exit, { readonly times: Times }>>>;
  /** Whatever was pending was cancelled, by the controller itself. */
  readonly cancelled: { readonly times: Times };
  readonly resets?: { readonly times: Times } | undefined;
  readonly inputs: Readonly<Record<string, { readonly times: Times }>>;
  readonly guards: Readonly<Record<string, TwoWay & { readonly isOpen: Flag }>>;
  /** What the controller knows that it has missed. */
  readonly lost?: { readonly times: Times } | undefined;
}

export interface PlcChute {
  readonly full: Flag;
  readonly blocked?: Flag | undefined;
  readonly fillPct?: { readonly scale: number } | undefined;
}
