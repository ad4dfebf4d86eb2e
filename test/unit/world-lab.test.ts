/**
 * Goal: a lab line is reproducible from its seed, and nothing true about a parcel reaches an
 * agent. Method: whole lines with all devices and faults run in virtual time against a peer that
 * only keeps the sorter alive, and every byte that leaves a device is hashed.
 */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeSorterMessage, decodeSorterEvent } from "../../protocols/sorter/sorter-json.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { drawFaultPlan, type FaultPlan } from "../../simulators/faults/plan.ts";
import { defaultAlgorithm } from "../../simulators/images/algorithm.ts";
import { createPooledPictures } from "../../simulators/images/pictures.ts";
import { createLabLine } from "../../simulators/site/lab-line.ts";
import { openMemoryWires } from "../../simulators/site/memory-wires.ts";
import { createEyesight } from "../../simulators/officers/eyesight.ts";
import { defaultScenario } from "../../simulators/scenarios/options.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { defaultLayout } from "../../simulators/world/layout.ts";
import { deafOracle, type BodyEnd } from "../../simulators/world/ports.ts";

interface Run {
  readonly seed: number;
  readonly hours: number;
  readonly faultPlan?: FaultPlan;
  readonly bodiesAtStart?: number;
  readonly truthIdOf?: (index: number) => string;
}

function run({ seed, hours, faultPlan = {}, bodiesAtStart = 0, truthIdOf }: Run) {
  const clock = createVirtualClock();
  const trace = createHash("sha256");
  const kinds = new Map<string, number>();
  const inducted = new Set<string>();
  const ends = new Map<string, BodyEnd>();
  const endedTwice: string[] = [];
  const texts: string[] = [];
  const { devices, agent } = openMemoryWires({ clock, lineId: "L1" });
  const hear = (what: string, bytes: Uint8Array): void => {
    trace.update(`${clock.monotonic()} ${what} `).update(bytes);
    kinds.set(what, (kinds.get(what) ?? 0) + 1);
    if (texts.length < 20_000) texts.push(Buffer.from(bytes).toString("latin1").slice(0, 400));
  };

  for (const [name, link] of [
    ["scanner", agent.scanner],
    ["scale", agent.scale],
  ] as const) {
    link.open({ onOpen() {}, onBytes: (bytes) => hear(name, bytes), onClose() {} });
  }
  agent.xray.subscribe(`${agent.xrayBase}/#`, hear);
  const say = (command: SorterCommand): void => {
    const bytes = encodeSorterMessage(command);
    agent.sorter.publish(`${agent.sorterBase}/command`, bytes);
  };
  let epoch = "";
  agent.sorter.subscribe(`${agent.sorterBase}/event`, (topic, payload) => {
    hear(topic, payload);
    const decoded = decodeSorterEvent(payload);
    const event: SorterEvent | null = decoded.kind === "ok" ? decoded.value : null;
    if (event === null) return;
    if (event.epoch !== epoch) {
      epoch = event.epoch;
      say({ kind: "life", epoch });
      say({ kind: "induction", epoch, isPermitted: true });
    }
    // Somebody goes by red now and then, so that diverters and chutes take part.
    if (
      event.kind === "eye" &&
      event.eyeId === "pre-red" &&
      event.isBlocked &&
      event.count % 3 === 0
    ) {
      const passId = `p${event.seq}`;
      const fireAtCount = (event.count + 900) as typeof event.count;
      const releaseAtCount = (event.count + 1_500) as typeof event.count;
      const notAfterCount = fireAtCount;
      say({
        kind: "divert",
        commandId: passId,
        passId,
        exit: "red",
        epoch,
        fireAtCount,
        releaseAtCount,
        notAfterCount,
      });
    }
  });
  const keepAlive = (): void => {
    if (epoch !== "") say({ kind: "life", epoch });
    clock.schedule(monotonicMs(clock.monotonic() + 500), keepAlive);
  };
  keepAlive();

  const line = createLabLine({
    lineId: "L1",
    seed,
    lineIndex: 0,
    layout: defaultLayout,
    scenario: { ...defaultScenario, parcelsPerHour: 3_000, bodiesAtStart },
    faultPlan,
    worldClock: clock,
    deviceClock: clock,
    speed: 1,
    wires: devices,
    pictures: createPooledPictures({ widthPx: 24, heightPx: 16 }),
    algorithm: defaultAlgorithm,
    eyesight: createEyesight(),
    post: { send: () => {}, sendReceipt: () => {} },
    oracle: {
      ...deafOracle,
      onInducted: (truthId) => inducted.add(truthId),
      onParcelEnded(truthId, end) {
        if (ends.has(truthId)) endedTwice.push(truthId);
        ends.set(truthId, end);
      },
    },
    parcelsAhead: 10,
    settleMs: 1_000,
    ...(truthIdOf === undefined ? {} : { truthIdOf }),
  });
  line.start();
  clock.runFor(hours * 3_600_000);
  line.world.finish();
  return { digest: trace.digest("hex"), kinds, inducted, ends, endedTwice, texts };
}

