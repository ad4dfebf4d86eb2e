import { createHash } from "node:crypto";
import { decodeJson } from "../../../protocols/json-message.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { encodeXrayImage } from "../../../protocols/xray/xray-image.ts";
import {
  xrayPieceBytesMax,
  xrayPiecesAheadMax,
  zXrayOrder,
  type XrayOrderAnswer,
} from "../../../protocols/xray/xray-opcua.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import type { ShownImage, XraySaid, XrayWire } from "./wire.ts";

export interface XrayOpcuaEvent {
  readonly epoch: string;
  readonly seq: number;
  readonly topic: string;
  readonly payload: string;
  readonly piece: Uint8Array | null;
}

export interface XrayOpcuaWireOptions {
  readonly clock: Clock;
  /** Draws the names of epochs. */
  readonly entropy: Entropy;
  /** Of an image, in bytes. Default and most: 16,384. */
  readonly pieceBytes?: number;
  readonly raise: (event: XrayOpcuaEvent) => void;
}

export interface XrayOpcuaWire extends XrayWire {
  /** A call of one of the object's methods, as JSON of its command. */
  take(payload: Uint8Array): XrayOrderAnswer;
}

const orderBytesMax = 4_096;
const lineLostAfterMs = 1_500;
const waitsForLineMs = 1_000;
/** Events that wait behind pieces: an image of the largest size, and what follows it. */
const waitingMax = 4_096;

type Waiting = Omit<XrayOpcuaEvent, "epoch" | "seq">;

/** One machine of a server (`protocols/xray/xray-opcua.ts`). */
export function createXrayOpcuaWire(options: XrayOpcuaWireOptions): XrayOpcuaWire {
  const { clock, entropy, raise, pieceBytes = xrayPieceBytesMax } = options;
  const newEpoch = (): string => Math.floor(entropy.next() * 0x1_0000_0000).toString(36);
  let epoch = newEpoch();
  let seq = 0;
  let isOn = true;
  let lineHeardAt: MonotonicMs | null = null;
  let announce: (announcement: XrayAnnounce) => void = () => {};
  let loseLine: () => void = () => {};
  let waiting: Waiting[] = [];
  /** Numbers of pieces that the line has not said to have. */
  let ahead: number[] = [];
  let patience: Timer | null = null;

  const forgetPieces = (): void => {
    patience?.cancel();
    ahead = [];
    waiting = waiting.filter(({ piece }) => piece === null);
  };
  const pump = (): void => {
    for (let next = waiting[0]; next !== undefined; [next] = waiting) {
      if (next.piece !== null && ahead.length >= xrayPiecesAheadMax) break;
      waiting.shift();
      seq += 1;
      if (next.piece !== null) ahead.push(seq);
      raise({ epoch, seq, ...next });
    }
    patience?.cancel();
    if (ahead.length === 0) return;
    patience = clock.schedule(monotonicMs(clock.monotonic() + waitsForLineMs), () => {
      forgetPieces();
      pump();
    });
  };
  const enqueue = (events: readonly Waiting[]): void => {
    if (!isOn || waiting.length + events.length > waitingMax) return;
    waiting.push(...events);
    pump();
  };
  const loseLineIfSilent = (): void => {
    if (lineHeardAt === null || clock.monotonic() - lineHeardAt < lineLostAfterMs) return;
    lineHeardAt = null;
    forgetPieces();
    loseLine();
  };
  const beginAnew = (): void => {
    epoch = newEpoch();
    seq = 0;
    lineHeardAt = null;
    waiting = [];
    forgetPieces();
    loseLine();
  };

  return {
    say({ kind: topic, ...message }: XraySaid, isBroken) {
      if (topic === "life") loseLineIfSilent();
      const json = JSON.stringify(message);
      const payload = isBroken ? json.slice(0, json.length >> 1) : json;
      enqueue([{ topic, payload, piece: null }]);
    },
    show({ header, ...planes }: ShownImage, isCut) {
      const bytes = encodeXrayImage(header, planes);
      if (bytes === null) return null;
      const pieces: Waiting[] = [];
      for (let fromByte = 0; fromByte < bytes.length; fromByte += pieceBytes) {
        const { itemSequence } = header;
        const payload = JSON.stringify({ itemSequence, fromByte, totalBytes: bytes.length });
        const piece = bytes.subarray(fromByte, fromByte + pieceBytes);
        pieces.push({ topic: "image", payload, piece });
      }
      // Pieces that nobody listens to would only be waited for.
      if (lineHeardAt !== null) enqueue(isCut ? pieces.slice(0, pieces.length >> 1) : pieces);
      return createHash("sha256").update(bytes).digest("hex");
    },
    onAnnounce(handler) {
      announce = handler;
    },
    onLineLost(handler) {
      loseLine = handler;
    },
    setPower(next) {
      if (next === isOn) return;
      isOn = next;
      beginAnew();
    },
    restart: beginAnew,
    async close() {
      isOn = false;
      patience?.cancel();
    },
    take(payload) {
      const decoded = decodeJson(zXrayOrder, payload, orderBytesMax);
      if (decoded.kind === "invalid") return "invalid";
      const order = decoded.value;
      if (!isOn || order.epoch !== epoch) return "staleEpoch";
      lineHeardAt = clock.monotonic();
      switch (order.kind) {
        case "announce": {
          const { kind: _kind, epoch: _epoch, ...announcement } = order;
          announce(announcement);
          break;
        }
        case "received":
          ahead = ahead.filter((number) => number > order.seq);
          pump();
          break;
        case "life":
      }
      return "taken";
    },
  };
}
