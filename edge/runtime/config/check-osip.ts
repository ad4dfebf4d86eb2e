import { osipWordMax } from "../../../protocols/sorter/osip-sorter.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import type { SorterOsipDialect } from "../../devices/sorter/osip.ts";
import type { AgentFile } from "./agent-file.ts";
import { error, note, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

const dialectKey = "devices.sorter.dialect";

/** Whether a controller that speaks OSIP tells all that its line needs, and can be told what to do. */
export function checkOsip({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { dialect, reach } = devices.sorter;
  if (dialect.kind !== "osip") return [];
  return [
    ...checkReach(reach.kind),
    ...checkFields(dialect),
    ...checkNames(line, dialect),
    ...checkExits(line, dialect),
    ...checkCounts(line, dialect),
    ...checkNotes(dialect),
  ];
}

function checkReach(kind: string): Finding[] {
  if (kind !== "serial") return [];
  return [
    error(
      "devices.sorter.reach.kind",
      "OSIP has no checksum, so that a damaged count would be believed: it goes over TCP alone",
    ),
  ];
}

/** What OSIP cannot say by itself, and why no line runs without it. */
const lacking = {
  counts:
    "OSIP has no field for a belt count, and an eye without the count of its edge tells no place on the belt: a controller that writes it into barcode is configured by counts: barcode",
  orders:
    "OSIP names a target and not the count to fire at, and the agent alone decides when a divert is too late: a controller that takes the counts out of RES_ is configured by orders: group",
  sessions:
    "OSIP does not tell that a controller has started anew, so that a divert of before would be obeyed: a controller with a boot number in its error codes is configured by sessions: error",
} as const;

const checkFields = (dialect: SorterOsipDialect): Finding[] =>
  (["counts", "orders", "sessions"] as const)
    .filter((key) => dialect[key] === undefined)
    .map((key) => error(`${dialectKey}.${key}`, lacking[key]));

function checkNames({ layout }: LineFile, { locations }: SorterOsipDialect): Finding[] {
  const { binding } = layout.scanner;
  const wanted: readonly (readonly [key: "eyes" | "inputs" | "guards", ids: readonly string[]])[] =
    [
      [
        "eyes",
        [
          layout.inductionEyeId,
          ...layout.trackingEyes.map(({ eyeId }) => eyeId),
          ...layout.diverters.map(({ chuteEyeId }) => chuteEyeId),
          layout.end.eyeId,
        ],
      ],
      ["inputs", binding.kind === "pulse" ? [binding.goodInputId, binding.noReadInputId] : []],
      ["guards", layout.zones.flatMap(({ guardIds }) => guardIds)],
    ];
  return wanted.flatMap(([key, ids]) => {
    const named = Object.values(locations[key]);
    return ids
      .filter((id) => !named.includes(id))
      .map((id) =>
        error(`${dialectKey}.locations.${key}`, `the layout names ${id}, and it has no location`),
      );
  });
}

function checkExits({ layout }: LineFile, { locations }: SorterOsipDialect): Finding[] {
  const served: readonly Exit[] = [...layout.diverters.map(({ exit }) => exit), layout.end.exit];
  const named = Object.values(locations.chutes);
  return [
    ...served
      .filter((exit) => locations.chutes[exit] === undefined)
      .map((exit) =>
        error(
          `${dialectKey}.locations.chutes`,
          `${exit} has no location: nothing could tell whether it has room, and nothing be sent there`,
        ),
      ),
    ...(new Set(named).size === named.length
      ? []
      : [error(`${dialectKey}.locations.chutes`, "one location is two chutes")]),
  ];
}

function checkCounts(
  { belt, tracking, layout }: LineFile,
  { counter }: SorterOsipDialect,
): Finding[] {
  const findings: Finding[] = [];
  if (counter?.isSigned === true) {
    findings.push(
      error(`${dialectKey}.counter.isSigned`, "RES_ has no room for counts below zero"),
    );
  }
  const swingMs = Math.max(...layout.diverters.map((diverter) => diverter.swingMs));
  const windowMm =
    tracking.lengthMmMax +
    tracking.earlyMm +
    2 * tracking.lateMm +
    (belt.speedMmPerS * swingMs) / 1_000;
  const windowCounts = Math.ceil(windowMm / belt.mmPerCount);
  if (windowCounts > osipWordMax) {
    findings.push(
      error(
        `${dialectKey}.orders`,
        `a diverter may be out for ${windowCounts} counts, and RES_ has room for ${osipWordMax}: take a coarser encoder`,
      ),
    );
  }
  return findings;
}

function checkNotes({ locations }: SorterOsipDialect): Finding[] {
  if (locations.induction !== undefined) return [];
  return [
    note(
      `${dialectKey}.locations.induction`,
      "there is no such location, so doubt cannot keep parcels off the belt",
    ),
  ];
}
