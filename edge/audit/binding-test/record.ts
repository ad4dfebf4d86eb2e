import type { LineCommand } from "../../line/commands.ts";
import type { LineConfig, ReaderLayout } from "../../line/config.ts";
import type { LineEvent } from "../../line/events.ts";
import type { ToldFact } from "../../../protocols/told-facts.ts";
import type { ReadProof } from "../../../protocols/scanner/read-proof.ts";

/**
 * What a line's journal holds of one reader: the parcels that came before it, what the reader was
 * told, and what it answered. Of one session, because tokens and counts begin anew with the next.
 */
export interface BindingRecord {
  readonly lineId: string;
  readonly reader: ReaderLayout;
  readonly config: LineConfig;
  readonly passes: readonly RecordedPass[];
  readonly tests: readonly RecordedTest[];
  readonly tokens: readonly RecordedToken[];
  readonly answers: readonly RecordedAnswer[];
  readonly pulses: readonly RecordedPulse[];
  readonly span: { readonly fromSeq: number; readonly toSeq: number; readonly endedAt: number };
}

/** A parcel as the induction eye saw it, in the order of the belt. */
export interface RecordedPass {
  readonly passId: string;
  readonly frontCount: number;
  /** Null until its rear was seen. */
  readonly lengthMm: number | null;
  /** What the reader was told for it. */
  readonly token: string | null;
}

/** A trigger that the line asked for, with nothing before the reader. */
export interface RecordedTest {
  readonly digits: string;
  readonly count: number;
}

export interface RecordedToken {
  readonly token: string;
  readonly at: number;
}

export interface RecordedAnswer {
  readonly seq: number;
  readonly at: number;
  /** The belt's count when it came. */
  readonly count: number;
  readonly texts: readonly string[];
  readonly proof: ReadProof;
}

/** An output of the reader, with the count that the sorter's input latched. */
export interface RecordedPulse {
  readonly inputId: string;
  readonly count: number;
}

export type BindingFound =
  | { readonly kind: "record"; readonly record: BindingRecord }
  | { readonly kind: "refused"; readonly why: string };

/** One step of a line, as its journal has it. */
export interface RecordedStep {
  readonly seq: number;
  readonly event: LineEvent;
  readonly commands: readonly LineCommand[];
  readonly facts: readonly ToldFact[];
}

export interface BindingSession {
  take(step: RecordedStep): void;
  found(): BindingFound;
}

/** More parcels than anybody puts on a belt for a test: whoever sees this named a whole day. */
export const testParcelsMax = 5_000;
const answersMax = 4 * testParcelsMax;

/** The readers that a line's configuration names. */
export const readersIn = ({ layout: { scanner, witness } }: LineConfig): readonly ReaderLayout[] =>
  witness === null ? [scanner] : [scanner, witness];

export function createBindingSession(
  lineId: string,
  config: LineConfig,
  reader: ReaderLayout,
): BindingSession {
  const passes: { -readonly [Key in keyof RecordedPass]: RecordedPass[Key] }[] = [];
  const tests: RecordedTest[] = [];
  const tokens: RecordedToken[] = [];
  const answers: RecordedAnswer[] = [];
  const pulses: RecordedPulse[] = [];
  let trouble: string | null = null;
  let span = { fromSeq: 0, toSeq: 0, endedAt: 0 };
  const { deviceId } = reader;

  const hear = (seq: number, event: LineEvent): void => {
    if (event.kind === "read" && event.deviceId === deviceId) {
      const texts = event.codes.map(({ text }) => text);
      answers.push({ seq, at: event.at, count: event.count, texts, proof: event.proof });
    }
    if (event.kind !== "sorter") return;
    if (event.event.kind === "pulse") {
      const { inputId, count } = event.event;
      pulses.push({ inputId, count });
    }
    if (event.event.kind === "session" && passes.length > 0) {
      trouble ??= `the sorter counts anew from record ${seq} on: name the records of a test with --from and --to, all on one side of it`;
    }
  };

  /** A body that is found further on was put there by nobody's list. */
  const isInduction = (event: LineEvent): boolean =>
    event.kind === "sorter" &&
    event.event.kind === "eye" &&
    event.event.eyeId === config.layout.inductionEyeId;

  const learn = (fact: ToldFact, event: LineEvent): void => {
    if (fact.kind === "inducted" && isInduction(event)) {
      const { passId, frontCount } = fact;
      passes.push({ passId, frontCount, lengthMm: null, token: null });
    }
    if (fact.kind === "measured") {
      const pass = passes.findLast(({ passId }) => passId === fact.passId);
      if (pass !== undefined) pass.lengthMm = fact.lengthMm;
    }
  };

  const tell = (command: LineCommand, { at, count }: LineEvent): void => {
    if (command.kind === "testRead" && command.deviceId === deviceId) {
      tests.push({ digits: command.test, count });
    }
    if (command.kind !== "readToken" || command.deviceId !== deviceId) return;
    const { token } = command;
    tokens.push({ token, at });
    // Tokens are given in the order of the belt, one a parcel (`line/tokens.ts`).
    const sendMm = reader.binding.kind === "echo" ? reader.binding.sendMm : 0;
    const aheadCounts = (reader.atMm - sendMm) / config.belt.mmPerCount;
    const pass = passes.find(
      (each) => each.token === null && each.frontCount + aheadCounts <= count + 1,
    );
    if (pass !== undefined) pass.token = token;
  };

  return {
    take({ seq, event, commands, facts }) {
      if (passes.length > testParcelsMax || answers.length > answersMax) {
        trouble ??= `more than ${testParcelsMax} parcels: name the records of the test with --from and --to`;
        return;
      }
      span = {
        fromSeq: span.fromSeq === 0 ? seq : span.fromSeq,
        toSeq: seq,
        endedAt: event.wallAt,
      };
      hear(seq, event);
      for (const fact of facts) learn(fact, event);
      for (const command of commands) tell(command, event);
    },
    found: () =>
      trouble === null
        ? {
            kind: "record",
            record: { lineId, reader, config, passes, tests, tokens, answers, pulses, span },
          }
        : { kind: "refused", why: trouble },
  };
}
