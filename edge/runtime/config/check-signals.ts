import { hasSignalsOnly, signalReadMs } from "../../devices/xray/signals.ts";
import { answerMsMax, heartbeatMs } from "../../devices/xray/signals/machine.ts";
import type { XrayConfig } from "../../devices/xray/open-xray.ts";
import type { AgentFile } from "./agent-file.ts";
import { error, note, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

type XrayLayout = NonNullable<LineFile["layout"]["xray"]>;
type SignalDialect = Extract<XrayConfig["dialect"], { kind: "signals" | "signals-modbus" }>;

/** What an X-ray machine of discrete signals asks of its line, and what it can never give. */
export function checkSignals({ line, devices }: AgentFile["lines"][number]): Finding[] {
  const { xray } = devices;
  const layout = line.layout.xray;
  if (xray === null || layout === null) return [];
  if (!isOfSignals(xray.dialect)) return checkImages(xray, layout);
  return [
    ...checkLayout(layout),
    ...checkAge(xray),
    ...checkPace(line, xray, xray.dialect),
    note(
      "layout.xray.hasImages",
      "no image comes from a machine of signals, and a release after machine inspection needs one, whoever's verdict imageVerdictBy asks for: whatever needs machine inspection is opened, also after its clear; for all others clear spares the doubt that comes with any other word, or with none",
    ),
  ];
}

const isOfSignals = (dialect: XrayConfig["dialect"]): dialect is SignalDialect =>
  hasSignalsOnly(dialect);

function checkImages({ dialect }: XrayConfig, { hasImages }: XrayLayout): Finding[] {
  if (hasImages !== false) return [];
  const sentence = `${dialect.kind} brings an image of each parcel: leave the key out`;
  return [error("layout.xray.hasImages", sentence)];
}

function checkLayout({ hasImages, binding, entryByEye }: XrayLayout): Finding[] {
  const findings: Finding[] = [];
  if (hasImages !== false) {
    const sentence = "a machine of signals sends no image: set it to false";
    findings.push(error("layout.xray.hasImages", sentence));
  }
  if (binding.kind !== "none") {
    const sentence = `${binding.kind} binds an image, and a machine of signals sends none: take none`;
    findings.push(error("layout.xray.binding", sentence));
  }
  if (entryByEye === undefined || entryByEye.itemIsTold === "withPicture") {
    findings.push(
      error(
        "layout.xray.entryByEye",
        "a machine of signals knows no belt counts and tells of an item as it enters: set entryByEye, without itemIsTold",
      ),
    );
  }
  return findings;
}

/** Two heartbeats, or each late one would count as silence. */
const staleAfterMsMin = 2 * heartbeatMs;

function checkAge({ staleAfterMs }: XrayConfig): Finding[] {
  if (staleAfterMs >= staleAfterMsMin) return [];
  const sentence = `it must be at least ${staleAfterMsMin}: a heartbeat may take ${heartbeatMs} ms`;
  return [error("devices.xray.staleAfterMs", sentence)];
}

/** Looks until what was latched is told: four that show its number, and the one that just missed it. */
const looksMax = 5;

function checkPace(
  { belt, tracking, layout }: LineFile,
  { reach }: XrayConfig,
  dialect: SignalDialect,
): Finding[] {
  const isSerial = dialect.kind === "signals-modbus" && reach.kind === "serial";
  const readMs = isSerial ? Math.ceil(signalReadMs(dialect, reach)) : 0;
  if (readMs > answerMsMax) {
    const sentence = `the signals take ${readMs} ms to read, and what takes more than ${answerMsMax} ms proves nothing: take a faster line, or put the registers side by side`;
    return [error("devices.xray.reach.baudRate", sentence)];
  }
  const everyMs = Math.max(dialect.pollMs, readMs);
  const apartMs = ((tracking.lengthMmMin + tracking.gapMmMin) * 1_000) / belt.speedMmPerS;
  const mostMs = Math.floor(Math.min(tracking.eventLateMs, apartMs) / looksMax);
  const { fromMm = 0, toMm = 0 } = layout.xray ?? {};
  const throughMs = Math.round(((toMm - fromMm) / belt.speedMmPerS) * 1_000);
  if (everyMs > mostMs) {
    return [
      error(
        "devices.xray.dialect.pollMs",
        `the signals are read every ${everyMs} ms, and it must be at most ${mostMs}: an item is told ${looksMax} looks after it has entered, which eventLateMs and the closest parcels have to leave room for`,
      ),
    ];
  }
  const leftMs = throughMs - looksMax * everyMs;
  if (leftMs <= 0) {
    const sentence = `a parcel is in the tunnel for ${throughMs} ms, and a verdict is told up to ${looksMax * everyMs} ms after its strobe: none would be in time`;
    return [error("layout.xray.toMm", sentence)];
  }
  const sentence = `the machine has ${leftMs} ms for its verdict, from a parcel's rear at ${fromMm} mm: one without it is opened, and so is what is in the tunnel with it; toMm may lie behind the machine itself`;
  return [note("layout.xray.toMm", sentence)];
}
