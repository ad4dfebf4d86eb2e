import type {
  BeltMotion,
  ClaimAnswer,
  ClearanceMessage,
  DownMessage,
  UpMessage,
} from "../../protocols/link.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";
import { createFactLog } from "../../protocols/fact-log.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs, type MonotonicMs } from "../../protocols/units.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import { createJournalDoubts, type JournalDoubt } from "./journal-doubt.ts";
import { createJournalOutbox, type JournalOutboxCounters } from "./journal-outbox.ts";
import type { JournalSource } from "./journal-outbox.ts";
import { createLinkCuts, type SentImage } from "./link-cuts.ts";
import type { LinkAgentEnd, LinkCounters } from "./port.ts";

/**
 * A line agent's side of its conversation with the centre: says hello when the wire comes up, when
 * the centre comes back after a silence, and when a stream it does not know shows that the centre
 * was restarted; sends the journal, claims, motion, health and images; hands down what the core
 * has to know. The shell owns it; everything here is synchronous but reading journal and images.
 */
export interface AgentSession {
  /** False: not connected, so the claim stays unanswered, which is doubt. */
  claim(lineId: string, passId: string, waybill: string): boolean;
  /** At most ten a second are worth sending: the page draws by speed, not by position. */
  motion(belts: readonly BeltMotion[]): boolean;
  health(lineId: string, devices: HealthMessage["devices"]): boolean;
  /** A return of false needs no care: the centre asks again for an image that does not arrive. */
  image(passId: string, sha256: string, bytes: Uint8Array): boolean;
  /** The core met a gap in the clearance stream. */
  snapshotWanted(why: string): void;
  /** Why the centre does not take the journal; null while it does, as far as is known here. */
  journalDoubt(): JournalDoubt | null;
  /** Something came from the centre within the last `centreSilenceMs`. */
  isCentreHeard(): boolean;
  counters(): { readonly link: LinkCounters; readonly outbox: JournalOutboxCounters };
  stop(): Promise<void>;
}

export interface AgentSessionOptions {
  readonly end: LinkAgentEnd;
  readonly clock: Clock;
  readonly chain: string;
  readonly lineIds: readonly string[];
  readonly journal: JournalSource;
  /** Of the core's mirror, read when a hello is made; `stream` null unless it is current. */
  readonly clearancePlace: () => { readonly stream: string | null; readonly seq: number };
  /** Null when the image is not kept any more. */
  readonly readImage: (passId: string, sha256: string) => Promise<Uint8Array | null>;
  readonly onDown: (message: SessionDown) => void;
  /** A person at the centre has said that the journal is another one from now on. */
  readonly onGeneration: (begun: GenerationBegun) => void;
  readonly log: Log;
}

/** What the core has to know; the rest of the conversation is kept here. */
export type SessionDown =
  | { readonly kind: "clearance"; readonly message: ClearanceMessage }
  | ClaimAnswer
  | { readonly kind: "officerVerdict"; readonly verdict: OfficerVerdict }
  /** At each change. */
  | { readonly kind: "journalDoubted"; readonly doubt: JournalDoubt | null };

type HealthMessage = Extract<UpMessage, { kind: "health" }>;

/** The centre sends a heartbeat a second; after three it counts as silent. */
export const centreSilenceMs = 3_000;
/** Between two hellos, and between two requests for a snapshot. */
const askEveryMsMin = 2_000;
/** How often the session says that it is alive, and looks whether it should say hello again. */
const watchMs = 1_000;
/** A hello unanswered for so long, while the centre is heard, is said again. */
const unsettledMsMax = 30_000;
const imagesBeingReadMax = 8;

