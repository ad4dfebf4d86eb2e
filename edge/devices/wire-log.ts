import type { DeviceReason } from "../../protocols/device-reasons.ts";
import { createFactLog } from "../../protocols/fact-log.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";

/**
 * What a wire says about itself, told to the log: that it is there, and why it is not. It is opened
 * anew every few seconds for ever, so that each reason is told at once and then once a minute, with
 * the number of attempts that were left out.
 */
export interface WireLog {
  opened(): void;
  /** An attempt failed, or what was open has ended. */
  closed(reason: DeviceReason): void;
  /** The peer refused one message, and kept the connection. */
  notTaken(topic: string, error: Error): void;
  /** A file cannot be read, or belongs to nothing; under which name it is kept. */
  fileNotTaken(file: string, why: string): void;
  stop(): void;
}

export interface WireLogOptions {
  /** Its fields say where the wire leads. */
  readonly log: Log;
  readonly clock: Clock;
}

export function createWireLog({ log, clock }: WireLogOptions): WireLog {
  const facts = createFactLog({ log, clock });
  const subject = "wire";
  let isOpen = false;
  return {
    opened() {
      isOpen = true;
      facts.tell({ subject, is: "open", level: "info", message: "connected" });
    },
    closed(reason) {
      facts.tell({
        subject,
        is: isOpen ? "lost" : reason.code,
        level: "warn",
        message: isOpen ? "connection lost, connecting again" : "not connected, trying again",
        fields: { reason: reason.code, why: deviceReasonLogText(reason) },
      });
      isOpen = false;
    },
    notTaken(topic, { message }) {
      facts.tell({
        subject: "messages",
        is: message,
        level: "warn",
        message: "a message was not taken",
        fields: { topic, why: message },
      });
    },
    fileNotTaken(file, why) {
      facts.tell({
        subject: "files",
        is: "not taken",
        level: "warn",
        message: "a file was not taken",
        fields: { file, why },
      });
    },
    stop: () => facts.stop(),
  };
}
