import { createHash } from "node:crypto";
import { crc32 } from "../../../protocols/crc32.ts";
import type { Clock, Entropy, Timer } from "../../../protocols/time.ts";
import type { ByteLink } from "../../../protocols/transport.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import {
  createTelegramParser,
  encodeTelegramFrame,
  type TelegramWord,
} from "../../../protocols/xray/telegram-frame.ts";
import {
  decodeXrayTelegram,
  encodeXrayTelegram,
  isAnsweredType,
  nextSeq,
  seqAhead,
  type TelegramAnnounce,
  type XrayTelegram,
} from "../../../protocols/xray/telegrams.ts";
import { encodeXrayImage, xrayPixelBytes } from "../../../protocols/xray/xray-image.ts";
import type { XrayAnnounce, XrayVerdict } from "../../../protocols/xray/xray.ts";
import type { ShownImage, XraySaid, XrayWire } from "./wire.ts";

export interface XrayTelegramWireOptions {
  readonly link: ByteLink;
  readonly clock: Clock;
  /** Draws the numbers of sessions. */
  readonly entropy: Entropy;
  /** Pixels a piece, in bytes. Default 4,096; on a slow serial line a few hundred. */
  readonly pieceBytes?: number;
  /** How long a telegram may stay unanswered. Default 200 ms. */
  readonly answerWithinMs?: number;
}

export interface XrayTelegramFaults {
  /** Hears nothing of the next so many answers. */
  readonly missesAnswers: number;
  /** Damages one byte of the next so many telegrams that want an answer. */
  readonly damages: number;
  /** Sends the next so many of them twice. */
  readonly repeats: number;
  /** Hears no announcement. */
  readonly missesAnnouncements: boolean;
  /** Never begins a session. */
  readonly startsNothing: boolean;
  /** Broken bytes in front of every telegram. */
  readonly isNoisy: boolean;
}

export interface XrayTelegramWire extends XrayWire {
  setWireFaults(faults: Partial<XrayTelegramFaults>): void;
}

const triesMax = 3;
const lineLostAfterMs = 1_500;
/** Telegrams that wait for the one under way: a large image in small pieces. */
const waitingMax = 4_096;
const noise = Uint8Array.of(0xa5, 0x5a, 0x01, 0x03, 0xff, 0xa5, 0x00);

interface UnderWay {
  readonly seq: number;
  readonly bytes: Uint8Array;
  tries: number;
}

/** The machine's side of the telegrams in `protocols/xray/telegrams.ts`. */
export function createXrayTelegramWire(options: XrayTelegramWireOptions): XrayTelegramWire {
  return new TelegramWire(options);
}

