import { z } from "zod";
import { inPlainWords } from "../../protocols/json-message.ts";
import { zSignals, zSignalsModbus } from "../../protocols/xray/signals.ts";
import { createSignalMemory, type AnySignalMap } from "../devices/xray/signal-memory.ts";
import type { XrayWire } from "../devices/xray/wire.ts";
import { laidAtNodes, laidInRegisters, type ServingParts } from "./laid-map.ts";
import { isObject, readContent, refused, sentencesOf, type MapRefused } from "./map-file.ts";
import type { AloneOptions } from "./options.ts";
import { firstBootOf } from "./plc-alone.ts";

const zMap = z.discriminatedUnion("kind", [zSignals, zSignalsModbus]);
const zXray = z.object({ id: z.string().optional(), dialect: z.unknown() });
const zAgent = z.object({
  lines: z.array(z.object({ devices: z.object({ xray: zXray.nullish() }) })).min(1),
});

interface SignalFile {
  readonly kind: "map";
  readonly map: AnySignalMap;
  /** Before the keys of the map, in a sentence about one of them. */
  readonly keyOfMap: string;
}

/** A machine of signals laid out by a map. Rejects where that cannot be served, by its keys. */
export async function openSignals(
  options: AloneOptions,
  wish: NonNullable<AloneOptions["map"]>,
  parts: ServingParts,
): Promise<{ readonly xrayWire: XrayWire; readonly at: string; close(): Promise<void> }> {
  const read = readSignalFile(wish);
  if (read.kind === "refused") throw new Error(read.sentences.join("\n"));
  const { map, keyOfMap } = read;
  const { wire, variables } = createSignalMemory(map, firstBootOf(parts.clock));
  const { misfits, serve } =
    map.kind === "signals"
      ? laidAtNodes(map, variables, options)
      : laidInRegisters(map, variables, options.wire);
  if (misfits.length > 0) {
    throw new Error(misfits.map(({ key, why }) => `${keyOfMap}${key}: ${why}`).join("\n"));
  }
  return { xrayWire: wire, ...(await serve(parts)) };
}

/** An agent's configuration, an X-ray machine out of one, or the map alone. */
function readSignalFile({ path, id }: NonNullable<AloneOptions["map"]>): SignalFile | MapRefused {
  const read = readContent(path);
  if (read.kind === "refused") return read;
  const { content } = read;
  if (!("lines" in content)) {
    return "dialect" in content ? readMap(content["dialect"], "dialect.") : readMap(content, "");
  }
  const agent = zAgent.safeParse(content, inPlainWords);
  if (!agent.success) return refused(...sentencesOf(agent.error, ""));
  const found = agent.data.lines.flatMap(({ devices: { xray } }, index) =>
    xray != null && (id === null ? isMap(xray.dialect) : xray.id === id) ? [{ xray, index }] : [],
  );
  const [one, second] = found;
  if (one === undefined) {
    return refused(`${path}: there is no X-ray ${id ?? "with signals"} in it`);
  }
  if (second !== undefined) {
    const ids = found.map(({ xray }) => xray.id ?? "?").join(", ");
    return refused(`${path}: --id says which of its X-rays is meant: ${ids}`);
  }
  return readMap(one.xray.dialect, `lines.${one.index}.devices.xray.dialect.`);
}

function readMap(content: unknown, keyOfMap: string): SignalFile | MapRefused {
  const parsed = zMap.safeParse(content, inPlainWords);
  return parsed.success
    ? { kind: "map", map: parsed.data, keyOfMap }
    : refused(...sentencesOf(parsed.error, keyOfMap));
}

const isMap = (dialect: unknown): boolean =>
  isObject(dialect) && ["signals", "signals-modbus"].includes(String(dialect["kind"]));
