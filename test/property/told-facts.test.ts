/**
 * Goal: what a record says once is read whole: the facts of a claim's answer and of a divert take the
 * rest from the event and the command beside them, and nothing is made up where these do not say it.
 * Method: one parcel on the bench; and records drawn at random, as the centre reads them.
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFacts } from "../../edge/centre/lines/record-facts.ts";
import { canonicalJson } from "../../edge/journal/canonical-json.ts";
import { stepEntry } from "../../edge/journal/entries.ts";
import type { Fact } from "../../protocols/facts.ts";
import { exits } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import { startedBench, waybillNo } from "../kit/line-bench.ts";
import { runRides, startRide } from "../kit/line-ride.ts";

const stamps = { at: 1, wallAt: 1_800_000_000_000, count: 7 };

/** As the centre reads a record's body. */
function read(event: object, commands: readonly object[], facts: readonly object[]) {
  const body = canonicalJson(stepEntry("L1", { ...stamps, ...event }, { commands, facts }));
  if (body.kind === "refused") throw new Error(body.why);
  const { unreadable, facts: stamped } = readFacts(body.text);
  return { unreadable, facts: stamped.map(({ fact }) => fact) };
}

const passId = fc.stringMatching(/^L1-[a-z0-9]{1,12}-[1-9]\d{0,4}$/);
const answer = fc.record({
  kind: fc.constant("claimAnswer"),
  lineId: fc.constant("L1"),
  passId,
  waybill: fc.stringMatching(/^[A-Z0-9]{1,32}$/),
  granted: fc.boolean(),
  why: fc.constantFrom(null, "claimedElsewhere", "unknownWaybill", "outcomeUnknown"),
});
type Answer = typeof answer extends fc.Arbitrary<infer A> ? A : never;

const wholeOf = ({ passId: of, waybill, granted, why }: Answer): Fact => ({
  kind: "claimAnswered",
  passId: of,
  waybill,
  granted,
  why,
});
const inItsPlace = (told: Answer): object => ({
  kind: "answerTold",
  message: { kind: "claimAnswer", stream: "c", seq: 1, answer: told, isHeld: true, record: null },
});
const outOfItsPlace = (told: Answer): object => ({ kind: "claimAnswer", answer: told });

const divert = fc.record({
  kind: fc.constant("divert" as const),
  passId,
  commandId: fc.stringMatching(/^c[a-z0-9-]{1,20}$/),
  exit: fc.constantFrom(...exits),
  fireAtCount: fc.nat().map(beltCount),
  releaseAtCount: fc.nat(),
  notAfterCount: fc.nat(),
});
const diverts = fc.uniqueArray(divert, { maxLength: 4, selector: (each) => each.passId });

describe("what a record says once", () => {
  it("is all that the core writes of an answer and a divert, and both are read whole", () => {
    const bench = startedBench();
    const ride = startRide(bench);
    runRides(bench, [ride], 40_000);
    const id = ride.passId();
    const [command] = bench.diverts();
    const { commandId, exit, fireAtCount } = command!;
    expect([...bench.factsOf("claimAnswered"), ...bench.factsOf("commanded")]).toEqual([
      { kind: "claimAnswered", passId: id, waybill: waybillNo(1), granted: true, why: null },
      { kind: "commanded", passId: id, commandId, exit, fireAtCount },
    ]);
    const written = bench.told.flatMap((told): readonly Fact[] =>
      told.kind === "event" ? JSON.parse(told.output).facts : [],
    );
    const briefly = written.filter(({ kind }) => /^(claimAnswered|commanded)$/.test(kind));
    expect(briefly).toEqual([
      { kind: "claimAnswered", passId: id },
      { kind: "commanded", passId: id },
    ]);
  });

  it("is read as the answer that the event brought, in its place and out of it", () => {
    fc.assert(
      fc.property(answer, fc.constantFrom(inItsPlace, outOfItsPlace), (told, eventOf) => {
        const brief = { kind: "claimAnswered", passId: told.passId };
        const whole = { unreadable: 0, facts: [wholeOf(told)] };
        expect(read(eventOf(told), [], [brief])).toEqual(whole);
        // As journals up to logic version 12 have it.
        expect(read(eventOf(told), [], [wholeOf(told)])).toEqual(whole);
      }),
    );
  });

  it("is read as the pass's own command, whatever others the event sent", () => {
    fc.assert(
      fc.property(diverts, (commands) => {
        const briefly = commands.map((each) => ({ kind: "commanded", passId: each.passId }));
        const whole = commands.map(({ passId: of, commandId, exit, fireAtCount }) => ({
          kind: "commanded",
          passId: of,
          commandId,
          exit,
          fireAtCount,
        }));
        const event = { kind: "countReached" };
        const others = [{ kind: "cancelAll" }, ...commands.toReversed()];
        expect(read(event, others, briefly)).toEqual({ unreadable: 0, facts: whole });
        expect(read(event, [], whole)).toEqual({ unreadable: 0, facts: whole });
      }),
    );
  });

  it("is no fact where the record does not say it: nothing is made up", () => {
    fc.assert(
      fc.property(answer, divert, passId, (told, command, other) => {
        fc.pre(other !== told.passId && other !== command.passId);
        const none = { unreadable: 1, facts: [] };
        const answered = { kind: "claimAnswered", passId: other };
        expect(read(inItsPlace(told), [], [answered])).toEqual(none);
        expect(read({ kind: "clearanceChanged" }, [], [answered])).toEqual(none);
        const commanded = { kind: "commanded", passId: other };
        expect(read({ kind: "countReached" }, [command], [commanded])).toEqual(none);
        expect(read({ kind: "countReached" }, [], [commanded])).toEqual(none);
      }),
    );
  });
});
