import { z } from "zod";
import { withoutNoReads } from "../../../protocols/barcode/no-read.ts";
import {
  codeCharsMax,
  codesPerReadMax,
  partAim,
  zScannedCode,
  type ScannedCode,
} from "../../../protocols/barcode/scanned-code.ts";
import { checkJson, readJson } from "../../../protocols/json-message.ts";
import { valueAt, zJsonPath } from "../../../protocols/json-path.ts";
import {
  zFourDigits,
  zReadProof,
  type ProofCommand,
  type ReadProof,
} from "../../../protocols/scanner/read-proof.ts";
import { speak, unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createTopicWire, type TopicMessage, type TopicMessageOut } from "../wires/topic-wire.ts";
import type { ScannerHeard } from "./heard.ts";
import { createReadOrder } from "./read-order.ts";

const zTopic = z
  .string()
  .max(200)
  .regex(/^[^+#/$][^+#]*(?<!\/)$/, "below the base: no wildcards, no slash at either end");

const path = (what: string) => zJsonPath.describe(`Where ${what} stands.`);

const zTriggerText = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[\x20-\x7e]+$/, "printable characters");

const zCommandText = z
  .string()
  .max(500)
  .regex(/^[\x20-\x7e]*\{\}[\x20-\x7e]*$/, "printable characters with {} for the digits");

/** Another maker's JSON on a broker: its topics, and where in its messages things stand. */
export const zScannerJsonMapDialect = z
  .strictObject({
    kind: z.literal("json-map").describe("JSON of another maker's, on its own topics."),
    read: z
      .strictObject({
        topic: zTopic.describe("Below the base; one message is one read."),
        codes: path("the code, or the list of all codes,"),
        text: path("a code's text, from its element of the list,").optional(),
        aim: path("its AIM identifier, from its element of the list,").optional(),
        seq: path("the read's number, which grows by one and is 0 after a restart,").optional(),
        token: path("the token that came back").optional(),
        ticks: path("the reader's encoder at the trigger").optional(),
        counter: path("the number of the trigger").optional(),
        test: path("the digits of a test that came back").optional(),
        at: path(
          "the time of the read, ISO 8601 with a zone or milliseconds since 1970,",
        ).optional(),
      })
      .describe("The message of a read."),
    life: z
      .strictObject({ topic: zTopic.describe("Below the base; whatever comes there is life.") })
      .describe("The sign of life; left out for a reader without one.")
      .optional(),
    command: z
      .strictObject({
        topic: zTopic.describe("Below the base, where commands are published."),
        token: zCommandText.describe("What tells it its next token.").optional(),
        trigger: zTriggerText.describe("What triggers it for the parcel before it.").optional(),
        triggerOff: zTriggerText.describe("What ends a trigger that has shown nothing.").optional(),
        test: zCommandText.describe("What triggers it for a test.").optional(),
      })
      .describe("What it is told, for bindings that need it.")
      .optional(),
  })
  .refine(({ read, life }) => read.topic !== life?.topic, {
    path: ["life", "topic"],
    message: "must be another topic than that of reads",
  });
export type ScannerJsonMap = z.infer<typeof zScannerJsonMapDialect>;

const messageBytesMax = 64 * 1024;

export const scannerJsonMapCarriers = (
  map: ScannerJsonMap,
): Carriers<ScannerHeard, ProofCommand> => ({
  messages({ bus, base }, clock) {
    const topics = [map.read.topic, ...(map.life === undefined ? [] : [map.life.topic])];
    const wire = createTopicWire(bus, base, topics);
    const reader = speak(createDialect(map), wire, clock);
    return {
      ...reader,
      send: (command) =>
        textFor(map, command) === undefined
          ? { kind: "refused", why: "noSession" }
          : reader.send(command),
    };
  },
});

type Outlet = DialectOutlet<ScannerHeard, TopicMessageOut>;

function createDialect(
  map: ScannerJsonMap,
): Dialect<TopicMessage, TopicMessageOut, ScannerHeard, ProofCommand> {
  const order = createReadOrder();

  const readRead = ({ topic, payload }: TopicMessage, out: Outlet): void => {
    const json = readJson(payload, messageBytesMax);
    if (json.kind === "invalid") return out.tell(unreadable(`${topic} ${json.why}`));
    const found = readMapped(map.read, json.value);
    if (found.kind === "invalid") return out.tell(unreadable(`${topic} ${found.why}`));
    const { codes, proof, seq } = found;
    tellTime(map.read.at, json.value, topic, out);
    const read = { kind: "read", codes: withoutNoReads(codes), proof } as const;
    for (const heard of seq === null ? [read] : order.take(seq, read)) out.tell(heard);
  };

  return {
    read(message, _at, out) {
      if (message.topic === map.read.topic) readRead(message, out);
      else out.tell({ kind: "life" });
    },
    // One that is lost costs its own read; an acknowledgement would not make it come in time.
    write: (command) => ({
      topic: map.command?.topic ?? "",
      payload: new TextEncoder().encode(textFor(map, command) ?? ""),
      qos: 0,
    }),
  };
}

/** A time that cannot be read costs nothing but itself. */
function tellTime(at: string | undefined, json: unknown, topic: string, out: Outlet): void {
  if (at === undefined) return;
  const told = valueAt(json, at);
  const deviceAtMs = timeOf(told);
  if (deviceAtMs !== null) out.madeAt?.(deviceAtMs);
  else out.tell(unreadable(`${topic} ${at}: ${JSON.stringify(told) ?? "nothing"} is no time`));
}

/** Without its zone a time may be any of a day. */
const withZone = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/;

function timeOf(told: unknown): number | null {
  const ms = typeof told === "string" && withZone.test(told) ? Date.parse(told) : told;
  return typeof ms === "number" && Number.isFinite(ms) ? ms : null;
}

/** Undefined: this reader cannot be told that. */
function textFor({ command }: ScannerJsonMap, told: ProofCommand): string | undefined {
  switch (told.kind) {
    case "trigger":
      return command?.trigger;
    case "endTrigger":
      return command?.triggerOff;
    case "token":
      return command?.token?.replaceAll("{}", told.token);
    case "test":
      return command?.test?.replaceAll("{}", told.test);
  }
}

type Mapped =
  | {
      readonly kind: "mapped";
      readonly codes: readonly ScannedCode[];
      readonly proof: ReadProof;
      readonly seq: number | null;
    }
  | Invalid;

interface Invalid {
  readonly kind: "invalid";
  /** Begins with the path that is wrong. */
  readonly why: string;
}

const invalid = (path: string, why: string): Invalid => ({
  kind: "invalid",
  why: `${path}: ${why}`,
});

const zSeq = z.number().int().min(0);

function readMapped(map: ScannerJsonMap["read"], json: unknown): Mapped {
  const codes = codesIn(map, valueAt(json, map.codes));
  if ("kind" in codes) return codes;
  const proof: Record<string, unknown> = {};
  for (const key of ["token", "ticks", "counter", "test"] as const) {
    const at = map[key];
    const value = at === undefined ? undefined : valueAt(json, at);
    if (at === undefined || value === undefined || value === null || value === "") continue;
    const read = checkJson<unknown>(
      key === "token" || key === "test" ? zFourDigits : zReadProof.shape[key],
      value,
    );
    if (read.kind === "invalid") return invalid(at, read.message);
    proof[key] = read.value;
  }
  if (map.seq === undefined) return { kind: "mapped", codes, proof, seq: null };
  const seq = checkJson(zSeq, valueAt(json, map.seq));
  if (seq.kind === "invalid") return invalid(map.seq, seq.message);
  return { kind: "mapped", codes, proof, seq: seq.value };
}

/**
 * One code as a text, or a list of them. Nothing there is a read without a code: readers leave the
 * field out, or send null or nothing. One that cannot be understood spoils the read as a whole.
 */
function codesIn(map: ScannerJsonMap["read"], found: unknown): readonly ScannedCode[] | Invalid {
  if (found === undefined || found === null || found === "") return [];
  const all: readonly unknown[] = Array.isArray(found) ? found : [found];
  if (all.length > codesPerReadMax) {
    return invalid(map.codes, `${all.length} codes are more than ${codesPerReadMax}`);
  }
  const codes: ScannedCode[] = [];
  for (const element of all) {
    const text = map.text === undefined ? element : valueAt(element, map.text);
    const where = map.text === undefined ? map.codes : `${map.codes}[].${map.text}`;
    if (typeof text !== "string") return invalid(where, "must be a text");
    const code = codeOf(text, map.aim === undefined ? null : valueAt(element, map.aim));
    if (code === "tooLong") return invalid(where, `more than ${codeCharsMax} characters`);
    if (code === "badAim") return invalid(map.aim ?? where, "no AIM identifier such as ]C1");
    if (code !== null) codes.push(code);
  }
  return codes;
}

function codeOf(raw: string, said: unknown): ScannedCode | "tooLong" | "badAim" | null {
  const { aim: prefix, text } = partAim(raw);
  if (text === "") return null;
  if (text.length > codeCharsMax) return "tooLong";
  const isSaid = said !== undefined && said !== null && said !== "";
  const aim = zScannedCode.shape.aim.safeParse(isSaid ? said : prefix);
  return aim.success ? { text, aim: aim.data } : "badAim";
}
