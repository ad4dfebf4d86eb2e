import { readdirSync, readFileSync } from "node:fs";
import { sender } from "../../protocols/actor.ts";
import { join } from "node:path";
import type { IntakeAnswer } from "../../edge/centre/documents/desk.ts";
import {
  answer,
  createCommandLine,
  seedOption,
  textOption,
  wholeOption,
} from "../../protocols/command-line.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { readMessage } from "../../protocols/ceb/read-message.ts";
import { refusalText } from "../../protocols/ceb/refusals.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { testConfig } from "../unit/clearance-kit.ts";
import { labMessages } from "./lab-messages.ts";
import { findInvalid, readSchemas, schemaFor, type Document, type Invalid } from "./schemas.ts";
import { SyncDesk } from "../kit/sync-desk.ts";

const help = `Validates every message the lab emits, and every good fixture, against the official XSDs.

  npm run test:xsd -- DIR [--samples DIR] [--seed N] [--parcels N]

  DIR             directory with the CEB, DXP and XML-DSig schemas (*.xsd)
  --samples DIR   also feeds the official sample messages there: each must be answered
  --seed N        seed of the lab's documents (default 1)
  --parcels N     parcels whose documents are written (default 1200)

Exit codes: 0 all valid and answered, 1 something is not, 2 bad arguments or unreadable.`;

const commandLine = createCommandLine({
  name: "test:xsd",
  usage: help,
  options: {
    samples: textOption("a folder"),
    seed: seedOption,
    parcels: wholeOption(1, 1_000_000),
  },
  wordsMax: 1,
});

const fixtures = join(import.meta.dirname, "../fixtures/ceb");

/** Fixtures that state they are good: all of `valid`, and the receipts. */
function goodFixtures(): readonly Document[] {
  return ["valid", "receipts"].flatMap((directory) =>
    readdirSync(join(fixtures, directory))
      .filter((name) => name.endsWith(".xml"))
      .map((name) => ({
        name: `${directory}/${name}`,
        bytes: readFileSync(join(fixtures, directory, name)),
      })),
  );
}

/** A message that the schema refuses: shows that the validator can say no. */
function plantedFault(document: Document): Document {
  const xml = new TextDecoder().decode(document.bytes).replace(/<ceb:guid>./, "<ceb:guid>");
  return { name: "planted fault", bytes: new TextEncoder().encode(xml) };
}

/** What our own reader refuses though the schema lets it pass. */
function findUnread(documents: readonly Document[]): readonly Invalid[] {
  return documents.flatMap(({ name, bytes }) => {
    const reading = readMessage(bytes);
    if (reading.kind === "refused") return [{ name, why: refusalText(reading.refusal) }];
    const bad = reading.elements.find((element) => element.kind === "refused");
    return bad === undefined ? [] : [{ name, why: refusalText(bad.refusal) }];
  });
}

async function validateAll(directory: string, seed: number, parcels: number): Promise<boolean> {
  const schemas = readSchemas(directory);
  const emitted = labMessages(seed, parcels).map(({ name, xml }) => ({
    name,
    bytes: new TextEncoder().encode(xml),
  }));
  const documents = [...emitted, ...goodFixtures()];
  const skipped = documents.filter((document) => schemaFor(schemas, document) === null);
  const invalid: Invalid[] = [...findUnread(documents)];
  for (const schema of schemas.files) {
    const some = documents.filter((document) => schemaFor(schemas, document) === schema);
    if (some.length === 0) continue;
    console.log(`${schema.fileName}: ${some.length} messages`);
    invalid.push(...(await findInvalid(schemas, schema, some)));
  }
  const [first] = emitted;
  const control = first === undefined ? null : plantedFault(first);
  const schema = control === null ? null : schemaFor(schemas, control);
  if (control !== null && schema !== null) {
    const caught = await findInvalid(schemas, schema, [control]);
    if (caught.length === 0) invalid.push({ name: control.name, why: "was not noticed" });
  }
  for (const { name, why } of invalid) console.error(`invalid ${name}: ${why}`);
  const bad = new Set(invalid.map(({ name }) => name)).size;
  const valid = documents.length - skipped.length - bad;
  console.log(`${valid} valid, ${bad} invalid, ${skipped.length} skipped`);
  return bad === 0 && skipped.length === 0 && valid > 0;
}

/** One line on how a sample was answered. */
function summaryOf(answer: IntakeAnswer): string {
  if (answer.kind === "refused") return `message refused, ${answer.refusal.code}`;
  const codes = new Map<string, number>();
  for (const { accepted, code } of answer.results) {
    const key = code ?? (accepted ? "accepted" : "refused");
    codes.set(key, (codes.get(key) ?? 0) + 1);
  }
  return [...codes].map(([code, count]) => `${count} ${code}`).join(", ");
}

/** Feeds every official sample to a desk, whole and cut off; each must be answered. */
function answerSamples(directory: string): boolean {
  const desk = new SyncDesk({ config: testConfig(), clock: createVirtualClock() });
  const customs = sender("customs", "samples");
  let failed = 0;
  const names = readdirSync(directory).filter((name) => name.endsWith(".xml"));
  for (const name of names) {
    try {
      const bytes = readFileSync(join(directory, name));
      desk.takeCustomsMessage(bytes.subarray(0, bytes.length / 2), customs);
      console.log(`${name}: ${summaryOf(desk.takeCustomsMessage(bytes, customs))}`);
    } catch (error) {
      failed += 1;
      console.error(`${name}: not answered: ${String(error)}`);
    }
  }
  console.log(`${names.length - failed} samples answered, ${failed} not`);
  return failed === 0 && names.length > 0;
}

async function main(): Promise<number> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const [directory] = read.words;
  if (directory === undefined) return answer(commandLine.refuse("DIR is wanted"), console);
  const { samples, seed = 1, parcels = 1_200 } = read.values;
  const isValid = await validateAll(directory, seed, parcels);
  const isAnswered = samples === undefined || answerSamples(samples);
  return isValid && isAnswered ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const path = error instanceof Error && "path" in error ? `${String(error.path)}: ` : "";
  console.error(`test:xsd: ${path}${fileReason(error)}`);
  process.exitCode = 2;
}
