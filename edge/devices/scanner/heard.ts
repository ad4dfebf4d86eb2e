import type { Discarded } from "../dialect.ts";
import type { ScannerRead } from "./scanner.ts";

/** What a scanner's dialect makes of its output. */
export type ScannerHeard =
  | ScannerRead
  /** It lives, or answers a command: good, and no read. */
  | { readonly kind: "life" }
  | { readonly kind: "ack" }
  /** A read that came before already, by its own number. */
  | { readonly kind: "repeat" }
  /** By the number of the read that follows, some before it were lost. */
  | { readonly kind: "gap" }
  | Discarded;
