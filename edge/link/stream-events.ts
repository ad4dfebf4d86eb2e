import type { ClearanceRecord } from "../../protocols/clearance.ts";
import type { ClaimAnswer, ClearanceMessage } from "../../protocols/link.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import type { HeldClaim } from "../line/held-claims.ts";

/**
 * What the agent may be leased now. `withheld`: nothing is renewed, what runs goes on running out;
 * `ended`: it is told that nothing runs any more.
 */
export type LeaseRight = "granted" | "withheld" | "ended";

export type StreamEvent =
  /** `heardAt` is the agent's clock, `at` ours. */
  | {
      readonly kind: "hello";
      readonly stream: string | null;
      readonly seq: number;
      readonly heardAt: number;
      readonly at: MonotonicMs;
    }
  | { readonly kind: "alive"; readonly heardAt: number }
  | { readonly kind: "snapshotWanted"; readonly at: MonotonicMs }
  /** Time for a snapshot that was wanted too soon. */
  | { readonly kind: "snapshotDue"; readonly at: MonotonicMs }
  /** The answer to `takeSnapshot`, at once. */
  | { readonly kind: "snapshotTaken"; readonly stream: string; readonly at: MonotonicMs }
  /** What passes hold that have asked in an earlier run: before the agent has said its first word. */
  | { readonly kind: "restored"; readonly claim: HeldClaim }
  /** A claim was judged, and may be told; from here on its pass holds it, unless the pass is over. */
  | {
      readonly kind: "answered";
      readonly answer: ClaimAnswer;
      readonly isHeld: boolean;
      readonly record: ClearanceRecord | null;
    }
  /** Records as they are now; those that nobody here has asked for are left out. */
  | { readonly kind: "changed"; readonly records: readonly ClearanceRecord[] }
  /** The agent's journal has ended this pass. */
  | { readonly kind: "ended"; readonly passId: string }
  /** Everything that has changed so far has been told here: a lease may be renewed. */
  | { readonly kind: "beat" }
  | { readonly kind: "leaseRight"; readonly lease: LeaseRight }
  /** The time asked for with `wake` has come. */
  | { readonly kind: "woken" }
  | { readonly kind: "sent"; readonly message: ClearanceMessage }
  | { readonly kind: "refused" }
  /** The answer to `renameStream`, at once. */
  | { readonly kind: "streamRenamed"; readonly stream: string };

export type StreamEffect =
  /** Replaces the time asked for before. */
  | { readonly kind: "wake"; readonly afterMs: number }
  | { readonly kind: "sleep" }
  | { readonly kind: "takeSnapshot" }
  /** The agent must not take what follows for a part of the stream it knows. */
  | { readonly kind: "renameStream" }
  /** A lease is due: `beat` is to follow as soon as all that has changed is told. */
  | { readonly kind: "askBeat" };
