import { withoutNoReads } from "../../../protocols/barcode/no-read.ts";
import type { ScannerFrame } from "../../../protocols/scanner/frames.ts";
import { discardedBytes } from "../frame-dialect.ts";
import type { ScannerHeard } from "./heard.ts";

/** What a scanner means by a frame, whoever it was meant for. */
export function meaningOfFrame(frame: ScannerFrame): ScannerHeard {
  switch (frame.kind) {
    case "discarded":
      return discardedBytes(frame, { discardedBytesTotal: frame.totalBytes });
    case "read":
      return { kind: "read", codes: withoutNoReads(frame.codes), proof: frame.proof };
    case "noRead":
      return { kind: "read", codes: [], proof: frame.proof };
    case "ack":
      return { kind: "ack" };
    case "refusal":
      return { kind: "refused", detail: frame.text };
    case "heartbeat":
      return { kind: "life" };
  }
}
