import { hash } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../protocols/json-message.ts";
import { createDayFiles } from "../archive/day-files.ts";
import type { FoundLine } from "../archive/port.ts";
import { openJournalReader, readChain } from "../journal/sqlite/journal-reader.ts";
import { withSegments } from "./segmented-reader.ts";
import type { CliExit, CliIo } from "./cli-io.ts";
import type { ArchiveWanted, JournalCliOptions } from "./cli-options.ts";

/**
 * The `archive` command: what has left the documents of one waybill, for people or as it was kept.
 * With a journal: whether that says the same, and the journal's own chain says whether to believe it.
 */
export async function runArchive(
  { file: folder, isJson, segmentsFolder }: JournalCliOptions,
  { waybill, journalFile }: ArchiveWanted,
  io: CliIo,
): Promise<CliExit> {
  const found = await createDayFiles(folder).find(waybill);
  if (found.kind === "failed") {
    io.err(`${folder}: ${found.why}`);
    return 2;
  }
  for (const [day, total] of found.unread) io.err(`${day}: ${total} lines cannot be read`);
  if (found.lines.length === 0) {
    io.err(`${waybill} is not in ${folder}`);
    return 1;
  }
  const told =
    journalFile === null ? null : await hashesIn(journalFile, { waybill, segmentsFolder });
  if (typeof told === "string") {
    io.err(told);
    return 2;
  }
  let exit: CliExit = 0;
  for (const line of found.lines) {
    const sha256 = hash("sha256", line.text, "hex");
    const sameness = told === null ? "unasked" : samenessOf(sha256, told);
    if (sameness === "other") exit = 1;
    else if (sameness === "left" && exit === 0) exit = 2;
    io.out(isJson ? line.text : `${storyOf(line)}\n  sha256 ${sha256}${samenessWords[sameness]}`);
  }
  if (isJson && exit === 1) io.err("a line is not what the journal says");
  if (told !== null && told.left !== null) io.err(told.left);
  return exit;
}

type Sameness = keyof typeof samenessWords;
const samenessWords = {
  unasked: "",
  same: ", as the journal says",
  other: ", NOT what the journal says",
  left: ", of which the journal as it was read says nothing: its beginning has left",
} as const;

function samenessOf(sha256: string, { hashes, left }: ToldHashes): Sameness {
  if (hashes.has(sha256)) return "same";
  return left === null ? "other" : "left";
}

interface ToldHashes {
  readonly hashes: ReadonlySet<string>;
  /** What of the journal was not read; null for nothing. */
  readonly left: string | null;
}

/** As `LeftCase` has it, as far as people are told. */
const zTold = z.looseObject({
  at: z.number(),
  case: z.looseObject({
    state: z.string().nullable(),
    manifest: z.looseObject({
      guid: z.string(),
      orderNo: z.string(),
      carrierCode: z.string(),
      pieces: z.number(),
      total: z.string(),
      items: z.array(z.looseObject({ hsCode: z.string(), name: z.string(), qty: z.string() })),
    }),
    record: z.looseObject({ reasons: z.array(z.looseObject({ code: z.string() })) }).nullable(),
    acts: z.array(z.unknown()),
  }),
  controls: z.array(z.unknown()),
  releases: z.array(z.string()),
});

function storyOf({ day, text }: FoundLine): string {
  const json = parseJson(text);
  const told = json.kind === "ok" ? zTold.safeParse(json.value).data : undefined;
  if (told === undefined) return `${day}  ${text}`;
  const { manifest, state, record, acts } = told.case;
  const reasons = (record?.reasons ?? []).map(({ code }) => code).join(", ");
  return [
    `${day}  left as ${state ?? "?"}`,
    `  manifest ${manifest.guid} of carrier ${manifest.carrierCode}, order ${manifest.orderNo}, ${manifest.pieces} pieces, ${manifest.total}`,
    ...manifest.items.map(({ hsCode, name, qty }) => `  ${hsCode} ${name} x ${qty}`),
    `  released by ${told.releases.join(", ") || "no pass"}; open: ${reasons || "nothing"}; ${acts.length} acts, ${told.controls.length} controls`,
  ].join("\n");
}

/** An act of the centre that has let cases leave. */
const zLeaving = z.looseObject({
  act: z.looseObject({
    judged: z.looseObject({ left: z.array(z.object({ waybill: z.string(), sha256: z.string() })) }),
  }),
});

/** Hashes of what left under this waybill; a sentence where the journal cannot be read. */
async function hashesIn(
  file: string,
  {
    waybill,
    segmentsFolder,
  }: Pick<ArchiveWanted, "waybill"> & Pick<JournalCliOptions, "segmentsFolder">,
): Promise<ToldHashes | string> {
  const opened = await openJournalReader(file);
  if (opened.kind === "refused") return opened.why;
  const hashes = new Set<string>();
  const left: string[] = [];
  try {
    const reader = await withSegments(opened.reader, segmentsFolder);
    for (const chain of await reader.chains()) {
      const unread = reader.leftText(chain);
      if (unread !== null) left.push(`${chain}: ${unread}`);
      const { damage } = await readChain(reader, chain, ({ body }) => {
        if (!body.includes('"left"')) return true;
        const json = parseJson(body);
        const act = json.kind === "ok" ? zLeaving.safeParse(json.value).data?.act : undefined;
        for (const left of act?.judged.left ?? []) {
          if (left.waybill === waybill) hashes.add(left.sha256);
        }
        return true;
      });
      if (damage !== null) return `${chain}: cannot be read further: ${damage}`;
    }
    return { hashes, left: left.length === 0 ? null : left.join("; ") };
  } finally {
    await opened.reader.close();
  }
}
