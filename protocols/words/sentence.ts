import { reasonTable, type Reason, type ReasonClass } from "../reasons.ts";
import type { Exit } from "../sorting.ts";
import type { Story } from "../ui/http.ts";
import { lengthText } from "./length-text.ts";
import type { Section, Voice } from "./words.ts";

/** Reasons that one sentence names; the rest are counted. The timeline has them all. */
export const reasonsNamedMax = 2;

type StoryPass = Story["passes"][number];

/** A reason as a clause that can stand after "because", with what details are known. */
export function reasonClause(reason: Reason, voice: Voice): string {
  return voice.find("reason", reason.code, inWords(reason.params ?? {}, voice)) ?? reason.code;
}

/** Two or three words for a chip, and the device that they are about. */
export function reasonLabel({ code, params }: Reason, voice: Voice): string {
  const reason = voice.say("reasonShort", code);
  const device = params?.["deviceId"];
  return device === undefined ? reason : voice.say("sentence", "ofDevice", { reason, device });
}

const sectionOfParam: Readonly<Record<string, Section>> = {
  exit: "exit",
  expected: "exit",
  by: "judge",
  why: "why",
  store: "sideStore",
};

/** A code of customs' lists with its word, where we know it. */
export function codeText(
  section: "country" | "tradeMode" | "customsStatus",
  code: string,
  voice: Voice,
): string {
  const word = voice.find(section, code);
  return word === null ? code : `${code} ${word}`;
}

/**
 * Params that are codes get their words, customs' beside the code, and millimetres their unit;
 * ids and other numbers stay as they are.
 */
export const inWords = (
  params: Readonly<Record<string, string | number>>,
  voice: Voice,
): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const list = Object.hasOwn(sectionOfList, name) ? sectionOfList[name] : undefined;
      return list === undefined
        ? [name, paramText(name, value, voice)]
        : [name, listText({ section: list, codes: String(value), params }, voice)];
    }),
  );

/** Between the two sides of a difference, in a reason's params. */
const unequal = " ≠ ";

/** Params that list several codes, and the section that has their words. */
const sectionOfList: Readonly<Record<string, Section>> = {
  missing: "document",
  refused: "document",
  unread: "document",
  differs: "difference",
};

