import { readFileSync, statSync } from "node:fs";
import { parseDocument, visit, type Document } from "yaml";
import { z } from "zod";
import { fileReason, isFolder } from "../../protocols/file-reason.ts";
import { inPlainWords } from "../../protocols/json-message.ts";
import { zPlcMapModbus } from "../../protocols/sorter/plc-map-modbus.ts";
import { zPlcMap } from "../../protocols/sorter/plc-map-opcua.ts";
import type { AnyPlcMap } from "../devices/sorter/plc-mapped.ts";
import type { WorldLayout } from "../world/layout.ts";
import { beltOf, zLineOfFile } from "./line-belt.ts";

/** What a file says of the controller that is to be played. */
export interface MapFile {
  readonly map: AnyPlcMap;
  /** Before the keys of the map, in a sentence about one of them. */
  readonly keyOfMap: string;
  /** Of the line that the file has; null: it has none, and the default belt is meant. */
  readonly layout: WorldLayout | null;
  /** What the reader's outputs are called there. */
  readonly outputs: { readonly good: string; readonly noRead: string };
}

export type MapRead = { readonly kind: "map"; readonly file: MapFile } | MapRefused;

export interface MapRefused {
  readonly kind: "refused";
  /** Each begins with the file or the key it is about. */
  readonly sentences: readonly string[];
}

export interface MapWish {
  readonly path: string;
  /** Which sorter is meant, where the file has several; null: the one that has a map. */
  readonly sorterId: string | null;
  /** World milliseconds a millisecond: the file's belt is so much faster than the world's. */
  readonly speed: number;
}

const fileBytesMax = 4 * 1024 * 1024;
const outputsDefault = { good: "good-read", noRead: "no-read" };

const zMap = z.discriminatedUnion("kind", [zPlcMap, zPlcMapModbus]);
const zSorter = z.object({ id: z.string().optional(), dialect: z.unknown() });
const zAgent = z.object({
  lines: z.array(z.object({ line: z.unknown(), devices: z.object({ sorter: zSorter }) })).min(1),
});

/** An agent's configuration, a sorter out of one, or the map alone; YAML, hence JSON as well. */
export function readMapFile(wish: MapWish): MapRead {
  const read = readContent(wish.path);
  if (read.kind === "refused") return read;
  const { content } = read;
  if ("lines" in content) return readAgent(content, wish);
  const keyOfMap = "dialect" in content ? "dialect." : "";
  const map = readMap("dialect" in content ? content["dialect"] : content, keyOfMap);
  if (map.kind === "refused") return map;
  return { kind: "map", file: { map: map.map, keyOfMap, layout: null, outputs: outputsDefault } };
}

/** Of YAML, hence JSON as well; what is no object holds no map. */
export function readContent(
  path: string,
): { readonly kind: "content"; readonly content: Readonly<Record<string, unknown>> } | MapRefused {
  const text = textOf(path);
  if (text.kind === "refused") return text;
  const document = parseDocument(text.text, { uniqueKeys: true, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return refused(`${path}: ${error.message}`);
  if (hasAliases(document)) return refused(`${path}: it has aliases, which no agent reads`);
  const content: unknown = document.toJS();
  return isObject(content)
    ? { kind: "content", content }
    : refused(`${path}: there is no map in it`);
}

/** Of a whole configuration the line is taken as well, so that the belt is that line's. */
function readAgent(content: unknown, { path, sorterId, speed }: MapWish): MapRead {
  const agent = zAgent.safeParse(content, inPlainWords);
  if (!agent.success) return refused(...sentencesOf(agent.error, ""));
  const mapped = agent.data.lines
    .map(({ line, devices }, index) => ({ line, sorter: devices.sorter, index }))
    .filter(({ sorter }) => (sorterId === null ? isMap(sorter.dialect) : sorter.id === sorterId));
  const [one, second] = mapped;
  if (one === undefined) {
    const wanted = sorterId === null ? "with a map" : sorterId;
    return refused(`${path}: there is no sorter ${wanted} in it`);
  }
  if (second !== undefined) {
    const ids = mapped.map(({ sorter }) => sorter.id ?? "?").join(", ");
    return refused(`${path}: --id says which of its sorters is meant: ${ids}`);
  }
  const keyOfMap = `lines.${one.index}.devices.sorter.dialect.`;
  const map = readMap(one.sorter.dialect, keyOfMap);
  if (map.kind === "refused") return map;
  const line = zLineOfFile.safeParse(one.line, inPlainWords);
  if (!line.success) return refused(...sentencesOf(line.error, `lines.${one.index}.line.`));
  const belt = beltOf(line.data, speed);
  if (typeof belt === "string") return refused(`lines.${one.index}.line.layout: ${belt}`);
  const { goodInputId: good, noReadInputId: noRead } = line.data.layout.scanner.binding;
  const outputs = { good: good ?? outputsDefault.good, noRead: noRead ?? outputsDefault.noRead };
  return { kind: "map", file: { map: map.map, keyOfMap, layout: belt, outputs } };
}

function readMap(
  content: unknown,
  keyOfMap: string,
): { readonly kind: "map"; readonly map: AnyPlcMap } | MapRefused {
  const parsed = zMap.safeParse(content, inPlainWords);
  return parsed.success
    ? { kind: "map", map: parsed.data }
    : refused(...sentencesOf(parsed.error, keyOfMap));
}

export function sentencesOf({ issues }: z.ZodError, before: string): string[] {
  return issues.flatMap((issue) => {
    const key = issue.path.map(String).join(".");
    if (issue.code !== "unrecognized_keys") return [`${before}${key}: ${issue.message}`];
    const where = key === "" ? before : `${before}${key}.`;
    return issue.keys.map((unknown) => `${where}${unknown}: there is no such key`);
  });
}

function textOf(path: string): { readonly kind: "text"; readonly text: string } | MapRefused {
  try {
    const status = statSync(path);
    if (status.isDirectory()) return refused(`${path}: ${isFolder}`);
    if (!status.isFile()) return refused(`${path}: it is no ordinary file`);
    if (status.size > fileBytesMax) {
      return refused(`${path}: ${status.size} bytes, more than ${fileBytesMax}`);
    }
    return { kind: "text", text: readFileSync(path, "utf8") };
  } catch (error) {
    return refused(`${path}: ${fileReason(error)}`);
  }
}

/** The agent takes none: with them a small file could grow into a very large one. */
function hasAliases(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias() {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

export const refused = (...sentences: readonly string[]): MapRefused => ({
  kind: "refused",
  sentences,
});

export const isObject = (content: unknown): content is Readonly<Record<string, unknown>> =>
  typeof content === "object" && content !== null && !Array.isArray(content);

const isMap = (dialect: unknown): boolean =>
  isObject(dialect) && ["plc-map", "plc-map-modbus"].includes(String(dialect["kind"]));
