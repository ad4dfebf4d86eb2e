import { readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileReason, isMissing } from "../../protocols/file-reason.ts";
import { checkJson, parseJson } from "../../protocols/json-message.ts";
import { zGenerationBegun, type GenerationBegun } from "../../protocols/generation.ts";
import type { Clock } from "../../protocols/time.ts";
import { removeHalves, syncFolder, writeDurably } from "../journal/durable-file.ts";
import { appendDurably, type JournalFailureCode } from "../journal/journal.ts";
import type { SegmentFolder } from "../journal/segments/segment-folder.ts";
import { openJournalReader } from "../journal/sqlite/journal-reader.ts";
import { openJournal, type SqliteJournal } from "../journal/sqlite/sqlite-journal.ts";
import { nameOfChain } from "../../protocols/chain-name.ts";

/**
 * Which journal a line agent writes, over all its generations. The present one is `journal.db`. When
 * the centre says that another begins, that is noted in a file of its own and the agent is started
 * anew: what is on its belt is then unknown, as after every start. The start puts the old journal
 * aside, under its chain's name, for a person to bring in.
 */
export type OpenedJournal =
  | { readonly kind: "opened"; readonly journal: SqliteJournal }
  | {
      readonly kind: "refused";
      readonly why: string;
      /** What opening it said, where it came to that. */
      readonly code?: JournalFailureCode;
    };

const journalFile = "journal.db";
const noteFile = "generation.json";
/** What SQLite keeps beside a file, and belongs to it. */
const besides = ["-wal", "-shm"] as const;

export interface JournalPlace {
  readonly dataDir: string;
  readonly agentId: string;
  readonly clock: Clock;
  /** Where the oldest records may leave to. Default: they stay. */
  readonly segments?: SegmentFolder;
}

/** Resolves when it is durable: the next start begins this generation. */
export const noteGeneration = (dataDir: string, begun: GenerationBegun): Promise<void> =>
  writeDurably(join(dataDir, noteFile), JSON.stringify(begun));

/**
 * Opens the present journal, or begins the generation that was noted. What cannot be looked at is
 * not taken for missing: another journal would be begun beside it, or written over it.
 */
export async function openOwnJournal(place: JournalPlace): Promise<OpenedJournal> {
  const { dataDir, agentId, clock } = place;
  const note = await readNote(dataDir);
  if (note.kind === "refused") return note;
  const file = join(dataDir, journalFile);
  const present = await chainIn(file);
  if (present.kind === "refused") return present;
  if (note.kind === "begun") return beginGeneration(place, note.begun, present.chain);
  const chain = present.chain ?? agentId;
  if (nameOfChain(chain).agentId !== agentId) {
    return { kind: "refused", why: `${file} is the journal of ${chain}, not of ${agentId}` };
  }
  const opened = await openJournal({ file, chain, clock, ...segmentsOf(place) });
  if (opened.kind === "opened") return opened;
  return { kind: "refused", why: opened.why, code: opened.code };
}

const segmentsOf = ({ segments }: JournalPlace): Pick<JournalPlace, "segments"> =>
  segments === undefined ? {} : { segments };

/** Every step may be the last before a power cut, and is then done by the next start. */
async function beginGeneration(
  place: JournalPlace,
  begun: GenerationBegun,
  present: string | null,
): Promise<OpenedJournal> {
  const { dataDir, clock } = place;
  const file = join(dataDir, journalFile);
  if (present !== null && present !== begun.chain) await putAside(dataDir, present);
  const { chain, after } = begun;
  const opened = await openJournal({ file, chain, clock, after, ...segmentsOf(place) });
  if (opened.kind === "refused") {
    return { kind: "refused", why: opened.why, code: opened.code };
  }
  const { journal } = opened;
  if (journal.lastSeq() === 0) {
    const outcome = await appendDurably(journal, [{ kind: "generation", begun }]);
    if (outcome.kind === "failed") {
      await journal.close();
      return { kind: "refused", why: outcome.why };
    }
  }
  // The names first: a note that is gone while they are not would begin nothing anew.
  await syncFolder(dataDir);
  const note = join(dataDir, noteFile);
  await removeHalves(note);
  await rm(note);
  return { kind: "opened", journal };
}

/** Under a name that is free: a disk may have been restored, and its journal then ends twice. */
async function putAside(dataDir: string, chain: string): Promise<void> {
  const from = join(dataDir, journalFile);
  let number = 1;
  while (await isThere(join(dataDir, asideName(chain, number)))) number += 1;
  const to = join(dataDir, asideName(chain, number));
  // The log first: a journal without it lacks its end, a log without its journal harms nothing.
  for (const beside of besides) {
    if (await isThere(from + beside)) await rename(from + beside, to + beside);
  }
  await rename(from, to);
}

const asideName = (chain: string, number: number): string =>
  `journal-of-${chain}${number === 1 ? "" : `-${number}`}.db`;

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

type Note =
  | { readonly kind: "none" }
  | { readonly kind: "begun"; readonly begun: GenerationBegun }
  | { readonly kind: "refused"; readonly why: string };

async function readNote(dataDir: string): Promise<Note> {
  const file = join(dataDir, noteFile);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (isMissing(error)) return { kind: "none" };
    return { kind: "refused", why: `${file}: ${fileReason(error)}` };
  }
  const json = parseJson(bytes);
  const begun = json.kind === "ok" ? checkJson(zGenerationBegun, json.value) : json;
  return begun.kind === "ok"
    ? { kind: "begun", begun: begun.value }
    : { kind: "refused", why: `${file}: ${begun.why}` };
}

export type ChainIn =
  | { readonly kind: "chain"; readonly chain: string | null }
  | { readonly kind: "refused"; readonly why: string };

/** Null where there is no journal yet, or one without a record. */
export async function chainIn(file: string): Promise<ChainIn> {
  try {
    if (!(await isThere(file))) return { kind: "chain", chain: null };
  } catch (error) {
    return { kind: "refused", why: `${file}: ${fileReason(error)}` };
  }
  const opened = await openJournalReader(file);
  // One that cannot even be read is for `openJournal` to refuse by its own words.
  if (opened.kind === "refused") return { kind: "chain", chain: null };
  try {
    const [chain] = await opened.reader.chains();
    return { kind: "chain", chain: chain ?? null };
  } catch (error) {
    return { kind: "refused", why: `${file}: ${String(error)}` };
  } finally {
    await opened.reader.close();
  }
}