interface ListParam {
  readonly section: Section;
  readonly codes: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Several codes as a list; of a difference also what either side says. */
function listText({ section, codes, params }: ListParam, voice: Voice): string {
  const told = codes.split(",").map((code) => {
    const [declared, other] = String(params[code] ?? "").split(unequal);
    return voice.find(section, code, other === undefined ? {} : { declared, other }) ?? code;
  });
  return told.join(voice.say("ui", "listComma"));
}

function paramText(name: string, value: string | number, voice: Voice): string | number {
  if (name === "status") return codeText("customsStatus", String(value), voice);
  if (name.endsWith("Mm") && typeof value === "number") return lengthText(value);
  const section = Object.hasOwn(sectionOfParam, name) ? sectionOfParam[name] : undefined;
  return (section && voice.find(section, String(value))) ?? value;
}

const classOrder: readonly ReasonClass[] = ["doubt", "physical", "documentary"];

/** The reasons that settled the exit first: doubt overrides everything else (law 2). */
export const byWeight = (reasons: readonly Reason[]): readonly Reason[] =>
  [...reasons].sort((a, b) => rankOf(a) - rankOf(b));

const rankOf = (reason: Reason): number => classOrder.indexOf(reasonTable[reason.code].class);

/** At most two reasons in one clause, and how many more there are. */
export function reasonsClause(reasons: readonly Reason[], voice: Voice): string {
  const named = byWeight(reasons)
    .slice(0, reasonsNamedMax)
    .map((reason) => reasonClause(reason, voice));
  const joined = named.reduce((first, second) => voice.say("sentence", "and", { first, second }));
  const n = reasons.length - named.length;
  return n === 0 ? joined : voice.say("sentence", "andMore", { reasons: joined, n });
}

/** Why a parcel went, goes or would go where it does: one sentence over its newest pass. */
export function sentenceOf(story: Story, voice: Voice): string {
  const pass = newestPass(story);
  if (pass !== null) return sentenceOfPass(pass, voice);
  if (story.archived !== undefined) {
    const { state } = story.archived;
    return voice.say("sentence", "archived", {
      state: voice.find("manifestState", state) ?? state,
    });
  }
  const reasons = reasonsWithoutPass(story);
  if (reasons.length === 0) return voice.say("sentence", "notYet");
  return voice.say("sentence", "notYetHeld", {
    exit: voice.say("exitPlace", exitFor(reasons)),
    reasons: reasonsClause(reasons, voice),
  });
}

/** A control holds a parcel that nobody has declared yet, too; a manifest names its own. */
function reasonsWithoutPass({ manifest, controls }: Story): readonly Reason[] {
  if (manifest !== null) return manifest.openReasons;
  return controls.length === 0 ? [] : [{ code: "manualControl" }];
}

/** Passes newest first, judged by their first fact. */
export const passesNewestFirst = (story: Story): readonly StoryPass[] =>
  [...story.passes].sort((a, b) => startOf(b) - startOf(a));

const newestPass = (story: Story): StoryPass | null => passesNewestFirst(story)[0] ?? null;

const startOf = (pass: StoryPass): number => pass.timeline[0]?.wallAt ?? 0;

export function sentenceOfPass(pass: StoryPass, voice: Voice): string {
  const { exit, expected, officer } = pass.outcome;
  const place = (where: Exit): string => voice.say("exitPlace", where);
  if (exit === null) return sentenceWithoutExit(pass, voice);
  const reasons = because(pass.outcome.reasons, voice);
  if (expected !== null && expected !== exit) {
    const places = { exit: place(exit), expected: place(expected) };
    if (exit === "green") return voice.say("sentence", "elsewhereGreen", places);
    if (reasons === null) return voice.say("sentence", "elsewhere", places);
    return voice.say("sentence", "elsewhereBecause", { ...places, reasons });
  }
  if (exit === "green") {
    const line = pass.lineId;
    return officer === null
      ? voice.say("sentence", "released", { line })
      : voice.say("sentence", "releasedByOfficer", { line, officer });
  }
  if (reasons === null) return voice.say("sentence", "wentWithoutReason", { exit: place(exit) });
  return officer === null
    ? voice.say("sentence", "wentBecause", { exit: place(exit), reasons })
    : voice.say("sentence", "wentBecauseOfficer", { exit: place(exit), reasons, officer });
}

/** The exit that a diverter was told of last, unless it was told to let the parcel pass after all. */
function openCommand(pass: StoryPass): Exit | null {
  const last = pass.timeline
    .map(({ fact }) => fact)
    .findLast((fact) => fact.kind === "commanded" || fact.kind === "aborted");
  return last?.kind === "commanded" ? last.exit : null;
}

function sentenceWithoutExit(pass: StoryPass, voice: Voice): string {
  const line = pass.lineId;
  const place = (where: Exit): string => voice.say("exitPlace", where);
  const lost = pass.timeline.map(({ fact }) => fact).find((fact) => fact.kind === "lost");
  if (lost !== undefined) {
    const lastSeenM = metresText(lost.lastSeenMm);
    return voice.say("sentence", "lost", { line, lastSeenM });
  }
  if (pass.timeline.some(({ fact }) => fact.kind === "sessionOpened")) {
    const command = openCommand(pass);
    if (command === null) return voice.say("sentence", "restarted", { line });
    return voice.say("sentence", "restartedCommanded", { line, exit: place(command) });
  }
  const { reasons, expected } = pass.outcome;
  const clause = because(reasons, voice);
  if (expected === "green") return voice.say("sentence", "onBeltReleased", { line });
  if (expected !== null) {
    return voice.say("sentence", "onBeltDecided", {
      line,
      exit: place(expected),
      ...(clause === null ? {} : { reasons: clause }),
    });
  }
  if (clause === null) return voice.say("sentence", "onBeltClear", { line });
  return voice.say("sentence", "onBeltHeld", {
    line,
    exit: place(exitFor(reasons)),
    reasons: clause,
  });
}

const because = (reasons: readonly Reason[], voice: Voice): string | null =>
  reasons.length === 0 ? null : reasonsClause(reasons, voice);

/** Red only if every open reason is documentary (law 2). */
const exitFor = (reasons: readonly Reason[]): Exit =>
  reasons.every((reason) => reasonTable[reason.code].class === "documentary")
    ? "red"
    : "inspection";

const metresText = (mm: number): string => (mm / 1_000).toFixed(1);
