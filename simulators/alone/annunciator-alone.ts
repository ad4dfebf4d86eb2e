import { z } from "zod";
import { zAnnunciatorJsonMap } from "../../protocols/annunciator/json-map.ts";
import {
  zAnnunciatorOutputs,
  zAnnunciatorOutputsModbus,
} from "../../protocols/annunciator/outputs.ts";
import { inPlainWords } from "../../protocols/json-message.ts";
import type { SimulatedAnnunciator } from "../devices/annunciator/light.ts";
import { startMessageLight } from "../devices/annunciator/message-light.ts";
import { createOutputMemory } from "../devices/annunciator/output-memory.ts";
import { openAloneBus } from "./device-wires.ts";
import { laidAtNodes, laidInRegisters, type ServingParts } from "./laid-map.ts";
import { isObject, readContent, refused, sentencesOf, type MapRefused } from "./map-file.ts";
import type { AloneOptions } from "./options.ts";

/** A horn and a light in a process of its own, and where its wire is. */
export interface OpenAnnunciator {
  readonly device: SimulatedAnnunciator;
  readonly at: string;
  close(): Promise<void>;
}

/** What the light shows is printed, since nobody sees it. Rejects where a map cannot be served. */
export async function openAnnunciator(
  options: AloneOptions,
  parts: ServingParts,
): Promise<OpenAnnunciator> {
  const { wire, map: wish } = options;
  const { clock } = parts;
  const onShows = (shows: object): void => console.log(JSON.stringify({ kind: "shows", ...shows }));
  const read = wish === null ? null : readAnnunciatorFile(wish);
  if (read?.kind === "refused") throw new Error(read.sentences.join("\n"));
  if (wire.kind === "mqtt") {
    const map = read?.map ?? null;
    if (map !== null && map.kind !== "json-map") {
      throw new Error(`${read?.keyOfMap ?? ""}kind: ${map.kind} is not served at --mqtt`);
    }
    const { brokerUrl, base } = wire;
    const bus = openAloneBus(brokerUrl, base, options);
    const device = startMessageLight({ bus, base, clock, map, onShows });
    return { device, at: `${base}/#`, close: async () => {} };
  }
  if (read === null) throw new Error("--map: outputs of a controller are laid out by a map");
  const { map, keyOfMap } = read;
  if (map.kind === "json-map") throw new Error(`${keyOfMap}kind: json-map is served at --mqtt`);
  const { variables, device } = createOutputMemory(map, clock, onShows);
  const { misfits, serve } =
    map.kind === "outputs"
      ? laidAtNodes(map, variables, options)
      : laidInRegisters(map, variables, wire);
  if (misfits.length > 0) {
    throw new Error(misfits.map(({ key, why }) => `${keyOfMap}${key}: ${why}`).join("\n"));
  }
  return { device, ...(await serve(parts)) };
}

const zMap = z.discriminatedUnion("kind", [
  zAnnunciatorJsonMap,
  zAnnunciatorOutputs,
  zAnnunciatorOutputsModbus,
]);
type AnyMap = z.infer<typeof zMap>;
const zDevice = z.object({ id: z.string().optional(), dialect: z.unknown() });
const zAgent = z.object({
  lines: z.array(z.object({ devices: z.object({ annunciator: zDevice.nullish() }) })).min(1),
});

interface AnnunciatorFile {
  readonly kind: "map";
  readonly map: AnyMap;
  /** Before the keys of the map, in a sentence about one of them. */
  readonly keyOfMap: string;
}

/** An agent's configuration, an annunciator out of one, or the map alone. */
function readAnnunciatorFile({
  path,
  id,
}: NonNullable<AloneOptions["map"]>): AnnunciatorFile | MapRefused {
  const read = readContent(path);
  if (read.kind === "refused") return read;
  const { content } = read;
  if (!("lines" in content)) {
    return "dialect" in content ? readMap(content["dialect"], "dialect.") : readMap(content, "");
  }
  const agent = zAgent.safeParse(content, inPlainWords);
  if (!agent.success) return refused(...sentencesOf(agent.error, ""));
  const found = agent.data.lines.flatMap(({ devices: { annunciator } }, index) =>
    annunciator != null && (id === null ? isMap(annunciator.dialect) : annunciator.id === id)
      ? [{ annunciator, index }]
      : [],
  );
  const [one, second] = found;
  if (one === undefined) {
    return refused(`${path}: there is no annunciator ${id ?? "with a map"} in it`);
  }
  if (second !== undefined) {
    const ids = found.map(({ annunciator }) => annunciator.id ?? "?").join(", ");
    return refused(`${path}: --id says which of its annunciators is meant: ${ids}`);
  }
  return readMap(one.annunciator.dialect, `lines.${one.index}.devices.annunciator.dialect.`);
}

function readMap(content: unknown, keyOfMap: string): AnnunciatorFile | MapRefused {
  const parsed = zMap.safeParse(content, inPlainWords);
  return parsed.success
    ? { kind: "map", map: parsed.data, keyOfMap }
    : refused(...sentencesOf(parsed.error, keyOfMap));
}

const isMap = (dialect: unknown): boolean =>
  isObject(dialect) && zMap.options.some(({ shape }) => shape.kind.value === dialect["kind"]);
