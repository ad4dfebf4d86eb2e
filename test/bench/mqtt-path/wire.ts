import { connect, type Socket } from "node:net";

/**
 * A load generator's own way to a broker: MQTT 3.1.1 with no more in it than a bench needs, so that
 * the two cores are left to what is measured. Messages gather until `flush`, and leave in one write.
 */
export interface BenchWire {
  /** Text must be ASCII. */
  readonly publish: (topic: string, payload: string, qos: 0 | 1) => void;
  readonly flush: () => void;
  readonly close: () => void;
}

export interface BenchWireOptions {
  readonly port: number;
  readonly clientId: string;
  readonly filters: readonly string[];
  /** `payload` is only good until this returns. Called in order of arrival. */
  onMessage(topic: string, payload: Buffer): void;
  /** Just before what has gathered is handed to the socket. */
  readonly onFlush: () => void;
  onLost(why: string): void;
}

const packetTypes = { connect: 1, connack: 2, publish: 3, subscribe: 8, suback: 9 } as const;
const outgoingBytes = 4 * 1024 * 1024;
const packetIdMax = 65_535;

export function openBenchWire(options: BenchWireOptions): Promise<BenchWire> {
  const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
  const outgoing = createOutgoing(socket, options.onFlush);
  return new Promise((resolve, reject) => {
    const take = createPacketReader((type, flags, body) => {
      if (type === packetTypes.publish) return takePublish(options, outgoing, flags, body);
      if (type === packetTypes.connack) {
        if (body[1] !== 0) return reject(new Error(`the broker refused: code ${body[1]}`));
        outgoing.raw(subscribePacket(options.filters));
        outgoing.flush();
      }
      if (type === packetTypes.suback) {
        resolve({
          publish: outgoing.publish,
          flush: outgoing.flush,
          close: () => {
            isClosed = true;
            socket.end();
          },
        });
      }
    });
    let isClosed = false;
    socket.on("data", (chunk) => {
      take(chunk);
      outgoing.flush();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      if (!isClosed) options.onLost("the broker hung up");
    });
    outgoing.raw(connectPacket(options.clientId));
    outgoing.flush();
  });
}

function takePublish(
  options: BenchWireOptions,
  outgoing: Outgoing,
  flags: number,
  body: Buffer,
): void {
  const topicEnd = 2 + body.readUInt16BE(0);
  const topic = body.toString("latin1", 2, topicEnd);
  const isAcknowledged = (flags & 0x06) !== 0;
  if (isAcknowledged) outgoing.acknowledge(body.readUInt16BE(topicEnd));
  options.onMessage(topic, body.subarray(isAcknowledged ? topicEnd + 2 : topicEnd));
}

interface Outgoing extends Pick<BenchWire, "publish" | "flush"> {
  readonly raw: (packet: Buffer) => void;
  readonly acknowledge: (packetId: number) => void;
}

/** Everything that waits to be written, in one buffer that is used again and again. */
function createOutgoing(socket: Socket, onFlush: () => void): Outgoing {
  const buffer = Buffer.allocUnsafe(outgoingBytes);
  let used = 0;
  let nextPacketId = 1;

  const flush = (): void => {
    if (used === 0) return;
    onFlush();
    socket.write(Buffer.from(buffer.subarray(0, used)));
    used = 0;
  };
  const makeRoom = (bytes: number): void => {
    if (used + bytes > outgoingBytes) flush();
  };

  return {
    flush,
    raw(packet: Buffer): void {
      makeRoom(packet.length);
      used += packet.copy(buffer, used);
    },
    acknowledge(packetId: number): void {
      makeRoom(4);
      used = buffer.writeUInt16BE(0x4002, used);
      used = buffer.writeUInt16BE(packetId, used);
    },
    publish(topic: string, payload: string, qos: 0 | 1): void {
      const length = 2 + topic.length + (qos === 1 ? 2 : 0) + payload.length;
      makeRoom(length + 5);
      buffer[used++] = 0x30 | (qos << 1);
      used = writeLength(buffer, used, length);
      used = buffer.writeUInt16BE(topic.length, used);
      used += buffer.write(topic, used, "latin1");
      if (qos === 1) {
        used = buffer.writeUInt16BE(nextPacketId, used);
        nextPacketId = nextPacketId === packetIdMax ? 1 : nextPacketId + 1;
      }
      used += buffer.write(payload, used, "latin1");
    },
  };
}

/** 7 bits a byte, lowest first. */
function writeLength(buffer: Buffer, at: number, length: number): number {
  let left = length;
  let next = at;
  do {
    const byte = left & 0x7f;
    left >>= 7;
    buffer[next++] = left > 0 ? byte | 0x80 : byte;
  } while (left > 0);
  return next;
}

function packet(type: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header[0] = (type << 4) | flags;
  return Buffer.concat([header.subarray(0, writeLength(header, 1, body.length)), body]);
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** A clean session that is never asked for a sign of life. */
const connectPacket = (clientId: string): Buffer =>
  packet(
    packetTypes.connect,
    0,
    Buffer.concat([text("MQTT"), Buffer.from([4, 2, 0, 0]), text(clientId)]),
  );

const subscribePacket = (filters: readonly string[]): Buffer =>
  packet(
    packetTypes.subscribe,
    2,
    Buffer.concat([
      Buffer.from([0, 1]),
      ...filters.flatMap((filter) => [text(filter), Buffer.from([1])]),
    ]),
  );

type TakePacket = (type: number, flags: number, body: Buffer) => void;

/** Cuts a stream into packets; what is incomplete waits for the next chunk. */
function createPacketReader(take: TakePacket): (chunk: Buffer) => void {
  let rest: Buffer | null = null;
  return (chunk) => {
    const bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const header = readHeader(bytes, at);
      if (header === null || bytes.length < header.bodyEnd) break;
      const first = bytes[at] ?? 0;
      take(first >> 4, first & 0x0f, bytes.subarray(header.bodyFrom, header.bodyEnd));
      at = header.bodyEnd;
    }
    rest = at < bytes.length ? bytes.subarray(at) : null;
  };
}

function readHeader(bytes: Buffer, at: number): { bodyFrom: number; bodyEnd: number } | null {
  let length = 0;
  for (let index = 1; index <= 4; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) === 0) {
      const bodyFrom = at + index + 1;
      return { bodyFrom, bodyEnd: bodyFrom + length };
    }
  }
  throw new Error("a packet of more than 256 MiB");
}
