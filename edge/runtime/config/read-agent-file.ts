import { Bug } from "../../../protocols/bug.ts";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument, type YAMLParseError } from "yaml";
import { z } from "zod";
import { fileReason, isFolder } from "../../../protocols/file-reason.ts";
import { inPlainWords } from "../../../protocols/json-message.ts";
import { canonicalJson } from "../../journal/canonical-json.ts";
import { readersOfFile } from "./binding-file.ts";
import type { LineConfig } from "../../line/config.ts";
import { zAgentFile, type AgentFile } from "./agent-file.ts";
import { checkBrokers } from "./check-brokers.ts";
import { checkCameras } from "./check-cameras.ts";
import { checkCounter } from "./check-counter.ts";
import { checkDicos } from "./check-dicos.ts";
import { checkFolders } from "./check-folders.ts";
import { checkLine } from "./check-line.ts";
import { checkModbusTime } from "./check-modbus-time.ts";
import { checkOsip } from "./check-osip.ts";
import { checkPlcMap } from "./check-plc-map.ts";
import { checkPlcNews } from "./check-plc-news.ts";
import { checkSameLine } from "./check-same-line.ts";
import { checkSignals } from "./check-signals.ts";
import { checkTelegrams } from "./check-telegrams.ts";
import { withAbsoluteFiles, withAbsoluteReaches } from "./absolute-reach.ts";
import type { Finding } from "./finding.ts";
import { checkMqttClientIds } from "./mqtt-client-ids.ts";
import { checkMqttTopics } from "./mqtt-topics.ts";
import type { LineFile } from "./line-file.ts";

export type ReadAgentFile =
  | { readonly kind: "config"; readonly file: AgentFile; readonly findings: readonly Finding[] }
  | Refused;

/** Each sentence begins with the key it is about. */
interface Refused {
  readonly kind: "refused";
  readonly sentences: readonly string[];
}

const fileBytesMax = 4 * 1024 * 1024;

/** Reads YAML (hence JSON too), checks every key, and works out what the lines have time for. */
export function readAgentFile(path: string): ReadAgentFile {
  const read = textOf(path);
  if (read.kind === "refused") return read;
  const { text } = read;
  // Aliases are turned off, because with them a small file could grow into a very large one.
  const lines = new LineCounter();
  const document = parseDocument(text, {
    uniqueKeys: true,
    // Without this each message would bring an excerpt of several lines.
    prettyErrors: false,
    lineCounter: lines,
  });
  if (document.errors.length > 0) {
    const lineOf = ({ pos }: YAMLParseError): number => lines.linePos(pos[0]).line;
    return refused(
      document.errors.map((error) => `${path}, line ${lineOf(error)}: ${wordsOf(error, text)}`),
    );
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    return refused([`${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  const parsed = zAgentFile.safeParse(content, inPlainWords);
  if (!parsed.success) return refused(parsed.error.issues.map(sentenceOf));
  const file = withAbsolutePaths(parsed.data, dirname(resolve(path)));
  const ofLines = [...file.lines, ...(file.centre?.lines ?? [])].flatMap(({ line }) =>
    checkLine(line).map((finding) => ofLine(line.id, finding)),
  );
  const ofSorters = file.lines.flatMap((role) =>
    checks.flatMap((check) => check(role).map((finding) => ofLine(role.line.id, finding))),
  );
  const findings = [
    ...ofLines,
    ...ofSorters,
    ...checkMqttClientIds(file),
    ...checkMqttTopics(file),
    ...checkBrokers(file),
    ...checkFolders(file, resolve(path)),
    ...checkSameLine(file),
  ];
  const errors = findings.filter(({ level }) => level === "error");
  if (errors.length > 0) {
    return refused(errors.map(({ key, sentence }) => `${key}: ${sentence}`));
  }
  return { kind: "config", file, findings };
}

/** Of a line with its devices. */
const checks = [
  checkCounter,
  checkPlcMap,
  checkPlcNews,
  checkModbusTime,
  checkTelegrams,
  checkOsip,
  checkDicos,
  checkSignals,
  checkCameras,
];

const ofLine = (lineId: string, finding: Finding): Finding => ({
  ...finding,
  key: `line ${lineId}, ${finding.key}`,
});

/** What the YAML reader says, except where it speaks to programmers or leaves out the name. */
function wordsOf({ code, message, pos }: YAMLParseError, text: string): string {
  if (code === "DUPLICATE_KEY") {
    const key = /^[^:\s,}]+/.exec(text.slice(pos[0]))?.[0] ?? "a key";
    return `${key} stands here a second time`;
  }
  return code === "MULTIPLE_DOCS" ? "a second document begins; a file holds one" : message;
}

/** The size is asked first, because reading a device or a pipe may never end. */
function textOf(path: string): { readonly kind: "text"; readonly text: string } | Refused {
  try {
    const status = statSync(path);
    if (status.isDirectory()) return refused([`${path}: ${isFolder}`]);
    if (!status.isFile()) return refused([`${path}: it is no ordinary file`]);
    if (status.size > fileBytesMax) {
      return refused([`${path}: ${status.size} bytes, more than ${fileBytesMax}`]);
    }
    return { kind: "text", text: readFileSync(path, "utf8") };
  } catch (error) {
    return refused([`${path}: ${fileReason(error)}`]);
  }
}

const refused = (sentences: readonly string[]): Refused => ({ kind: "refused", sentences });

function sentenceOf(issue: z.core.$ZodIssue): string {
  const key = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const where = key === "" ? "" : `${key}.`;
    return issue.keys.map((unknown) => `${where}${unknown}: there is no such key`).join("; ");
  }
  return `${key === "" ? "file" : key}: ${issue.message}`;
}

function withAbsolutePaths(file: AgentFile, folder: string): AgentFile {
  const { centre } = file;
  return {
    ...file,
    dataDir: resolve(folder, file.dataDir),
    link: { ...file.link, ...withAbsoluteFiles(file.link, folder) },
    lines: file.lines.map((role) => ({
      ...role,
      devices: withAbsoluteReaches(role.devices, folder),
    })),
    centre:
      centre === null
        ? null
        : {
            ...centre,
            pageDir: centre.pageDir === null ? null : resolve(folder, centre.pageDir),
            anchors:
              centre.anchors === null
                ? null
                : {
                    ...centre.anchors,
                    file: resolve(folder, centre.anchors.file),
                    keyFile: resolve(folder, centre.anchors.keyFile),
                  },
          },
  };
}

/** The line as the core takes it, and the hash by which its configuration is known. */
export function lineConfigOf(line: LineFile): { config: LineConfig; configHash: string } {
  const { id, ...rest } = line;
  const { scanner, ...layout } = line.layout;
  const readers = readersOfFile(scanner, scanner.binding, line.mode);
  const config: LineConfig = { lineId: id, ...rest, layout: { ...layout, ...readers } };
  const canonical = canonicalJson(config);
  if (canonical.kind === "refused")
    throw new Bug(`line ${id}: ${canonical.path}: ${canonical.why}`);
  return { config, configHash: createHash("sha256").update(canonical.text).digest("hex") };
}
