import { nameOfChain } from "../../protocols/chain-name.ts";
import { createFactLog, type LogFact } from "../../protocols/fact-log.ts";
import type { GenerationBegun } from "../../protocols/generation.ts";
import type { ImageKind } from "../../protocols/image-kind.ts";
import type { BeltMotion, LastWord, UpMessage } from "../../protocols/link.ts";
import type { Log } from "../../protocols/log.ts";
import type { StorageReport } from "../../protocols/storage.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import type { TraceTold, TraceWanted } from "../../protocols/trace.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createImageSending, type ImageSent } from "./image-sending.ts";
import { createJournalDoubts, type JournalDoubt } from "./journal-doubt.ts";
import {
  createJournalOutbox,
  type JournalOutboxCounters,
  type JournalSource,
} from "./journal-outbox.ts";
import type { SentImage } from "./link-cuts.ts";
import type { LinkAgentEnd, LinkCounters } from "./port.ts";
import type { LinkSending } from "../../protocols/transport.ts";
import {
  isHeard,
  newSession,
  stepSession,
  type SessionDown,
  type SessionEffect,
  type SessionEvent,
} from "./session-machine.ts";

/**
 * A line agent's side of its conversation with the centre: says hello when the wire comes up, when
 * the centre comes back after a silence, and when a stream it does not know shows that the centre
 * was restarted; sends the journal, claims, motion, health and images; hands down what the core
 * has to know. What is judged is in `session-machine.ts`; here are the wire, the disk and the times.
 */
export interface AgentSession {
  /** False: not connected, so the claim stays unanswered, which is doubt. */
  claim(lineId: string, passId: string, waybill: string): LinkSending;
  /** At most ten a second are worth sending: the page draws by speed, not by position. */
  motion(belts: readonly BeltMotion[]): LinkSending;
  health(lineId: string, devices: HealthMessage["devices"]): LinkSending;
  /** Once a second: the latest replaces what was told before. */
  storage(report: StorageReport): LinkSending;
  /**
   * Says why this agent is about to end, and no hello behind it. The first word counts. Resolves when
   * it is on its way, or `waitMsMax` later where there is no connection yet.
   */
  leave(word: LastWord, waitMsMax: number): Promise<void>;
  /** A return of false needs no care: the centre asks again for an image that does not arrive. */
  image(passId: string, sha256: string, bytes: Uint8Array): ImageSent;
  /** The core met a gap in the clearance stream. */
  snapshotWanted(why: string): void;
  /** The mirror has applied its stream so far, and the message there brought doubt. */
  clearanceTaken(place: { readonly stream: string; readonly seq: number }): void;
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
  /** Likewise. */
  readonly kindOfImage: (sha256: string) => ImageKind | null;
  readonly onDown: (message: SessionDown) => void;
  /** Somebody looks at a device's trace; null: there is nothing to be told. Default: there is none. */
  readonly onTraceWanted?: (wanted: TraceWanted) => TraceTold | null;
  /** A person at the centre has said that the journal is another one from now on. */
  readonly onGeneration: (begun: GenerationBegun) => void;
  readonly log: Log;
}

type HealthMessage = Extract<UpMessage, { kind: "health" }>;

/** While more records than this are unacknowledged, nothing goes up that is only looked at. */
export const traceBehindRecordsMax = 500;

/** How often the session says that it is alive, and looks whether it should say hello again. */
const watchMs = 1_000;

