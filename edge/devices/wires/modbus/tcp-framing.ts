import type { ModbusArrival, ModbusFraming } from "./framing.ts";
import { askBytes } from "./pdu.ts";

const headLength = 7;
/** Unit and at least a function and one byte more; at most 253 bytes of answer. */
const lengthMin = 3;
const lengthMax = 254;

/**
 * Modbus over TCP (Modbus Messaging on TCP/IP V1.0b, 3.1.3): transaction, protocol 0, length, unit.
 * An answer to an earlier transaction is late, whatever it says.
 */
export function createTcpFraming(unitId: number): ModbusFraming {
  let last = 0;
  let open: number | null = null;
  let held = new Uint8Array();

  const readFrame = (frame: Uint8Array): ModbusArrival => {
    const transaction = wordAt(frame, 0);
    if (transaction !== open) {
      return { kind: "stray", why: `transaction ${transaction}, not ${open ?? "any"}` };
    }
    open = null;
    const unit = frame[6];
    if (unit !== unitId) return { kind: "stray", why: `unit ${unit}, not ${unitId}` };
    return { kind: "answer", pdu: frame.subarray(headLength) };
  };

  return {
    silenceMs: 0,
    airMs: () => 0,
    reset() {
      open = null;
      held = new Uint8Array();
    },
    ask(ask) {
      const pdu = askBytes(ask);
      last = (last + 1) % 0x1_0000;
      open = last;
      const length = pdu.length + 1;
      return Uint8Array.of(
        last >> 8,
        last & 0xff,
        0,
        0,
        length >> 8,
        length & 0xff,
        unitId,
        ...pdu,
      );
    },
    bufferedBytes: () => held.length,
    forget() {
      open = null;
    },
    take(chunk) {
      held = joined(held, chunk);
      const arrivals: ModbusArrival[] = [];
      while (held.length >= headLength) {
        const protocol = wordAt(held, 2);
        const length = wordAt(held, 4);
        if (protocol !== 0 || length < lengthMin || length > lengthMax) {
          held = new Uint8Array();
          arrivals.push({ kind: "broken", why: `protocol ${protocol}, length ${length}` });
          return arrivals;
        }
        const end = headLength - 1 + length;
        if (held.length < end) break;
        arrivals.push(readFrame(held.subarray(0, end)));
        held = held.subarray(end);
      }
      return arrivals;
    },
  };
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

export function joined(held: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(held.length + chunk.length);
  both.set(held);
  both.set(chunk, held.length);
  return both;
}
