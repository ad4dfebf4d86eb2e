// Goal: never two open claims on one waybill, none forgotten over a restart, none kept for ever
// (law 1). Method: random lines ask, end and crash against the real claim desk; its journal
// is replayed into a new one at random moments, and a plain model of the law says what is right.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { CentreAct } from "../../edge/centre/acts/acts.ts";
import { createClaimDesk, type ClaimDesk } from "../../edge/centre/claims/claim-desk.ts";
import type { ClaimAnswer } from "../../protocols/link.ts";
import { record } from "../centre/kit/records.ts";
import { plainWaybills } from "../kit/plain-waybills.ts";

const passes = ["p0", "p1", "p2", "p3", "p4", "p5"];
const waybills = ["W000", "W001", "W002"];
const chain = "agent-1";

const step = fc.oneof(
  fc.record({
    kind: fc.constant("ask" as const),
    pass: fc.nat(passes.length - 1),
    waybill: fc.nat(waybills.length - 1),
  }),
  fc.record({ kind: fc.constant("end" as const), pass: fc.nat(passes.length - 1) }),
  fc.record({ kind: fc.constant("release" as const), waybill: fc.nat(waybills.length - 1) }),
  fc.record({ kind: fc.constant("restart" as const), lost: fc.nat(3) }),
);

type ClaimAct = Parameters<ClaimDesk["restore"]>[0];
const isOfClaims = (act: CentreAct): act is ClaimAct =>
  ["claim", "claimAsked", "claimEnded", "settled"].includes(act.kind);

test("law 1: no two passes ever hold one waybill, over restarts too", () => {
  let granted = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const journal: CentreAct[] = [];
      const released = new Set<string>();
      const over = new Set<string>();
      // Who holds what by the answers that were given: all that the lines can know.
      const holders = new Map<string, string>();
      let answers: ClaimAnswer[] = [];
      // Passes whose lines are told of every change.
      const told = new Set<string>();
      const open = (): ClaimDesk =>
        createClaimDesk({
          documents: plainWaybills((waybill) => released.has(waybill)),
          releasesUnjudged: () => 0,
          acts: {
            write: (act, _by, then) => {
              journal.push(act);
              then?.(true);
            },
          },
          isPassOver: ({ passId }) => over.has(passId),
          mayClaim: () => true,
          chainOf: () => chain,
          answer: (answer, isHeld) => {
            answers.push(answer);
            if (isHeld) told.add(answer.passId);
          },
          onPassEnded: (_lineId, passId) => void told.delete(passId),
          onContestChanged: () => {},
        });
      let desk = open();
      let generation = 0;
      for (const now of steps) {
        answers = [];
        if (now.kind === "ask") {
          const passId = `${passes[now.pass]}.${generation}`;
          const waybill = waybills[now.waybill]!;
          desk.ask({ lineId: "L1", passId, waybill, chain });
          const [answer] = answers;
          expect(answers).toHaveLength(1);
          const holder = [...holders].find(([, held]) => held === waybill)?.[0];
          if (answer!.granted) {
            granted += 1;
            expect(holder === undefined || holder === passId).toBe(true);
            expect(released.has(waybill) || over.has(passId)).toBe(false);
            expect(holders.get(passId) ?? waybill).toBe(waybill);
            holders.set(passId, waybill);
          } else refused += 1;
          // A contested waybill cannot be released by anybody's mirror.
          const seen = desk.seenByLines(record(waybill));
          const isRival = holder !== undefined && holder !== passId && !over.has(passId);
          if (answer!.why === "claimedElsewhere" && isRival) {
            expect(seen.standing).toBe("notReleasable");
          }
        } else if (now.kind === "end") {
          const passId = `${passes[now.pass]}.${generation}`;
          over.add(passId);
          holders.delete(passId);
          desk.passEnded(passId);
          if (now.pass === 0) generation += 1;
        } else if (now.kind === "release") released.add(waybills[now.waybill]!);
        else {
          desk = open();
          for (const act of journal) {
            if (isOfClaims(act)) desk.restore(act);
          }
        }
        expect(new Set(desk.asked().map(({ passId }) => passId))).toEqual(told);
      }
      // Nothing is kept for ever: when all passes have ended every waybill is free again.
      for (let old = 0; old <= generation; old += 1) {
        for (const pass of passes) desk.passEnded(`${pass}.${old}`);
      }
      released.clear();
      for (const [index, waybill] of waybills.entries()) {
        answers = [];
        desk.ask({ lineId: "L1", passId: `new${index}`, waybill, chain });
        expect(answers[0]?.granted).toBe(true);
        expect(desk.seenByLines(record(waybill)).standing).toBe("releasable");
      }
    }),
    { numRuns: 400 },
  );
  expect(granted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});

test("law 5: a grant is told only once it is durable, and asked again it is written again", () => {
  const answers: ClaimAnswer[] = [];
  const waiting: ((isDurable: boolean) => void)[] = [];
  const desk = createClaimDesk({
    documents: plainWaybills(),
    releasesUnjudged: () => 0,
    acts: { write: (_act, _by, then) => waiting.push(then ?? (() => {})) },
    isPassOver: () => false,
    mayClaim: () => true,
    chainOf: () => "agent-1",
    answer: (answer) => answers.push(answer),
    onPassEnded: () => {},
    onContestChanged: () => {},
  });
  desk.ask({ lineId: "L1", passId: "p1", waybill: "W001", chain });
  expect(answers).toEqual([]);
  // Atomic all the same: nobody else gets it meanwhile.
  desk.ask({ lineId: "L2", passId: "p2", waybill: "W001", chain });
  // A refusal is doubt, which waits for no disk.
  expect(answers).toMatchObject([{ passId: "p2", granted: false, why: "claimedElsewhere" }]);
  waiting[0]!(false);
  expect(answers).toHaveLength(1);
});

test("a grant that is durable only when its pass is over is told to nobody, and held by nobody", () => {
  const answers: ClaimAnswer[] = [];
  const waiting: ((isDurable: boolean) => void)[] = [];
  const desk = createClaimDesk({
    documents: plainWaybills(),
    releasesUnjudged: () => 0,
    acts: { write: (_act, _by, then) => waiting.push(then ?? (() => {})) },
    isPassOver: () => false,
    mayClaim: () => true,
    chainOf: () => "agent-1",
    answer: (answer) => answers.push(answer),
    onPassEnded: () => {},
    onContestChanged: () => {},
  });
  desk.ask({ lineId: "L1", passId: "p1", waybill: "W001", chain });
  desk.passEnded("p1");
  waiting[0]!(true);
  expect([answers, desk.asked()]).toEqual([[], []]);
});
