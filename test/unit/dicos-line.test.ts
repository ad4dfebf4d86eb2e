import { describe, expect, it } from "vitest";
import { createDicosDialect, zDicosDialect } from "../../edge/devices/xray/dicos.ts";
import type { XrayHeard } from "../../edge/devices/xray/heard.ts";
import type { LineConfig } from "../../edge/line/config.ts";
import type { LineEventBody } from "../../edge/line/events.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { boxPicture, boxReport } from "../kit/dicos-pictures.ts";
import { benchConfig, createLineBench, recordOf, waybillNo } from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

/**
 * Goal: a line whose machine knows nothing but the number that it is given releases a parcel on the
 * machine's own files, and on nothing less (laws 1 and 9). Method: the dialect and the line, joined as
 * an agent joins them; files come 6 m of belt after their parcel has entered.
 */
const lengthMm = 400;
const fromMm = 5_000;
const pitchMm = 2_500;
const behindMm = 6_000;
const total = 4;

const config: LineConfig = {
  ...benchConfig,
  rules: { ...benchConfig.rules, imageVerdictBy: "algorithm" },
  layout: {
    ...benchConfig.layout,
    xray: {
      deviceId: "xray-1",
      fromMm,
      toMm: 15_000,
      binding: { kind: "extent" },
      entryByEye: { announceMm: 150, itemIsTold: "withPicture", pictureFromMm: behindMm },
    },
  },
};

type FilesOf = (track: number, index: number) => readonly Uint8Array[];

/** Which exit each parcel took. */
function run(filesOf: FilesOf): (string | undefined)[] {
  const bench = createLineBench({ config });
  const dialect = createDicosDialect(zDicosDialect.parse({ kind: "dicos", mmPerPixel: 1 }));
  bench.start(...Array.from({ length: total }, (_, index) => recordOf(waybillNo(index + 1))));
  bench.stand(1_000);
  bench.sorter({ kind: "localReset", count: bench.state.belt.count });
  bench.runTo(bench.count() + 100);

  let taken = 0;
  const tracks: number[] = [];
  const tellAnnouncements = (): void => {
    for (const command of bench.commands.slice(taken)) {
      if (command.kind !== "announce") continue;
      const order = dialect.write(command.announcement, monotonicMs(0));
      if (order?.kind !== "put") throw new Error("nothing was put");
      const { track } = JSON.parse(new TextDecoder().decode(order.bytes)) as { track: number };
      tracks.push(track);
    }
    taken = bench.commands.length;
  };
  const out = {
    tell(heard: XrayHeard): void {
      const body = bodyOf(heard);
      if (body !== null) bench.tell(body);
    },
    answer: () => {},
  };

  const front = bench.count() + 2_000;
  const without = ["item", "image", "algorithm", "officer"] as const;
  const rides = Array.from({ length: total }, (_, index) =>
    startRide(bench, { number: index + 1, front: front + index * pitchMm, without }),
  );
  for (let index = 0; index < total; index += 1) {
    runRides(bench, rides, front + index * pitchMm + fromMm + lengthMm + behindMm);
    tellAnnouncements();
    for (const bytes of filesOf(tracks[index]!, index)) {
      const at = monotonicMs(0);
      const named = { kind: "file", name: "000000001-a.dcs", cameAs: "a.dcs" } as const;
      dialect.read({ ...named, bytes, cameAfter: null, seenAt: at }, at, out);
    }
  }
  runRides(bench, rides, front + total * pitchMm + 36_000);
  return rides.map(
    (ride) => bench.factsOf("decided").findLast(({ passId }) => passId === ride.passId())?.exit,
  );
}

/** As the agent's inlet hands it to the line once an image is stored. */
function bodyOf(heard: XrayHeard): LineEventBody | null {
  switch (heard.kind) {
    case "item": {
      const { kind: _kind, ...item } = heard;
      return { kind: "xrayItem", item };
    }
    case "image": {
      const { kind: _kind, bytes: _bytes, ...known } = heard;
      return { kind: "xrayImage", ...known };
    }
    case "verdict": {
      const { kind: _kind, ...verdict } = heard;
      return { kind: "xrayVerdict", verdict };
    }
    case "life":
    case "signal":
    case "noted":
    case "notTaken":
    case "discarded":
      return null;
  }
}

const picture = (track: number | string, index: number, lengthPx = lengthMm): Uint8Array =>
  boxPicture({ track, lengthPx, shade: 10 + index, uid: `1.2.${index}` });
const healthy: FilesOf = (track, index) => [
  picture(track, index),
  boxReport({ track, onUid: `1.2.${index}` }),
];

describe("a line with a machine of DICOS files", () => {
  it("releases on a clear report and its picture, whichever comes first", () => {
    const all = Array.from({ length: total }, () => "green");
    expect(run(healthy)).toEqual(all);
    expect(run((track, index) => healthy(track, index).toReversed())).toEqual(all);
  });

  const third =
    (files: FilesOf): FilesOf =>
    (track, index) =>
      index === 2 ? files(track, index) : healthy(track, index);

  it.each<[string, FilesOf]>([
    [
      "a report of alarm",
      (track, index) => [picture(track, index), boxReport({ track, decision: "ALARM" })],
    ],
    [
      "a report that knows nothing",
      (track, index) => [picture(track, index), boxReport({ track, decision: "UNKNOWN" })],
    ],
    ["no report", (track, index) => [picture(track, index)]],
    [
      "a report that is cut",
      (track, index) => [picture(track, index), boxReport({ track }).subarray(0, -1)],
    ],
    [
      "a report on another picture",
      (track, index) => [picture(track, index), boxReport({ track, onUid: "1.2.1" })],
    ],
    [
      "a report that another contradicts",
      (track, index) => [...healthy(track, index), boxReport({ track, decision: "ALARM" })],
    ],
  ])("opens one with %s, and no other", (_name, files) => {
    expect(run(third(files))).toEqual(["green", "green", "inspection", "green"]);
  });

  it.each<[string, FilesOf]>([
    ["without a picture", (track) => [boxReport({ track })]],
    [
      "with a picture of another length",
      (track, index) => [picture(track, index, lengthMm + 41), boxReport({ track })],
    ],
    [
      "with a picture under no number",
      (track, index) => [picture("none", index), boxReport({ track })],
    ],
    ["with two pictures", (track, index) => [...healthy(track, index), picture(track, 9)]],
  ])("opens one %s, and all behind it until a person has seen to the machine", (_name, files) => {
    const exits = run(third(files));
    expect(exits.slice(2)).toEqual(["inspection", "inspection"]);
    expect(exits[0]).toBe("green");
  });

  it("opens all that has an image when one picture comes twice: since when nobody knows", () => {
    const exits = run(third((track) => [picture(track, 1), boxReport({ track })]));
    expect(exits).toEqual(Array.from({ length: total }, () => "inspection"));
  });
});