class TelegramWire implements XrayTelegramWire {
  readonly #options: XrayTelegramWireOptions;
  readonly #parser = createTelegramParser();
  #faults: XrayTelegramFaults = {
    missesAnswers: 0,
    damages: 0,
    repeats: 0,
    missesAnnouncements: false,
    startsNothing: false,
    isNoisy: false,
  };
  #isOpen = false;
  #isOn = true;
  /** 0: none. */
  #session = 0;
  #isStarted = false;
  #greeting = 0;
  #ownSeq = 0;
  #heardSeq = 0;
  #underWay: UnderWay | null = null;
  #waiting: XrayTelegram[] = [];
  #timer: Timer | null = null;
  #lineHeardAt: MonotonicMs = monotonicMs(0);
  #announce: (announcement: XrayAnnounce) => void = () => {};
  #loseLine: () => void = () => {};

  constructor(options: XrayTelegramWireOptions) {
    this.#options = options;
    options.link.open({
      onOpen: () => {
        this.#isOpen = true;
      },
      onBytes: (chunk) => {
        if (!this.#isOn) return;
        for (const word of this.#parser.push(chunk)) this.#take(word);
      },
      onClose: () => {
        this.#isOpen = false;
        this.#end();
      },
    });
  }

  setWireFaults(faults: Partial<XrayTelegramFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  say(said: XraySaid, isBroken: boolean): void {
    if (said.kind === "life") {
      const { seq: lives, state, beamOn } = said;
      this.#watchLine();
      const session = this.#session;
      this.#write(bytesOf({ kind: "machineLife", session, lives, state, beamOn }, 0, isBroken));
    } else this.#enqueue([telegramOf(said)], isBroken);
  }

  show(image: ShownImage, isCut: boolean): string | null {
    const pixels = pixelsOf(image);
    if (pixels === null) return null;
    const { header } = image;
    const { itemSequence, widthPx, heightPx, entryCount = null, lengthMm } = header;
    const pieceBytes = this.#options.pieceBytes ?? 4_096;
    const pieces: XrayTelegram[] = [];
    for (let from = 0; from < pixels.length; from += pieceBytes) {
      const bytes = pixels.subarray(from, from + pieceBytes);
      pieces.push({ kind: "piece", itemSequence, from, bytes });
    }
    const picture: XrayTelegram = {
      kind: "picture",
      itemSequence,
      track: trackOf(header.passId),
      entryCount,
      lengthMm: lengthMm === undefined ? null : Math.round(lengthMm),
      widthPx,
      heightPx,
      planes: header.planes ?? 2,
      pixelsCrc: crc32(pixels),
    };
    this.#enqueue([picture, ...(isCut ? pieces.slice(0, pieces.length >> 1) : pieces)], false);
    return createHash("sha256").update(pixels).digest("hex");
  }

  onAnnounce(handler: (announcement: XrayAnnounce) => void): void {
    this.#announce = handler;
  }

  onLineLost(handler: () => void): void {
    this.#loseLine = handler;
  }

  setPower(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#end();
  }

  restart(): void {
    this.#end();
  }

  close(): Promise<void> {
    this.#end();
    this.#isOpen = false;
    return this.#options.link.close();
  }

  #begin(greeting: number): void {
    this.#end();
    if (this.#faults.startsNothing) return;
    this.#greeting = greeting;
    this.#session = 1 + Math.floor(this.#options.entropy.next() * 0xffff_fffe);
    this.#send({ kind: "start", session: this.#session, greeting }, 0);
  }

  /** Nothing of it outlasts a session, neither what waits nor what the line has announced. */
  #end(): void {
    this.#session = 0;
    this.#isStarted = false;
    this.#ownSeq = 0;
    this.#heardSeq = 0;
    this.#underWay = null;
    this.#waiting = [];
    this.#timer?.cancel();
    this.#loseLine();
  }

  #watchLine(): void {
    const silentMs = this.#options.clock.monotonic() - this.#lineHeardAt;
    if (!this.#isStarted || silentMs < lineLostAfterMs) return;
    this.#end();
  }

  #take(word: TelegramWord): void {
    if (word.kind === "discarded") return;
    if (word.kind === "damaged") {
      if (isAnsweredType(word.type))
        this.#write(bytesOf({ kind: "nak", why: "damaged" }, word.seq));
      return;
    }
    const decoded = decodeXrayTelegram(word);
    if (decoded.kind === "invalid") {
      return this.#write(bytesOf({ kind: "nak", why: decoded.nak }, word.seq));
    }
    const { telegram } = decoded;
    switch (telegram.kind) {
      case "ack":
        return this.#takeAck(word.seq);
      case "nak":
        return this.#takeNak(telegram.why === "damaged", word.seq);
      case "lineLife":
        return this.#takeLife(telegram);
      case "announce":
        return this.#takeAnnounce(telegram, word.seq);
      case "start":
      case "machineLife":
      case "entered":
      case "left":
      case "picture":
      case "piece":
      case "verdict":
      // What only a machine says is our own, come back to us.
    }
  }

  #takeLife({ session, greeting }: Extract<XrayTelegram, { kind: "lineLife" }>): void {
    this.#lineHeardAt = this.#options.clock.monotonic();
    const isStarting = this.#underWay?.seq === 0 && greeting === this.#greeting;
    if (isStarting || (this.#isStarted && session === this.#session)) return;
    this.#begin(greeting);
  }

  #takeAnnounce(announcement: TelegramAnnounce, seq: number): void {
    if (!this.#isStarted || this.#faults.missesAnnouncements) return;
    const ahead = this.#heardSeq === 0 ? seq : seqAhead(seq, this.#heardSeq);
    if (ahead < 0) return;
    if (ahead > 0) {
      this.#heardSeq = seq;
      const { track, entryFromCount, entryToCount, lengthMm } = announcement;
      this.#announce({ passId: String(track), entryFromCount, entryToCount, lengthMm });
    }
    this.#write(bytesOf({ kind: "ack" }, seq));
  }

  #isAnswerMissed(): boolean {
    const { missesAnswers } = this.#faults;
    if (missesAnswers > 0) this.setWireFaults({ missesAnswers: missesAnswers - 1 });
    return missesAnswers > 0;
  }

  #takeAck(seq: number): void {
    if (this.#underWay?.seq !== seq || this.#isAnswerMissed()) return;
    if (seq === 0) this.#isStarted = true;
    this.#next();
  }

  #takeNak(isDamaged: boolean, seq: number): void {
    if (this.#underWay?.seq !== seq || this.#isAnswerMissed()) return;
    if (isDamaged) this.#again();
    else this.#next();
  }

  #enqueue(telegrams: readonly XrayTelegram[], isBroken: boolean): void {
    if (this.#session === 0 || this.#waiting.length + telegrams.length > waitingMax) return;
    if (isBroken) {
      // A whole frame about half of what was to be said.
      for (const telegram of telegrams) this.#write(bytesOf(telegram, nextSeq(this.#ownSeq), true));
      return;
    }
    this.#waiting.push(...telegrams);
    if (this.#underWay === null) this.#next();
  }

  #next(): void {
    this.#underWay = null;
    this.#timer?.cancel();
    const telegram = this.#waiting.shift();
    if (telegram === undefined) return;
    this.#ownSeq = nextSeq(this.#ownSeq);
    this.#send(telegram, this.#ownSeq);
  }

  #send(telegram: XrayTelegram, seq: number): void {
    this.#underWay = { seq, bytes: bytesOf(telegram, seq), tries: 0 };
    this.#again();
  }

  #again(): void {
    const { clock, answerWithinMs = 200 } = this.#options;
    const underWay = this.#underWay;
    this.#timer?.cancel();
    if (underWay === null) return;
    if (underWay.tries === triesMax) return underWay.seq === 0 ? this.#end() : this.#next();
    underWay.tries += 1;
    const { damages, repeats } = this.#faults;
    if (damages > 0) this.setWireFaults({ damages: damages - 1 });
    if (repeats > 0) this.setWireFaults({ repeats: repeats - 1 });
    const bytes = damages > 0 ? damaged(underWay.bytes) : underWay.bytes;
    for (let time = repeats > 0 ? 2 : 1; time > 0; time -= 1) this.#write(bytes);
    this.#timer = clock.schedule(monotonicMs(clock.monotonic() + answerWithinMs), () =>
      this.#again(),
    );
  }

  #write(bytes: Uint8Array): void {
    if (!this.#isOpen || !this.#isOn) return;
    if (this.#faults.isNoisy) this.#options.link.write(noise);
    this.#options.link.write(bytes);
  }
}

