import type { Discarded } from "../dialect.ts";
import type { ScannerRead } from "./scanner.ts";

/** What a scanner's dialect makes of its output. */
export type ScannerHeard =
  | ScannerRead
  /** It lives, or answers a command: good, and no read. */
  | { readonly kind: "life" }
  | { readonly kind: "ack" }
  /** It did not take a command, for this reason of its own. */
  | { readonly kind: "refused"; readonly detail: string }
  /** It has not said whether it took a command: this is missing. */
  | { readonly kind: "unanswered"; readonly detail: string }
  /** A read that came before already, by its own number. */
  | { readonly kind: "repeat" }
  /** A read whose number lies behind the last one's, without a restart: it is not of now. */
  | { readonly kind: "old"; readonly seq: number; readonly lastSeq: number }
  /** By the number of the read that follows, some before it were lost. */
  | { readonly kind: "gap" }
  | Discarded;
