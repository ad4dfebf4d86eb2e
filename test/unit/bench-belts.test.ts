/**
 * Goal: the bench's scripted belts judge commands as a sorter does and know where each parcel went,
 * so that their count of wrong exits means something. Method: one line, commands right and wrong.
 */
import { describe, expect, it } from "vitest";
import { decodeSorterEvent } from "../../protocols/sorter/sorter-json.ts";
import { decodeJson } from "../../protocols/json-message.ts";
import { zScannerReadMessage } from "../../protocols/scanner/messages.ts";
import { zClearanceRecord } from "../../protocols/clearance.ts";
import { createBelts, type Divert, type Parcel } from "../bench/mqtt-path/belts.ts";
import { exitOf, indexOfWaybill, kindOf, recordOf, waybillOf } from "../bench/mqtt-path/parcels.ts";
import { lineIdsFor, parcelsPerLinePerS } from "../bench/mqtt-path/plan.ts";

function stand() {
  const published: { topic: string; payload: string }[] = [];
  const scanned: Parcel[] = [];
  const belts = createBelts({
    lineIds: ["M001"],
    publish: (topic, payload) => published.push({ topic, payload }),
    draw: () => 0.5,
    onScanned: (parcel) => {
      scanned.push(parcel);
      belts.bind(parcel, `pass-${parcel.index}`);
    },
    isScansOnly: false,
  });
  belts.powerOn(0);
  belts.permit(0, true);
  let now = 0;
  const runUntilScanned = (total: number): void => {
    while (scanned.length < total) {
      now += 1;
      belts.advance(now);
    }
  };
  const command = (parcel: Parcel, change: Partial<Divert> = {}): Divert => ({
    ...belts.divertOf(parcel),
    passId: `pass-${parcel.index}`,
    ...change,
  });
  const runOut = (): void => {
    belts.endInduction();
    belts.advance(now + 10_000);
  };
  return { belts, published, scanned, runUntilScanned, command, runOut, now: () => now };
}

describe("scripted belts", () => {
  it("let a parcel leave by the exit that a good command names, and any other by the end", () => {
    const { belts, scanned, runUntilScanned, command, runOut, now } = stand();
    belts.induct(300, 0);
    runUntilScanned(2);
    const [first, second] = scanned;
    const outcome = belts.divert(0, command(first!), now());
    expect(outcome).toEqual({ kind: "accepted", parcel: first });
    runOut();
    expect([first?.leftBy, second?.leftBy]).toEqual(["green", "inspection"]);
    expect(belts.onBeltTotal()).toBe(0);
  });

  it.each<[string, (good: Divert) => Partial<Divert>, number]>([
    ["staleEpoch", () => ({ epoch: "another" }), 0],
    ["staleCount", () => ({}), 2_000],
    ["invalid", () => ({ passId: "nobody" }), 0],
    ["invalid", () => ({ exit: "red" }), 0],
    ["invalid", (good) => ({ fireAtCount: good.fireAtCount + 625 }), 0],
  ])("refuse a command as %s", (why, change, laterMs) => {
    const { belts, scanned, runUntilScanned, command, runOut, now } = stand();
    belts.induct(300, 0);
    runUntilScanned(1);
    const parcel = scanned[0]!;
    const bad = command(parcel, change(command(parcel)));
    expect(belts.divert(0, bad, now() + laterMs)).toEqual({ kind: "refused", why });
    runOut();
    expect(parcel.leftBy).toBe("inspection");
  });

  it("put nothing on a belt without permission", () => {
    const { belts } = stand();
    belts.permit(0, false);
    belts.induct(300, 0);
    belts.advance(5_000);
    expect(belts.parcels).toHaveLength(0);
    belts.permit(0, true);
    belts.advance(6_000);
    expect(belts.parcels.length).toBeGreaterThan(1);
  });

  it("speak the devices' dialects", () => {
    const { belts, published, runUntilScanned, command, scanned, runOut, now } = stand();
    belts.induct(300, 0);
    runUntilScanned(1);
    belts.divert(0, command(scanned[0]!), now());
    belts.divert(0, command(scanned[0]!, { epoch: "another" }), now());
    runOut();
    const kinds = new Set<string>();
    let seq = 0;
    for (const { topic, payload } of published) {
      const bytes = new TextEncoder().encode(payload);
      if (topic.endsWith("/sorter/event")) {
        const decoded = decodeSorterEvent(bytes);
        expect(decoded).toMatchObject({ kind: "ok", value: { seq } });
        seq += 1;
        if (decoded.kind === "ok") kinds.add(decoded.value.kind);
      } else if (topic.endsWith("/scanner/read")) {
        expect(decodeJson(zScannerReadMessage, bytes, 1_000).kind).toBe("ok");
      }
    }
    expect([...kinds].sort()).toEqual(
      ["accepted", "belt", "chute", "eye", "fired", "refused", "session"].sort(),
    );
  });
});

describe("parcels of the MQTT path", () => {
  it("are known by their waybills, and their records are what the link carries", () => {
    for (let index = 0; index < 40; index += 1) {
      expect(indexOfWaybill(waybillOf(index))).toBe(index);
      const record = recordOf(index);
      expect(record === null).toBe(kindOf(index) === "unknown");
      if (record !== null) expect(zClearanceRecord.safeParse(record).success).toBe(true);
    }
  });

  it("leave by green sixteen times in twenty", () => {
    const exits = Array.from({ length: 20 }, (_, index) => exitOf(kindOf(index)));
    expect(exits.filter((exit) => exit === "green")).toHaveLength(16);
  });

  it("need as many lines as physics says", () => {
    expect(parcelsPerLinePerS).toBe(4);
    expect([50, 200, 1_000].map((rate) => lineIdsFor(rate).length)).toEqual([13, 50, 250]);
  });
});
