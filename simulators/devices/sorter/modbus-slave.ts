import type { Clock } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import type { PlcRegisters, RegisterArea } from "./plc-registers.ts";

/** What can be wrong with a controller's Modbus, or with what stands between it and us. */
export interface ModbusFaults {
  /** For each of the next answers: how much later it comes. Those behind it wait for it. */
  readonly lateByMs: readonly number[];
  /** Requests of this function are answered with this exception. */
  readonly exceptions: ReadonlyMap<number, number>;
  /** A gateway that is one answer behind: each question is answered with the answer to the last. */
  readonly isOneBehind: boolean;
  /** No device: an adapter gives back what it is sent. */
  readonly isEcho: boolean;
  readonly isSilent: boolean;
  /** Answers in the name of this unit. */
  readonly answersAs: number | null;
  /** Writes are acknowledged, and nothing is written. */
  readonly forgetsWrites: boolean;
  /** Every answer has one bit turned over on the way. */
  readonly isNoisy: boolean;
}

export const noModbusFaults: ModbusFaults = {
  lateByMs: [],
  exceptions: new Map(),
  isOneBehind: false,
  isEcho: false,
  isSilent: false,
  answersAs: null,
  forgetsWrites: false,
  isNoisy: false,
};

export interface ModbusSlaveOptions {
  readonly registers: PlcRegisters;
  readonly unitId: number;
  readonly framing: "tcp" | "rtu";
  readonly clock: Clock;
}

/** A controller's Modbus server, whatever carries its bytes, for as many masters as there are wires. */
export interface ModbusSlave {
  /** One wire of a master. `send` hears the answers; what is returned takes the questions. */
  connect(send: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void;
  setFaults(change: Partial<ModbusFaults>): void;
}

export function createModbusSlave(options: ModbusSlaveOptions): ModbusSlave {
  let faults = noModbusFaults;
  return {
    connect(send) {
      const wire = new SlaveWire(options, send, () => {
        const { lateByMs } = faults;
        const now = faults;
        faults = { ...faults, lateByMs: lateByMs.slice(1) };
        return now;
      });
      return (bytes) => wire.take(bytes);
    },
    setFaults(change) {
      faults = { ...faults, ...change };
    },
  };
}

/** One question, cut out of the stream. `head` is what the answer repeats before its unit. */
interface Question {
  readonly head: Buffer;
  readonly unit: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;
const deviceFailure = 4;

class SlaveWire {
  readonly #options: ModbusSlaveOptions;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #nextFaults: () => ModbusFaults;
  #held: Buffer = Buffer.alloc(0);
  #before: Buffer | null = null;
  #freeAt: MonotonicMs = monotonicMs(0);

  constructor(
    options: ModbusSlaveOptions,
    send: (bytes: Uint8Array) => void,
    nextFaults: () => ModbusFaults,
  ) {
    this.#options = options;
    this.#send = send;
    this.#nextFaults = nextFaults;
  }

  take(bytes: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    for (;;) {
      const question = this.#options.framing === "tcp" ? this.#cutTcp() : this.#cutRtu();
      if (question === null) return;
      this.#hear(question);
    }
  }

