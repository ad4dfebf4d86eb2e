import { hash } from "node:crypto";
import { z } from "zod";
import { parseJson } from "../../protocols/json-message.ts";
import { createDayFiles } from "../archive/day-files.ts";
import type { FoundLine } from "../archive/port.ts";
import { openJournalReader, readChain } from "../journal/sqlite/journal-reader.ts";
import type { CliExit, CliIo } from "./cli-io.ts";
import type { ArchiveWanted, JournalCliOptions } from "./cli-options.ts";

/**
 * The `archive` command: what has left the documents of one waybill, for people or as it was kept.
 * With a journal: whether that says the same, and the journal's own chain says whether to believe it.
 */
export async function runArchive(
  { file: folder, isJson }: JournalCliOptions,
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
  const told = journalFile === null ? null : await hashesIn(journalFile, waybill);
  if (typeof told === "string") {
    io.err(told);
    return 2;
  }
  let exit: CliExit = 0;
  for (const line of found.lines) {
    const sha256 = hash("sha256", line.text, "hex");
    if (told !== null && !told.has(sha256)) exit = 1;
    const standing =
      told === null
        ? ""
        : told.has(sha256)
          ? ", as the journal says"
          : ", NOT what the journal says";
    io.out(isJson ? line.text : `${storyOf(line)}\n  sha256 ${sha256}${standing}`);
  }
  if (isJson && exit === 1) io.err("a line is not what the journal says");
  return exit;
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
async function hashesIn(file: string, waybill: string): Promise<ReadonlySet<string> | string> {
  const opened = await openJournalReader(file);
  if (opened.kind === "refused") return opened.why;
  const { reader } = opened;
  const hashes = new Set<string>();
  try {
    for (const chain of await reader.chains()) {
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
    return hashes;
  } finally {
    await reader.close();
  }
}