const everyFault = (seed: number): FaultPlan => drawFaultPlan(createSeededEntropy(seed, "plan"), 1);

describe("a lab line", () => {
  test("gives the same bytes for the same seed, faults and all, and others for another", () => {
    const first = run({ seed: 11, hours: 0.5, faultPlan: everyFault(11) });
    const again = run({ seed: 11, hours: 0.5, faultPlan: everyFault(11) });
    const other = run({ seed: 12, hours: 0.5, faultPlan: everyFault(11) });
    expect(first.inducted.size).toBeGreaterThan(300);
    expect(again.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
  });

  test("says the same whatever the truth is called (law 15)", () => {
    const counted = run({ seed: 5, hours: 0.3, faultPlan: everyFault(5) });
    const shuffled = run({
      seed: 5,
      hours: 0.3,
      faultPlan: everyFault(5),
      truthIdOf: (index) => `secret-${(index * 7_919) % 100_003}`,
    });
    expect(shuffled.digest).toBe(counted.digest);
    expect([...shuffled.inducted][0]).toContain("secret-");
    expect(shuffled.texts.filter((text) => text.includes("secret-"))).toEqual([]);
    expect(shuffled.texts.length).toBeGreaterThan(1_000);
  });

  test("can start with a full belt, whose bodies nobody inducted (PF-11)", () => {
    const { inducted, ends } = run({ seed: 9, hours: 0.02, bodiesAtStart: 20 });
    const strangers = [...inducted].filter((truthId) => truthId.startsWith("foreign"));
    expect(strangers.length).toBeGreaterThan(15);
    for (const truthId of strangers) {
      expect(["exit", "removedByHand"]).toContain(ends.get(truthId)?.kind);
    }
  });

  test("speaks on all its wires", () => {
    const { kinds } = run({ seed: 3, hours: 0.05 });
    for (const wire of ["scanner", "scale", "L1/sorter/event", "L1/xray/item", "L1/xray/image"]) {
      expect(kinds.get(wire), wire).toBeGreaterThan(20);
    }
    expect(kinds.get("L1/xray/verdict")).toBeGreaterThan(20);
  });

  test.each([1, 2, 3, 4])("loses and doubles no body under any fault (seed %i)", (seed) => {
    const { inducted, ends, endedTwice } = run({ seed, hours: 1, faultPlan: everyFault(seed) });
    expect(endedTwice).toEqual([]);
    expect([...inducted].filter((truthId) => !ends.has(truthId))).toEqual([]);
    expect([...ends.keys()].filter((truthId) => !inducted.has(truthId))).toEqual([]);
    expect(new Set([...ends.values()].map((end) => end.kind))).toContain("exit");
  });
});
