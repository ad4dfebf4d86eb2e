import type { AgentFile } from "./agent-file.ts";
import { error, note, type Finding } from "./finding.ts";

/** What an X-ray machine that puts DICOS files into a folder asks of its line. */
export function checkDicos({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { xray } = devices;
  const { layout, belt } = line;
  if (xray?.dialect.kind !== "dicos" || xray.reach.kind !== "folder" || layout.xray === null) {
    return [];
  }
  if (layout.xray.entryByEye?.itemIsTold !== "withPicture") {
    return [
      error(
        "layout.xray.entryByEye",
        "a machine of DICOS files knows no belt counts and tells of an item by its picture: set entryByEye with itemIsTold withPicture",
      ),
    ];
  }
  const { fromMm, toMm } = layout.xray;
  const looks = xray.reach.writes === "renamed" ? 1 : 2;
  const lookedMs = looks * xray.reach.lookEveryMs;
  const throughMs = Math.round(((toMm - fromMm) / belt.speedMmPerS) * 1_000);
  if (lookedMs >= throughMs) {
    return [
      error(
        "devices.xray.reach.lookEveryMs",
        `a parcel is in the tunnel for ${throughMs} ms, and a file is taken up to ${lookedMs} ms after it was written: no picture would be in time`,
      ),
    ];
  }
  return [
    note(
      "layout.xray.toMm",
      `the machine has ${throughMs - lookedMs} ms to put a parcel's picture into the folder, from its rear at ${fromMm} mm: what comes later is nobody's; toMm may lie behind the machine itself`,
    ),
  ];
}
