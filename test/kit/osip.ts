import { zSorterOsipDialect } from "../../edge/devices/sorter/osip.ts";
import { osipCode } from "../../protocols/sorter/osip-sorter.ts";
import { encodeOsip, type OsipFormat } from "../../protocols/sorter/osip.ts";
import type { OsipPlant } from "../../simulators/devices/sorter/osip-wire.ts";

export const osipFormat: OsipFormat = { length: 160, lengthCounts: "whole" };

/** The simulated controller's places, and the same as somebody would configure them. */
export const osipPlant: OsipPlant = {
  controller: "SPS03",
  agent: "MFC__",
  format: osipFormat,
  eyes: { eye1: "FGINEYE1000100000000" },
  inputs: { good: "FGINGOOD000100000000" },
  guards: { g1: "FGINGARD000100000000" },
  chutes: {
    green: "FGINGREN000100000000",
    red: "FGINRED_000100000000",
    inspection: "FGINOPEN000100000000",
  },
  reset: "FGINREST000100000000",
};

export const osipDialect = zSorterOsipDialect.parse({
  kind: "osip",
  self: "MFC__",
  controller: "SPS03",
  lengthCounts: "whole",
  counts: "barcode",
  orders: "group",
  sessions: "error",
  locations: {
    eyes: { FGINEYE1000100000000: "eye1" },
    inputs: { FGINGOOD000100000000: "good" },
    guards: { FGINGARD000100000000: "g1" },
    // No diverter leads to inspection, and the controller says so.
    chutes: osipPlant.chutes,
    reset: "FGINREST000100000000",
    induction: "FGINDUCT000100000000",
  },
});

/** A telegram of the controller with a text in it that means nothing, told as one that is unknown. */
export const meaninglessOsip = (text: string): Uint8Array =>
  encodeOsip(
    {
      sender: "SPS03",
      receiver: "MFC__",
      number: 0,
      type: "ERR_",
      fields: { error: osipCode(10), date: `no date ${text}`.slice(0, 14) },
    },
    osipFormat,
  );