export function startAgentSession(options: AgentSessionOptions): AgentSession {
  const { end, clock } = options;
  const facts = createFactLog({ log: options.log, clock });
  const never = monotonicMs(Number.NEGATIVE_INFINITY);
  let isConnected = false;
  let heardAt: MonotonicMs = never;
  let helloAt: MonotonicMs = never;
  let askedAt: MonotonicMs = never;
  let settledAt: MonotonicMs = clock.monotonic();
  let stream: string | null = null;
  let imagesBeingRead = 0;
  let watch: Timer | null = null;
  let isStopped = false;
  const startedAt = clock.monotonic();
  /** As it was told last; null: not yet. */
  let wasHeard: boolean | null = null;
  let toldDoubt: JournalDoubt | null = null;

  const outbox = createJournalOutbox({
    clock,
    chain: options.chain,
    source: options.journal,
    send: (records) => end.send({ kind: "journal", records: [...records] }),
    onReadFailed: (error) =>
      facts.tell({
        subject: "journal",
        is: "unread",
        level: "error",
        message: "the journal cannot be read for the centre",
        fields: { error },
      }),
  });

  const isCentreHeard = (): boolean => clock.monotonic() - heardAt <= centreSilenceMs;
  const doubts = createJournalDoubts(outbox, isCentreHeard);
  const cuts = createLinkCuts();

  const tellDoubt = (): void => {
    const doubt = doubts.now();
    if (doubt?.code === toldDoubt?.code) return;
    toldDoubt = doubt;
    facts.tell({
      subject: "journal at the centre",
      is: doubt === null ? "taken" : doubt.code,
      level: doubt === null ? "info" : "error",
      message:
        doubt === null
          ? "the centre takes this journal"
          : "the centre does not take this journal: nothing can be released",
      fields: doubt === null ? {} : { code: doubt.code, why: doubt.why },
    });
    options.onDown({ kind: "journalDoubted", doubt });
  };

  const hello = (): void => {
    const now = clock.monotonic();
    if (!isConnected || now - helloAt < askEveryMsMin) return;
    helloAt = now;
    const place = options.clearancePlace();
    const journalEnd = options.journal.tail();
    outbox.restart();
    end.send({
      kind: "hello",
      agentId: end.agentId,
      chain: options.chain,
      generation: nameOfChain(options.chain).generation,
      lastSeq: journalEnd.seq,
      lastHash: journalEnd.hash,
      lineIds: [...options.lineIds],
      clearanceStream: place.stream,
      clearanceSeq: place.stream === null ? 0 : place.seq,
      at: now,
    });
  };

  const giveUp = ({ passId, sha256, totalBytes }: SentImage): void =>
    facts.tell({
      subject: `image ${sha256}`,
      is: "given up",
      level: "error",
      message: "an image is given up: the link was lost each time it was sent",
      fields: { passId, sha256, totalBytes },
    });

  const onState = (nowConnected: boolean): void => {
    if (isConnected && !nowConnected) cuts.cut(clock.monotonic()).forEach(giveUp);
    isConnected = nowConnected;
    helloAt = never;
    if (nowConnected) hello();
    else outbox.restart();
  };

  const onClearance = (message: ClearanceMessage): void => {
    if (message.kind === "snapshotBegin") stream = message.stream;
    else if (message.stream !== stream) hello();
    options.onDown({ kind: "clearance", message: asLeased(message) });
  };

  /** Nobody that is not heard relies on a lease. */
  const asLeased = (message: ClearanceMessage): ClearanceMessage =>
    "leaseMs" in message && doubts.now() !== null ? { ...message, leaseMs: 0 } : message;

  const onAck = ({ seq, hash }: Extract<DownMessage, { kind: "journalAck" }>): void => {
    outbox.onAck(seq, hash ?? null);
    doubts.acknowledged();
    tellDoubt();
  };

  const onRefused = (message: Extract<DownMessage, { kind: "journalRefused" }>): void => {
    doubts.refused(message);
    const isTaken = message.code === "journalLate" || isBeingClosed(message);
    // What is refused is not sent again and again: the next hello asks anew.
    if (!isTaken) outbox.restart();
    tellDoubt();
  };

  /** Its last records are taken until the new generation begins. */
  const isBeingClosed = ({ code, chain }: Extract<DownMessage, { kind: "journalRefused" }>) =>
    code === "journalClosed" && chain === options.chain;

  const onBegun = (begun: GenerationBegun): void => {
    const [own, next] = [nameOfChain(options.chain), nameOfChain(begun.chain)];
    if (next.agentId === own.agentId && next.generation > own.generation) {
      options.onGeneration(begun);
    }
  };

  const handImage = (passId: string, sha256: string, bytes: Uint8Array): boolean => {
    if (cuts.isGivenUp(sha256, clock.monotonic())) return false;
    const isSent = end.sendImage(passId, sha256, bytes);
    if (isSent) cuts.imageSent({ passId, sha256, totalBytes: bytes.byteLength });
    return isSent;
  };

  const sendImage = async (passId: string, sha256: string): Promise<void> => {
    if (imagesBeingRead >= imagesBeingReadMax) return;
    imagesBeingRead += 1;
    try {
      const bytes = await options.readImage(passId, sha256);
      if (bytes !== null && !isStopped) handImage(passId, sha256, bytes);
    } catch (error) {
      // An image that cannot be read is not sent; the centre goes on asking while it lacks it.
      facts.tell({
        subject: "images",
        is: "unread",
        level: "warn",
        message: "an image cannot be read, and stays unsent",
        fields: { passId, sha256, error },
      });
    } finally {
      imagesBeingRead -= 1;
    }
  };

  const onMessage = (message: DownMessage): void => {
    const now = clock.monotonic();
    const wasSilent = now - heardAt > centreSilenceMs;
    heardAt = now;
    cuts.heard();
    if (wasSilent && now - helloAt > centreSilenceMs) hello();
    switch (message.kind) {
      case "clearance":
        return onClearance(message.message);
      case "claimAnswer":
        // A grant is for whoever is heard: a refusal says what it says.
        if (message.granted && doubts.now() !== null) return;
        return options.onDown(message);
      case "officerVerdict":
        return options.onDown(message);
      case "journalAck":
        if (message.chain === options.chain) onAck(message);
        return;
      case "journalRefused":
        return onRefused(message);
      case "generationBegun":
        return onBegun(message.begun);
      case "journalWanted":
        if (message.chain === options.chain) outbox.onWanted(message.afterSeq);
        return;
      case "imageWanted":
        void sendImage(message.passId, message.imageHash);
    }
  };

  const tellCentre = (isHeard: boolean): void => {
    // It is given the time to say its first word.
    const isEarly = wasHeard === null && clock.monotonic() - startedAt <= centreSilenceMs;
    if (isHeard === wasHeard || (!isHeard && isEarly)) return;
    wasHeard = isHeard;
    facts.tell({
      subject: "centre",
      is: isHeard ? "heard" : "silent",
      level: isHeard ? "info" : "warn",
      message: isHeard ? "the centre is heard" : "nothing is heard of the centre",
    });
  };

  const look = (): void => {
    const now = clock.monotonic();
    const lastSeq = options.journal.lastSeq();
    if (isConnected) end.send({ kind: "alive", at: now, lastSeq, link: cuts.report(now) });
    tellDoubt();
    tellCentre(now - heardAt <= centreSilenceMs);
    if (outbox.isOpen() && options.clearancePlace().stream !== null) settledAt = now;
    if (now - settledAt > unsettledMsMax && now - heardAt <= centreSilenceMs) {
      settledAt = now;
      hello();
    }
    watch = clock.schedule(monotonicMs(now + watchMs), look);
  };

  end.start({ onState, onMessage });
  look();

  return {
    claim: (lineId, passId, waybill) => end.send({ kind: "claim", lineId, passId, waybill }),
    motion: (belts) => end.send({ kind: "motion", belts: [...belts] }),
    health: (lineId, devices) => end.send({ kind: "health", lineId, devices }),
    image: handImage,
    snapshotWanted: (why) => {
      const now = clock.monotonic();
      // Not now if a snapshot was asked for, or a hello said, a moment ago: a hello asks for a
      // snapshot as well.
      if (now - askedAt < askEveryMsMin || now - helloAt < askEveryMsMin) return;
      askedAt = now;
      end.send({ kind: "snapshotWanted", why: why.slice(0, 200) });
    },
    journalDoubt: () => doubts.now(),
    isCentreHeard,
    counters: () => ({ link: end.counters(), outbox: outbox.counters() }),
    stop: async () => {
      isStopped = true;
      watch?.cancel();
      facts.stop();
      outbox.stop();
      await end.close();
    },
  };
}