  #cutTcp(): Question | null {
    if (this.#held.length < 8) return null;
    const end = 6 + this.#held.readUInt16BE(4);
    if (this.#held.length < end) return null;
    const whole = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
    return { head: whole.subarray(0, 4), unit: whole[6] ?? 0, body: whole.subarray(7), whole };
  }

  /** A question begins wherever bytes end in a checksum that is right. */
  #cutRtu(): Question | null {
    while (this.#held.length >= 8) {
      const isLong = this.#held[1] === 15 || this.#held[1] === 16;
      const end = isLong ? 9 + (this.#held[6] ?? 0) : 8;
      if (this.#held.length < end) return null;
      const whole = this.#held.subarray(0, end);
      if (checksum(whole.subarray(0, -2)) === whole.readUInt16LE(end - 2)) {
        this.#held = this.#held.subarray(end);
        const body = whole.subarray(1, -2);
        return { head: Buffer.alloc(0), unit: whole[0] ?? 0, body, whole };
      }
      this.#held = this.#held.subarray(1);
    }
    return null;
  }

  #hear(question: Question): void {
    const faults = this.#nextFaults();
    if (faults.isSilent) return;
    if (faults.isEcho) return this.#say(question.whole, faults);
    if (question.unit !== this.#options.unitId) return;
    const code = question.body[0] ?? 0;
    const exception = faults.exceptions.get(code);
    const answer =
      exception === undefined ? this.#answer(question.body, faults) : refusal(code, exception);
    const said = faults.isOneBehind ? (this.#before ?? answer) : answer;
    this.#before = answer;
    this.#say(this.#framed(question, said, faults.answersAs ?? question.unit), faults);
  }

  #framed({ head }: Question, answer: Buffer, unit: number): Buffer {
    const body = Buffer.concat([Buffer.from([unit]), answer]);
    if (this.#options.framing === "rtu") {
      const sum = checksum(body);
      return Buffer.concat([body, Buffer.from([sum & 0xff, sum >> 8])]);
    }
    return Buffer.concat([head, Buffer.from([body.length >> 8, body.length & 0xff]), body]);
  }

  /** Answers keep the order of the questions, however late one is. */
  #say(bytes: Buffer, { lateByMs, isNoisy }: ModbusFaults): void {
    const { clock } = this.#options;
    if (isNoisy) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const now = clock.monotonic();
    this.#freeAt = monotonicMs(Math.max(now, this.#freeAt) + (lateByMs[0] ?? 0));
    if (this.#freeAt <= now) return this.#send(bytes);
    clock.schedule(this.#freeAt, () => this.#send(bytes));
  }

  #answer(body: Buffer, faults: ModbusFaults): Buffer {
    const code = body[0] ?? 0;
    const area = readable[code];
    if (area !== undefined) return this.#read(code, area, body);
    if (body.length < 5) return refusal(code, illegalValue);
    const address = body.readUInt16BE(1);
    const written = writtenBy(body);
    if (written === null) return refusal(code, illegalFunction);
    const isWritten = faults.forgetsWrites
      ? true
      : this.#options.registers.write(written.area, address, written.values);
    return isWritten ? Buffer.from(body.subarray(0, 5)) : refusal(code, illegalAddress);
  }

  #read(code: number, area: RegisterArea, body: Buffer): Buffer {
    const address = body.readUInt16BE(1);
    const size = body.readUInt16BE(3);
    const isBits = area === "coil" || area === "discrete";
    if (size < 1 || size > (isBits ? 2_000 : 125)) return refusal(code, illegalValue);
    const read = this.#options.registers.read(area, address, size);
    if (read.kind === "noSuchAddress") return refusal(code, illegalAddress);
    if (read.kind === "badValue") return refusal(code, deviceFailure);
    const data = isBits ? bitsOf(read.values) : wordsOf(read.values);
    return Buffer.concat([Buffer.from([code, data.length]), data]);
  }
}

const readable: Readonly<Record<number, RegisterArea>> = {
  1: "coil",
  2: "discrete",
  3: "holding",
  4: "input",
};

function writtenBy(body: Buffer): { area: RegisterArea; values: number[] } | null {
  switch (body[0] ?? 0) {
    case 5:
      return { area: "coil", values: [body.readUInt16BE(3) === 0xff00 ? 1 : 0] };
    case 6:
      return { area: "holding", values: [body.readUInt16BE(3)] };
    case 15: {
      const bit = (index: number): number => ((body[6 + (index >> 3)] ?? 0) >> (index & 7)) & 1;
      const size = body.readUInt16BE(3);
      return { area: "coil", values: Array.from({ length: size }, (_, index) => bit(index)) };
    }
    case 16: {
      const size = Math.min(body.readUInt16BE(3), (body.length - 6) >> 1);
      const values = Array.from({ length: size }, (_, index) => body.readUInt16BE(6 + 2 * index));
      return { area: "holding", values };
    }
    default:
      return null;
  }
}

const refusal = (code: number, exception: number): Buffer => Buffer.from([code | 0x80, exception]);

function wordsOf(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16BE(value, 2 * index));
  return bytes;
}

function bitsOf(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc((values.length + 7) >> 3);
  values.forEach((value, index) => {
    if (value !== 0) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  });
  return bytes;
}

/** Bit by bit, as the standard's own drawing has it. */
function checksum(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let shift = 0; shift < 8; shift += 1) sum = sum % 2 === 1 ? (sum >> 1) ^ 0xa001 : sum >> 1;
  }
  return sum;
}
