import { zDimensionsMm } from "../../protocols/scale/dimensions.ts";
import { defaultToledoFormat } from "../../protocols/scale/toledo.ts";
import type { ScannerFormat } from "../../protocols/scanner/format.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { startCubiscanScale } from "../devices/cubiscan-scale.ts";
import { startFrameScale } from "../devices/frame-scale.ts";
import { labScaleFormat } from "../devices/lab-formats.ts";
import { startMtSicsScale } from "../devices/mt-sics-scale.ts";
import {
  healthyScale,
  startScale,
  type ScaleFaults,
  type SimulatedScale,
} from "../devices/scale.ts";
import { startSickMda } from "../devices/sick-mda-scale.ts";
import { startToledo8213Scale } from "../devices/toledo-8213-scale.ts";

/** How a scale in a process of its own speaks; `frames-measuring` brings the edges in its frame too. */
export const scaleDialects = [
  "frames",
  "frames-measuring",
  "toledo",
  "toledo-8213",
  "mt-sics",
  "cubiscan",
  "cubiscan-english",
  "sick-mda",
] as const;
export type ScaleDialect = (typeof scaleDialects)[number];

interface ScaleSpeech {
  readonly dialect: ScaleDialect;
  /** Frames without tokens. */
  readonly isPlain: boolean;
}

const plainFormat: ScannerFormat = { ...labScaleFormat, proofHead: null, tokenCommand: null };

/** The lab's sign of life, which a real machine is set up to send. */
const heartbeat = { text: "HB", periodMs: 1_000 };

export function startScaleAlone(
  { dialect, isPlain }: ScaleSpeech,
  link: ByteLink,
  clock: Clock,
): SimulatedScale {
  const device = { link, clock };
  const format = isPlain ? plainFormat : labScaleFormat;
  switch (dialect) {
    case "frames":
      return startFrameScale({ ...device, format });
    case "frames-measuring":
      return startFrameScale({ ...device, format, measures: true });
    case "toledo":
      return startScale({ ...device, format: defaultToledoFormat });
    case "toledo-8213":
      return startToledo8213Scale({ ...device, format: { unit: "kg", digits: 5, decimals: 3 } });
    case "mt-sics":
      return startMtSicsScale(device);
    case "cubiscan":
      return startCubiscanScale({ ...device, stillMs: stillMsOfAsked });
    case "cubiscan-english":
      return startCubiscanScale({ ...device, stillMs: stillMsOfAsked, units: "english" });
    case "sick-mda":
      return startSickMda({ ...device, heartbeat });
  }
}

/** A load lies still for some of the questions that a machine is asked which takes its time. */
const stillMsOfAsked = 900;

const faultOf = {
  silent: "isSilent",
  restless: "isRestless",
  overloaded: "isOverloaded",
  noisy: "isNoisy",
  blind: "isBlind",
  unready: "isUnready",
} as const satisfies Readonly<Record<string, Exclude<keyof ScaleFaults, "lag">>>;
const faultWords = Object.keys(faultOf) as readonly (keyof typeof faultOf)[];

/** What may be typed besides a load; `lagging` answers each load with the one before. */
export const scaleFaultWords = [...faultWords, "lagging"] as const;

/** A fault, or grams with or without the three edges; false for neither. */
export function takeTypedLoad(scale: SimulatedScale, line: string): boolean {
  const typed = line.trim();
  const fault = faultWords.find((word) => word === typed);
  if (fault !== undefined) scale.setFaults({ [faultOf[fault]]: true });
  else if (typed === "lagging") scale.setFaults({ lag: "silenceFirst" });
  else if (typed === "well") scale.setFaults(healthyScale);
  else return takeLoad(scale, typed);
  return true;
}

function takeLoad(scale: SimulatedScale, typed: string): boolean {
  const words = typed.split(/\s+/);
  if (!words.every((word) => /^\d{1,7}$/.test(word))) return false;
  const [grams, length, width, height, other] = words.map(Number);
  if (grams === undefined || other !== undefined) return false;
  if (length === undefined) {
    scale.settled(grams);
    return true;
  }
  const edges = zDimensionsMm.safeParse({ length, width, height });
  if (edges.success) scale.settled(grams, edges.data);
  return edges.success;
}
