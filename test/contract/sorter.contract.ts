import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSorterDriver } from "../../edge/devices/sorter/driver.ts";
import type { SorterHeard } from "../../edge/devices/sorter/heard.ts";
import type { Wire } from "../../edge/devices/wire.ts";
import type { DeviceHealthChanged } from "../../edge/devices/port.ts";
import type { SorterCommandBody, SorterGap, SorterPort } from "../../edge/devices/sorter/sorter.ts";
import type { SorterCommand, SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { Clock } from "../../protocols/time.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { sorterConfig } from "../../simulators/devices/sorter/config.ts";
import { SorterModel } from "../../simulators/devices/sorter/sorter-model.ts";
import { attachToWire, type SorterWire } from "../../simulators/devices/sorter/wire.ts";
import { createHandEncoder } from "../unit/sorter-stand.ts";
import { inCell, withFault, type InCell } from "./cell-suite.ts";

/** One kind of wire, its device end and its agent end, with hands on both. */
export interface SorterWireUnderTest {
  readonly clock: Clock;
  readonly wire: SorterWire;
  /** A new agent end. */
  openAgentEnd(): Wire<SorterHeard, SorterCommand>;
  /** Says something in the device's place that no device would. */
  injectEvent(event: unknown): void;
  /** Both return once done; the agent end is not told but by the wire itself. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Ends the delivery of events while the connection stays; where there are subscriptions. */
  readonly silence?: () => void;
  /** Lets time pass until `isTrue`; rejects after `msMax`. */
  until(isTrue: () => boolean, what: string, msMax?: number): Promise<void>;
  close(): Promise<void>;
}

type Told = SorterEvent | SorterGap | DeviceHealthChanged;

const divert = (commandId: string, more: Partial<DivertBody> = {}): DivertBody => ({
  kind: "divert",
  commandId,
  passId: `pass-of-${commandId}`,
  exit: "red",
  fireAtCount: beltCount(100),
  releaseAtCount: beltCount(150),
  notAfterCount: beltCount(90),
  ...more,
});
type DivertBody = Extract<SorterCommandBody, { kind: "divert" }>;

const noSession = { kind: "refused", why: "noSession" } as const;

const pendingMax = 4;
const places = { eye1: { atCount: 0, isExit: false } };

interface SorterWireKind extends InCell {
  readonly hasSubscriptions: boolean;
  /** The device keeps what happens until it is asked, so that a short cut loses nothing. */
  readonly isPolled?: boolean;
  /** There is no second driver beside the first: a cable has two ends, an echo is one agent's word. */
  readonly isExclusive?: boolean;
  /** Its wire carries the device's own numbers of parcels, of one that has such. */
  readonly tellsTracks?: boolean;
}

/** The contract of `SorterPort` (laws 6 and 7), over any wire. */
export function describeSorterPort(
  name: string,
  openWire: () => Promise<SorterWireUnderTest>,
  options: SorterWireKind,
): void {
  describe(`SorterPort over ${name}`, inCell(options), () => {
    let under: SorterWireUnderTest;
    let model: SorterModel;
    let encoder: ReturnType<typeof createHandEncoder>;
    let driver: SorterPort;
    let told: Told[];
    let moves: string[];
    let isInductionPermitted: boolean;

    beforeEach(async () => {
      under = await openWire();
      encoder = createHandEncoder();
      told = [];
      moves = [];
      isInductionPermitted = false;
      model = new SorterModel({
        config: sorterConfig({
          sorterId: "sorter",
          eyeIds: ["eye1"],
          pendingMax,
          tracks: options.tellsTracks === true ? { places, aheadEvery: null } : null,
        }),
        clock: under.clock,
        entropy: { next: Math.random },
        encoder,
        outputs: {
          event: (event) => under.wire.publish(event),
          diverter: (exit, isOut) => moves.push(`${exit} ${isOut ? "out" : "rest"}`),
          induction: (isPermitted) => {
            isInductionPermitted = isPermitted;
          },
          belt: () => {},
        },
      });
      attachToWire(model, under.wire);
      driver = openDriver();
      driver.start((event) => told.push(event));
    });

    afterEach(async () => {
      await driver.stop();
      model.powerOff();
      await under.close();
    });

    const openDriver = (): SorterPort =>
      createSorterDriver({
        deviceId: "sorter",
        wire: under.openAgentEnd(),
        clock: under.clock,
        staleAfterMs: 1_500,
        downAfterMs: 5_000,
        countsPerMsMax: 10,
        counter: null,
      });

    const of = <K extends Told["kind"]>(kind: K) =>
      told.filter((event): event is Extract<Told, { kind: K }> => event.kind === kind);
    const isTold = (kind: Told["kind"], commandId: string) => () =>
      told.some(
        (event) => event.kind === kind && "commandId" in event && event.commandId === commandId,
      );
    const isReceiving = () => driver.health().state === "receiving";
    const counter = (key: string) => driver.health().counters[key] ?? 0;

    /** Powered, heard, and alive in the device's eyes. */
    const begin = async () => {
      model.powerOn();
      await under.until(isReceiving, "receiving");
      driver.send({ kind: "induction", isPermitted: true });
      await under.until(() => isInductionPermitted, "life at the device");
    };

    const accept = async (commandId: string, more: Partial<DivertBody> = {}) => {
      expect(driver.send(divert(commandId, more))).toEqual(sent);
      await under.until(isTold("accepted", commandId), `${commandId} accepted`);
    };

    test("a driver hears the session from its first event or later, and says so in its health", async () => {
      expect(driver.health().state).toBe("down");
      const early = driver.send(divert("early"));
      expect([notConnected, noSession]).toContainEqual(early);
      await begin();
      const epoch = of("belt")[0]?.epoch;
      model.powerOff();
      model.powerOn();
      await under.until(() => of("session").some((event) => event.epoch !== epoch), "new session");
      expect(of("session").at(-1)).toMatchObject({ seq: 0, count: 0 });
      const states = of("healthChanged").map(({ health }) => health.state);
      // What there is to say of it may change while it is received.
      const changes = states.filter((state, index) => state !== states[index - 1]);
      expect(changes.filter((state) => state !== "down")).toEqual(["receiving"]);
    });

    test("law 6: eyes carry the count latched at the edge, not the one at which they are told", async () => {
      await begin();
      encoder.turnTo(10);
      model.eye("eye1", true, 10);
      encoder.turnTo(400);
      await under.until(() => of("eye").length === 1, "eye");
      expect(of("eye")[0]).toMatchObject({ eyeId: "eye1", isBlocked: true, count: 10 });
    });

    // A cell of the matrix may skip nothing, so a device without numbers of its own has no such test.
    if (options.tellsTracks === true) {
      test("law 6: a front brings the device's own number, each another", async () => {
        await begin();
        for (const at of [10, 600]) {
          encoder.turnTo(at);
          model.eye("eye1", true, at);
          await under.until(() => of("eye").at(-1)?.count === at, "a front");
          encoder.turnTo(at + 300);
          model.eye("eye1", false, at + 300);
          await under.until(() => of("eye").at(-1)?.isBlocked === false, "a rear");
        }
        const fronts = of("eye").filter(({ isBlocked }) => isBlocked);
        expect(fronts.map(({ track }) => track)).toEqual([1, 2]);
      });
    }

    test("a divert is accepted, fires at its count and is confirmed with it", async () => {
      await begin();
      await accept("c1");
      expect(moves).toEqual([]);
      encoder.turnTo(120);
      await under.until(isTold("fired", "c1"), "fired");
      expect(of("fired")).toMatchObject([{ commandId: "c1", count: 100 }]);
      encoder.turnTo(150);
      expect(moves).toEqual(["red out", "red rest"]);
    });

    test("PR5.6-2: every refusal of the device arrives with its reason (PF-13)", async () => {
      await begin();
      const later = { fireAtCount: beltCount(900), releaseAtCount: beltCount(950) };
      encoder.turnTo(91);
      driver.send(divert("late"));
      driver.send(divert("invalid", { exit: "inspection" }));
      const ahead = { ...later, notAfterCount: beltCount(800) };
      for (let index = 0; index < pendingMax; index += 1) driver.send(divert(`q${index}`, ahead));
      driver.send(divert("again", { ...ahead, passId: "pass-of-q0" }));
      driver.send(divert("full", ahead));
      await under.until(isTold("refused", "full"), "queue full");
      model.powerOff();
      model.powerOn();
      driver.send(divert("oldEpoch"));
      await under.until(isTold("refused", "oldEpoch"), "old epoch");
      const whys = of("refused").map(({ commandId, why }) => `${commandId} ${why}`);
      expect(whys).toEqual([
        "late staleCount",
        "invalid invalid",
        "again overlap",
        "full queueFull",
        "oldEpoch staleEpoch",
      ]);
    });

    test("an abort before firing cancels, after firing it is answered with fired", async () => {
      await begin();
      await accept("c1");
      driver.send({ kind: "abort", commandId: "c1" });
      await under.until(isTold("cancelled", "c1"), "cancelled");
      expect(of("cancelled")).toMatchObject([{ why: "aborted" }]);
      await accept("c2");
      encoder.turnTo(120);
      await under.until(isTold("fired", "c2"), "fired");
      driver.send({ kind: "abort", commandId: "c2" });
      await under.until(() => of("fired").length === 2, "fired again");
      expect(moves).toEqual(["red out"]);
    });

    test("cancelAll and the belt's stop reach the device, and the local reset reaches us", async () => {
      await begin();
      await accept("c1");
      driver.send({ kind: "cancelAll" });
      await under.until(isTold("cancelled", "c1"), "cancelled");
      driver.send({ kind: "induction", isPermitted: false });
      await under.until(() => !isInductionPermitted, "induction withdrawn");
      model.localReset();
      await under.until(() => of("localReset").length === 1, "local reset");
    });

    test("a repeated command is answered twice and acted on once", async () => {
      await begin();
      driver.send(divert("c1"));
      driver.send(divert("c1"));
      await under.until(() => of("accepted").length === 2, "accepted twice");
      encoder.turnTo(400);
      await under.until(isTold("fired", "c1"), "fired");
      expect(moves).toEqual(["red out", "red rest"]);
    });

    describe("with a fault", withFault, () => {
      test("PF-14, PF-16, PR7.5-5: a device that falls silent is stale, then down; without our eyes it rests", async () => {
        await begin();
        await accept("c1");
        model.setFaults({ freezeEvents: true });
        await under.until(() => driver.health().state === "stale", "stale");
        // We withhold life, so what is pending is cancelled although the wire is whole.
        await under.until(() => !isInductionPermitted, "life lost at the device");
        await under.until(() => driver.health().state === "down", "down", 8_000);
        model.setFaults({ freezeEvents: false });
        // A wire that was silent for so long may be made anew just now.
        await under.until(
          () => driver.send(divert("c2")).kind === "sent",
          "a command that is sent",
        );
        await under.until(isTold("refused", "c2"), "refused without life");
        expect(of("refused")).toMatchObject([{ why: "noLife" }]);
        await under.until(isReceiving, "receiving again");
        driver.send(divert("c1"));
        await under.until(isTold("cancelled", "c1"), "what became of c1");
        expect(of("cancelled")).toMatchObject([{ why: "noLife" }]);
        encoder.turnTo(400);
        expect(moves).toEqual([]);
        await under.until(() => isInductionPermitted, "life again");
      });

      test("a gap in the numbers is told before the event after it, a doubled event once", async () => {
        await begin();
        told.length = 0;
        model.loseEvents(2);
        for (let press = 0; press < 3; press += 1) model.localReset();
        await under.until(() => of("localReset").length === 1, "the event after the gap");
        const gapAt = told.findIndex(({ kind }) => kind === "gap");
        expect(told[gapAt]).toEqual({ kind: "gap", missed: 2 });
        expect(told[gapAt + 1]?.kind).toBe("localReset");
        model.setFaults({ duplicateEvent: true });
        model.localReset();
        if (options.isPolled !== true) {
          await under.until(() => counter("duplicatesTotal") > 0, "a duplicate");
        }
        await under.until(() => of("localReset").length > 1, "the doubled event");
        expect(of("localReset")).toHaveLength(2);
        expect(counter("missedTotal")).toBe(2);
      });

      test("bad input costs only itself and is counted", async () => {
        await begin();
        await under.until(() => of("belt").length > 0, "a belt report");
        const { epoch, seq } = of("belt").at(-1)!;
        const latest = { epoch, seq };
        const bad: unknown[] = [
          {},
          [],
          "x".repeat(10_000),
          { kind: "eye", epoch: "e", seq: 0, eyeId: "eye1", isBlocked: "yes", count: 1 },
          { kind: "belt", epoch: "e", seq: 1.5 },
          { kind: "fired", epoch: "e/../", seq: 1, commandId: "c", count: 1 },
          { kind: "unheardOf", epoch: "e", seq: 1 },
          { ...latest, kind: "localReset", seq: latest.seq + 50, count: 1_000_000_000_000 },
          { ...latest, kind: "localReset", seq: Number.MAX_SAFE_INTEGER, count: 0 },
        ];
        const before = counter("discardedTotal");
        for (const event of bad) under.injectEvent(event);
        const discardedAtOnce = counter("discardedTotal") - before;
        model.localReset();
        await under.until(() => of("localReset").length === 1, "the next good event");
        if (options.isPolled === true) {
          // It is said to the driver itself. Later a real answer may be discarded that came too late.
          expect(discardedAtOnce).toBe(bad.length);
        } else {
          // A broker keeps each client's order, not the order between the intruder and the sorter.
          await under.until(
            () => counter("discardedTotal") - before >= bad.length,
            "all bad input",
          );
          expect(counter("discardedTotal") - before).toBe(bad.length);
        }
        expect(of("gap")).toEqual([]);
        expect(isReceiving()).toBe(true);
      });

      test("a cut wire comes back without a restart, with what was missed told and nothing sent late", async () => {
        await begin();
        await accept("c1");
        await under.cut();
        await under.until(
          () => driver.send(divert("duringCut")).kind === "refused",
          "the cut noticed",
        );
        await under.until(() => !isInductionPermitted, "life lost at the device");
        await under.until(() => !isReceiving(), "silence noticed");
        expect(driver.send(divert("afterCut"))).toEqual(notConnected);
        expect(counter("notConnectedTotal")).toBeGreaterThanOrEqual(1);
        await under.restore();
        await under.until(isReceiving, "receiving again", 20_000);
        if (options.isPolled === true) {
          await under.until(isTold("cancelled", "c1"), "what happened meanwhile");
          expect(of("gap")).toEqual([]);
        } else await under.until(() => of("gap").length > 0, "the gap");
        expect(counter("reconnectsTotal")).toBeGreaterThanOrEqual(1);
        await under.until(() => isInductionPermitted, "life again");
        await accept("c2", { passId: "another" });
        encoder.turnTo(400);
        await under.until(isTold("fired", "c2"), "fired");
        expect(told.some((event) => "commandId" in event && event.commandId === "afterCut")).toBe(
          false,
        );
        expect(moves).toEqual(["red out", "red rest"]);
      });

      const subscriptionTest = options.hasSubscriptions ? test : null;
      subscriptionTest?.(
        "PF-14: a subscription that died silently is noticed by age and renewed",
        async () => {
          await begin();
          under.silence?.();
          await under.until(() => driver.health().state === "stale", "stale");
          await under.until(isReceiving, "receiving again", 20_000);
          expect(counter("revivalsTotal")).toBeGreaterThanOrEqual(1);
          model.localReset();
          await under.until(() => of("localReset").length === 1, "the next event");
        },
      );
    });

    const sharedTest = options.isExclusive === true ? null : test;
    const exclusiveTest = options.isExclusive === true ? test : null;
    exclusiveTest?.("after stop nothing is delivered, and the device's life ends", async () => {
      await begin();
      await driver.stop();
      const before = told.length;
      model.localReset();
      await under.until(() => !isInductionPermitted, "life lost at the device");
      expect(told).toHaveLength(before);
      expect(driver.send(divert("afterStop"))).toEqual(notConnected);
    });

    sharedTest?.(
      "two drivers of one sorter do not disturb each other, and after stop nothing is delivered",
      async () => {
        await begin();
        const witness = openDriver();
        let heard = 0;
        witness.start((event) => {
          if (event.kind === "localReset") heard += 1;
        });
        await under.until(() => witness.health().state === "receiving", "the witness");
        await driver.stop();
        const before = told.length;
        model.localReset();
        await under.until(() => heard === 1, "the witness hears");
        expect(told).toHaveLength(before);
        expect(driver.send(divert("afterStop"))).toEqual(notConnected);
        await witness.stop();
      },
    );
  });
}