export function startAgentSession(options: AgentSessionOptions): AgentSession {
  const { end, clock, chain, journal, onDown } = options;
  const facts = createFactLog({ log: options.log, clock });
  const session = newSession(chain, clock.monotonic());
  let watch: Timer | null = null;
  const leaving = { ...Promise.withResolvers<void>(), isAsked: false };

  const outbox = createJournalOutbox({
    clock,
    chain,
    source: journal,
    send: (records) => end.send({ kind: "journal", records: [...records] }),
    onReadFailed: (error) => facts.tell({ ...journalUnread, fields: { error } }),
  });
  const isCentreHeard = (): boolean => isHeard(session, clock.monotonic());
  const doubts = createJournalDoubts(outbox, isCentreHeard);
  const images = createImageSending({
    end,
    clock,
    cuts: session.cuts,
    read: options.readImage,
    kindOf: options.kindOfImage,
    facts,
  });

  const feed = (event: SessionEvent): void => {
    const moment = {
      now: clock.monotonic(),
      doubt: () => doubts.now(),
      isSettled: () => outbox.isOpen() && options.clearancePlace().stream !== null,
      isFollowed: (stream: string) => options.clearancePlace().stream === stream,
    };
    for (const effect of stepSession(session, event, moment)) run(effect);
  };

  const hello = (): void => {
    const { stream, seq } = options.clearancePlace();
    const { seq: lastSeq, hash: lastHash } = journal.tail();
    outbox.restart();
    end.send({
      kind: "hello",
      agentId: end.agentId,
      chain,
      generation: nameOfChain(chain).generation,
      lastSeq,
      lastHash,
      told: { seq: journal.acknowledgedSeq(), centre: journal.notedCentre() },
      lineIds: [...options.lineIds],
      clearanceStream: stream,
      clearanceSeq: stream === null ? 0 : seq,
      at: clock.monotonic(),
    });
  };

  const send = (message: UpMessage): void => {
    const { kind } = end.send(message);
    if (kind === "sent" && message.kind === "leaving") leaving.resolve();
  };

  const leave = async (word: LastWord, waitMsMax: number): Promise<void> => {
    if (!leaving.isAsked) {
      leaving.isAsked = true;
      options.log[word.code === "stopped" ? "info" : "warn"](
        "this agent tells the centre that it leaves",
        {
          ...word,
        },
      );
      feed({ kind: "leave", word });
    }
    const dueAt = monotonicMs(clock.monotonic() + waitMsMax);
    const overdue = clock.schedule(dueAt, () => leaving.resolve());
    await leaving.promise;
    overdue.cancel();
  };

  const tellTrace = (wanted: TraceWanted): void => {
    if (journal.lastSeq() - outbox.counters().ackedSeq > traceBehindRecordsMax) return;
    const told = options.onTraceWanted?.(wanted) ?? null;
    if (told !== null) end.send(told);
  };

  const run = (effect: SessionEffect): void => {
    switch (effect.kind) {
      case "hello":
        return hello();
      case "alive": {
        const { kind, link } = effect;
        return void end.send({ kind, at: clock.monotonic(), lastSeq: journal.lastSeq(), link });
      }
      case "send":
        return send(effect.message);
      case "handDown":
        return onDown(effect.message);
      case "journalAck":
        outbox.onAck(effect.seq, effect.hash ?? null);
        doubts.acknowledged();
        return feed({ kind: "doubtStirred" });
      case "journalRefused":
        doubts.refused(effect);
        return feed({ kind: "doubtStirred" });
      case "journalWanted":
        return outbox.onWanted(effect.afterSeq);
      case "holdJournal":
        return outbox.restart();
      case "centreReached":
        return journal.noteCentre(effect.end);
      case "generationBegun":
        return options.onGeneration(effect.begun);
      case "imageWanted":
        return images.sendWanted(effect.passId, effect.imageHash);
      case "traceWanted":
        return tellTrace(effect);
      case "tellDoubt":
        facts.tell(factOfDoubt(effect.doubt));
        return onDown({ kind: "journalDoubted", doubt: effect.doubt });
      case "tellHeard":
        return facts.tell(effect.isHeard ? centreHeard : centreSilent);
      case "tellGivenUp":
        return facts.tell(factOfGivenUp(effect.image));
    }
  };

  const look = (): void => {
    feed({ kind: "lookDue" });
    watch = clock.schedule(monotonicMs(clock.monotonic() + watchMs), look);
  };

  end.start({
    onState: (isConnected) => feed({ kind: "connection", isConnected }),
    onMessage: (message) => feed({ kind: "message", message }),
  });
  look();

  return {
    claim: (lineId, passId, waybill) => end.send({ kind: "claim", lineId, passId, waybill }),
    motion: (belts) => end.send({ kind: "motion", belts: [...belts] }),
    health: (lineId, devices) => end.send({ kind: "health", lineId, devices }),
    storage: (report) => end.send({ kind: "storage", report }),
    leave,
    image: (passId, sha256, bytes) => images.send(passId, sha256, bytes),
    snapshotWanted: (why) => feed({ kind: "gapMet", why }),
    clearanceTaken: (place) => feed({ kind: "doubtTaken", place }),
    journalDoubt: () => doubts.now(),
    isCentreHeard,
    counters: () => ({ link: end.counters(), outbox: outbox.counters() }),
    stop: async () => {
      images.stop();
      watch?.cancel();
      facts.stop();
      outbox.stop();
      await end.close();
    },
  };
}

const journalUnread: LogFact = {
  subject: "journal",
  is: "unread",
  level: "error",
  message: "the journal cannot be read for the centre",
};

const centreHeard: LogFact = {
  subject: "centre",
  is: "heard",
  level: "info",
  message: "the centre is heard",
};

const centreSilent: LogFact = {
  subject: "centre",
  is: "silent",
  level: "warn",
  message: "nothing is heard of the centre",
};

const factOfDoubt = (doubt: JournalDoubt | null): LogFact =>
  doubt === null
    ? {
        subject: "journal at the centre",
        is: "taken",
        level: "info",
        message: "the centre takes this journal",
      }
    : {
        subject: "journal at the centre",
        is: doubt.code,
        level: "error",
        message: "the centre does not take this journal: nothing can be released",
        fields: { code: doubt.code, why: doubt.why },
      };

const factOfGivenUp = ({ passId, sha256, totalBytes, kind }: SentImage): LogFact => ({
  subject: `image ${sha256}`,
  is: "given up",
  level: kind === "still" ? "warn" : "error",
  message:
    kind === "still"
      ? "a still is given up: the link was lost when it was sent"
      : "an image is given up: the link was lost each time it was sent",
  fields: { passId, sha256, totalBytes },
});
