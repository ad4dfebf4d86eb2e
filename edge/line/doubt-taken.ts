import { isDoubt } from "../../protocols/clearance.ts";
import type { ClearanceMessage } from "../../protocols/link.ts";
import type { ClearanceMirror } from "./clearance-mirror.ts";

/**
 * Whether the mirror has just applied this message and holds something back by it: the centre waits
 * to hear of that. Asked right after the message.
 */
export function isDoubtTaken(mirror: ClearanceMirror, message: ClearanceMessage): boolean {
  const isApplied =
    mirror.phase === "current" && mirror.stream === message.stream && mirror.seq === message.seq;
  if (!isApplied) return false;
  const { waybills } = mirror.held;
  switch (message.kind) {
    case "change":
      return message.records.some((record) => isDoubt(record) && waybills.has(record.waybill));
    case "claimAnswer":
      return message.isHeld && message.record !== null && isDoubt(message.record);
    case "snapshotEnd":
      return [...waybills.values()].some(({ record }) => record !== null && isDoubt(record));
    case "snapshotBegin":
    case "snapshotPart":
    case "heartbeat":
      return false;
  }
}
