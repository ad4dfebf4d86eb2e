import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileReason } from "../../../protocols/file-reason.ts";
import { zGenerationBegun, type GenerationBegun } from "../../../protocols/generation.ts";
import { zAnchor, type Anchor } from "./anchor.ts";

/**
 * Where anchors are kept: one JSON object a line, only ever appended to, synced before it counts.
 * It belongs on another machine, or at least under another account, than the journals.
 */
export interface AnchorFile {
  /** As it was opened: the last anchor of each journal. */
  readonly found: readonly Anchor[];
  /** The last anchor of a journal. */
  latest(journal: AnchoredJournal): Anchor | null;
  /** Resolves when synced, with what went wrong or null. Calls are worked through in order. */
  append(anchor: Anchor): Promise<string | null>;
  /** The same for a person's word that a chain goes on as another generation. */
  appendGeneration(begun: GenerationBegun): Promise<string | null>;
  close(): Promise<void>;
}

/** The centre's own, or one that it holds of an agent: an agent with both roles may have one of each. */
type AnchoredJournal = Pick<Anchor, "chain" | "isOwn">;

const keyOf = ({ chain, isOwn }: AnchoredJournal): string =>
  isOwn === true ? `own ${chain}` : chain;

export interface ReadAnchors extends ScannedAnchors {
  readonly anchors: readonly Anchor[];
}

interface ScannedAnchors {
  readonly kind: "anchors";
  readonly generations: readonly GenerationBegun[];
  /** Lines that are neither. */
  readonly discarded: readonly DiscardedLine[];
}

export interface DiscardedLine {
  readonly line: number;
  readonly why: string;
  /**
   * It lacks its end as a crash leaves it: last in the file, or with the next anchor right behind
   * it, where otherwise an empty line is between two. Costs no more than this one anchor.
   */
  readonly isTorn: boolean;
}

export interface AnchorsRefused {
  readonly kind: "refused";
  readonly why: string;
}

/** At 400 bytes an anchor; whoever wants all of more is refused, rather than given a part. */
const anchorsMax = 1_000_000;
const lineCharsMax = 2_000;

/** A file that is not there is refused: silence must not pass for "no anchors". */
export async function readAnchors(
  file: string,
  totalMax = anchorsMax,
): Promise<ReadAnchors | AnchorsRefused> {
  const anchors: Anchor[] = [];
  const scanned = await scanAnchors(file, (anchor) => {
    // One more than is allowed shows that there are more.
    if (anchors.length <= totalMax) anchors.push(anchor);
  });
  if (scanned.kind === "refused") return scanned;
  return anchors.length > totalMax
    ? { kind: "refused", why: `${file}: over ${totalMax} anchors` }
    : { ...scanned, anchors };
}

/** However many there are: a site of some lines writes a million in half a year. */
async function scanAnchors(
  file: string,
  take: (anchor: Anchor) => void,
): Promise<ScannedAnchors | AnchorsRefused> {
  const generations: GenerationBegun[] = [];
  const discarded: DiscardedLine[] = [];
  let line = 0;
  /** The last one that was not empty. */
  let lastLine = 0;
  try {
    const input = createReadStream(file, "utf8");
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      if (text === "") continue;
      const before = discarded.at(-1);
      if (before?.isTorn === true && before.line === lastLine && line > lastLine + 1) {
        discarded[discarded.length - 1] = { ...before, isTorn: false };
      }
      lastLine = line;
      const parsed = parseLine(text);
      if (parsed.kind === "anchor") take(parsed.anchor);
      else if (parsed.kind === "generation") generations.push(parsed.begun);
      else discarded.push({ line, why: parsed.why, isTorn: isBeginning(text) });
    }
  } catch (error) {
    return { kind: "refused", why: `anchors ${file}: ${fileReason(error)}` };
  }
  return { kind: "anchors", generations, discarded };
}

/** An anchor's one closing brace is its last character; a generation's word holds others before it. */
const isBeginning = (text: string): boolean =>
  text.startsWith("{") &&
  (!text.includes("}") || (text.includes('"after":{') && !text.endsWith('"}')));

type Line =
  | { readonly kind: "anchor"; readonly anchor: Anchor }
  | { readonly kind: "generation"; readonly begun: GenerationBegun }
  | { readonly kind: "neither"; readonly why: string };

const neither = (why: string): Line => ({ kind: "neither", why });

function parseLine(text: string): Line {
  if (text.length > lineCharsMax) return neither(`longer than ${lineCharsMax} characters`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return neither(messageOf(error));
  }
  const begun = zGenerationBegun.safeParse(content);
  if (begun.success) return { kind: "generation", begun: begun.data };
  const parsed = zAnchor.safeParse(content);
  if (parsed.success) return { kind: "anchor", anchor: parsed.data };
  const issue = parsed.error.issues[0];
  return neither(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

/** Made if it is not there. */
export async function openAnchorFile(
  file: string,
): Promise<{ readonly kind: "opened"; readonly anchorFile: AnchorFile } | AnchorsRefused> {
  let handle: FileHandle;
  try {
    handle = await open(file, "a", 0o644);
  } catch (error) {
    return { kind: "refused", why: `anchors ${file}: ${messageOf(error)}` };
  }
  const latest = new Map<string, Anchor>();
  const read = await scanAnchors(file, (anchor) => latest.set(keyOf(anchor), anchor));
  if (read.kind === "refused") {
    await handle.close();
    return read;
  }
  let last: Promise<unknown> = Promise.resolve();

  const write = async (line: Anchor | GenerationBegun): Promise<string | null> => {
    try {
      // The line feed in front ends a line that a crash may have cut; empty lines are skipped.
      await handle.appendFile(`\n${JSON.stringify(line)}\n`);
      await handle.sync();
    } catch (error) {
      return `anchors ${file}: ${messageOf(error)}`;
    }
    if ("seq" in line) latest.set(keyOf(line), line);
    return null;
  };
  const append = (line: Anchor | GenerationBegun): Promise<string | null> => {
    const outcome = last.then(() => write(line));
    last = outcome;
    return outcome;
  };

  return {
    kind: "opened",
    anchorFile: {
      found: [...latest.values()],
      latest: (journal) => latest.get(keyOf(journal)) ?? null,
      append,
      appendGeneration: append,
      async close() {
        await last;
        await handle.close();
      },
    },
  };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
