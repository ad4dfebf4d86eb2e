import { checkJson, parseJson } from "../../protocols/json-message.ts";
import type { JournalRecord } from "../../protocols/link.ts";
import { zBringInAnswer, zProblem } from "../../protocols/ui/http.ts";
import { chainsWanted, progressOf, refuseUsage, type CliExit, type CliIo } from "./cli-io.ts";
import type { BringInTarget, JournalCliOptions } from "./cli-options.ts";
import type { JournalReader } from "../journal/sqlite/journal-reader.ts";

/** What a request carries at most, well below what the centre takes. */
const requestCharsMax = 4_000_000;
const recordsPerRequestMax = 500;
const answerMsMax = 30_000;

/**
 * The `bring-in` command: what a file of a closed generation holds beyond the centre's copy is sent
 * there. What it tells of is settled by it; nothing in either file is changed.
 */
export async function runBringIn(
  options: JournalCliOptions,
  target: BringInTarget,
  { reader, io }: { readonly reader: JournalReader; readonly io: CliIo },
): Promise<CliExit> {
  const chains = await chainsWanted(options, reader);
  if (typeof chains === "string") return refuseUsage(io, chains);
  const [chain, second] = chains;
  if (chain === undefined || second !== undefined) {
    return refuseUsage(io, `${options.file} holds ${chains.length} chains: say which with --chain`);
  }
  const { isComplete } = target;
  const progress = await progressOf(io, reader, chain);
  let sent = await send(target, chain, { records: [], isComplete: false });
  let added = 0;
  while (sent.kind === "held") {
    const records = await nextRecords(reader, chain, sent.heldSeq);
    const [next] = records;
    if (next === undefined) break;
    if (next.seq !== sent.heldSeq + 1) {
      io.err(`${chain}: the centre wants record ${sent.heldSeq + 1}, which has left this file`);
      return 2;
    }
    sent = await send(target, chain, { records, isComplete: false });
    if (sent.kind === "held") added += sent.added;
    for (const _ of records) progress();
  }
  if (sent.kind === "held" && isComplete) {
    sent = await send(target, chain, { records: [], isComplete });
  }
  if (sent.kind === "refused") {
    io.err(`${chain}: ${sent.why}`);
    return 1;
  }
  io.out(
    `${chain}: ${added} records brought in, ${sent.heldSeq} are held; ` +
      `${sent.unsettled} waybills are unsettled`,
  );
  return 0;
}

async function nextRecords(
  reader: JournalReader,
  chain: string,
  afterSeq: number,
): Promise<readonly JournalRecord[]> {
  const stored = await reader.readAfter(chain, afterSeq, recordsPerRequestMax);
  const records: JournalRecord[] = [];
  let chars = 0;
  for (const { seq, body, prevHash, hash, chain: name } of stored) {
    chars += body.length;
    if (records.length > 0 && chars > requestCharsMax) break;
    records.push({ chain: name, seq, body, prevHash, hash });
  }
  return records;
}

type Sent =
  | {
      readonly kind: "held";
      readonly heldSeq: number;
      readonly added: number;
      readonly unsettled: number;
    }
  | { readonly kind: "refused"; readonly why: string };

async function send(
  { centreUrl, broughtBy, station }: BringInTarget,
  chain: string,
  file: { readonly records: readonly JournalRecord[]; readonly isComplete: boolean },
): Promise<Sent> {
  let response: Response;
  try {
    response = await fetch(new URL(`/api/chains/${chain}/records`, centreUrl), {
      method: "POST",
      headers: { "content-type": "application/json", "sortline-role": "supervisor" },
      body: JSON.stringify({ broughtBy, station, ...file }),
      signal: AbortSignal.timeout(answerMsMax),
    });
  } catch (error) {
    return { kind: "refused", why: `${centreUrl} does not answer: ${String(error)}` };
  }
  const json = parseJson(new Uint8Array(await response.arrayBuffer()));
  const content = json.kind === "ok" ? json.value : null;
  const answer = checkJson(zBringInAnswer, content);
  if (answer.kind === "ok") {
    const { held, added, unsettled } = answer.value;
    return { kind: "held", heldSeq: held.seq, added, unsettled };
  }
  const problem = checkJson(zProblem, content);
  const why = problem.kind === "ok" ? problem.value.message : `status ${response.status}`;
  return { kind: "refused", why: `the centre refused it: ${why}` };
}