/** What the machine calls a pass is the number that it was announced under. */
const trackOf = (passId: string | null): number | null => (passId === null ? null : Number(passId));

function telegramOf(said: Exclude<XraySaid, { kind: "life" }>): XrayTelegram {
  const { itemSequence } = said;
  const item = { itemSequence, track: trackOf(said.passId) };
  switch (said.kind) {
    case "item": {
      const { entryCount = null, lengthMm } = said;
      return { kind: "entered", ...item, entryCount, lengthMm: Math.round(lengthMm) };
    }
    case "left":
      return { kind: "left", ...item };
    case "verdict": {
      const { imageHash: pixelsHash, verdict, algorithm, boxes } = said;
      const decision = decisionOf[verdict];
      return { kind: "verdict", ...item, decision, pixelsHash, algorithm, boxes };
    }
  }
}

const decisionOf = {
  clear: "clear",
  suspect: "suspect",
  unknown: "error",
} as const satisfies Readonly<Record<XrayVerdict["verdict"], string>>;

/** `isBroken`: whole as a frame, and half of what it should say. */
function bytesOf(telegram: XrayTelegram, seq: number, isBroken = false): Uint8Array {
  const bytes = encodeXrayTelegram(telegram, seq);
  if (!isBroken) return bytes;
  const [word] = createTelegramParser().push(bytes);
  if (word?.kind !== "telegram") return bytes;
  return encodeTelegramFrame({ ...word, body: word.body.subarray(0, word.body.length >> 1) });
}

/** The planes as they stand in an image; null for one that is too large. */
function pixelsOf({ header, ...planes }: ShownImage): Uint8Array | null {
  const bytes = encodeXrayImage(header, planes);
  return bytes === null ? null : bytes.subarray(bytes.length - xrayPixelBytes(header));
}

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 5] = (copy.at(-5) ?? 0) ^ 0x01;
  return copy;
}
