/**
 * Goal: a connection that is open and dead can be given up by whoever finds out, and is made anew at
 * the usual pace. Method: attempts by hand in virtual time.
 */
import { expect, it } from "vitest";
import { createReopeningLink } from "../../edge/devices/wires/reopening-link.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import { silentLog } from "../../protocols/log.ts";
import { sent, type ByteLinkHandlers } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

it("tells the reason at once, hears nothing more of it, and opens again after a pause", () => {
  const clock = createVirtualClock();
  const attempts: ByteLinkHandlers[] = [];
  const closed: number[] = [];
  const link = createReopeningLink({
    clock,
    entropy: { next: () => 0 },
    log: silentLog,
    attempt(handlers) {
      const index = attempts.push(handlers) - 1;
      return { write: () => sent, close: async () => void closed.push(index) };
    },
  });
  const told: string[] = [];
  link.open({
    onOpen: () => told.push("open"),
    onBytes: (bytes) => told.push(`${bytes.length} bytes`),
    onClose: ({ code }) => told.push(code),
  });
  // Not open yet: there is nothing to give up.
  link.renew?.(deviceReason("noAnswer"));
  expect(told).toEqual([]);
  attempts[0]!.onOpen();
  link.renew?.(deviceReason("noAnswer"));
  expect(told).toEqual(["open", "noAnswer"]);
  expect(closed).toEqual([0]);
  attempts[0]!.onBytes(new Uint8Array(3));
  attempts[0]!.onClose(deviceReason("connectionLost"));
  expect(told).toHaveLength(2);
  clock.runFor(199);
  expect(attempts).toHaveLength(1);
  clock.runFor(1);
  attempts[1]!.onOpen();
  attempts[1]!.onBytes(new Uint8Array(2));
  expect(told).toEqual(["open", "noAnswer", "open", "2 bytes"]);
});
