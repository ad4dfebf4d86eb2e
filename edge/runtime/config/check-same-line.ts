import type { AgentFile } from "./agent-file.ts";
import { error, type Finding } from "./finding.ts";

/**
 * An agent that is the centre as well has its lines twice in its file. Where they differ the page and the
 * stories would be of another line than the one that runs: of devices that are not there, or without some
 * that are.
 */
export function checkSameLine({ agentId, lines, centre }: AgentFile): Finding[] {
  if (centre === null) return [];
  const own = new Map(lines.map(({ line }) => [line.id, line]));
  const findings: Finding[] = [];
  for (const [index, { agentId: runBy, line }] of centre.lines.entries()) {
    if (runBy !== agentId) continue;
    const key = `centre.lines.${index}.line`;
    const run = own.get(line.id);
    own.delete(line.id);
    if (run === undefined) {
      findings.push(error(`${key}.id`, `this agent runs no line ${line.id}: see lines`));
    } else {
      for (const path of differencesOf(line, run)) {
        findings.push(error([key, ...path].join("."), `lines has it otherwise for ${line.id}`));
      }
    }
  }
  for (const id of own.keys()) {
    findings.push(error("centre.lines", `${id}, which this agent runs, is not among them`));
  }
  return findings;
}

type Path = readonly string[];

/** Where two contents of a file differ, as deep as both have the same keys. */
function differencesOf(one: unknown, other: unknown): readonly Path[] {
  if (!isRecord(one) || !isRecord(other)) {
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [[]];
  }
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) =>
    differencesOf(one[key], other[key]).map((path) => [key, ...path]),
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
