// Goal: an officer's answer counts only for the image that was shown, in time, once, by whoever
// holds the lock (HMI X6, X8, X11, W7; PF-22). Method: the real desk over a belt that stands where
// the test puts it, in virtual time, with a journal that the test can hold back or fail.
import { person, type Actor } from "../../protocols/actor.ts";
import { describe, expect, test } from "vitest";
import type { CentreAct } from "../../edge/centre/acts/acts.ts";
import type { DecisionRequest } from "../../edge/centre/officers/decision-answers.ts";
import { createOfficerDesk } from "../../edge/centre/officers/officer-desk.ts";
import { newPassBook, takeFact } from "../../edge/centre/lines/passes.ts";
import type { Fact } from "../../protocols/facts.ts";
import { zPanel } from "../../protocols/ui/http.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { centreConfig, lastUseful } from "../centre/kit/config.ts";

const imageHash = "a".repeat(64);
const li = person("li", "officer", "desk-1");
const wang = person("wang", "officer", "desk-2");
const signedBy = ({ name, station }: Actor) => ({ officer: name, station });

function rig(change: object = {}) {
  const clock = createVirtualClock();
  const passes = newPassBook();
  const world = { count: 10_000, isHeard: true, stored: new Set([imageHash]), journal: true };
  const acts: CentreAct[] = [];
  /** Says of an act that the journal has taken it after all. */
  const found: (() => void)[] = [];
  const verdicts: OfficerVerdict[] = [];
  const changed: string[] = [];
  const desk = createOfficerDesk({
    config: centreConfig(change),
    clock,
    passes,
    countNow: () => beltCount(world.count),
    isLineHeard: () => world.isHeard,
    isImageStored: (hash) => world.stored.has(hash),
    papersOf: () => Promise.resolve({ manifest: null }),
    journal: ({ act, onFound }) => {
      if (world.journal) acts.push(act);
      else if (onFound !== undefined) found.push(onFound);
      return Promise.resolve(world.journal);
    },
    settled: () => Promise.resolve(world.journal),
    sendVerdict: (verdict) => {
      verdicts.push(verdict);
      return true;
    },
    onTaskChanged: (taskId) => changed.push(taskId),
  });
  let seq = 0;
  const tell = (fact: Fact): void => {
    const stamped = { lineId: "L1", wallAt: clock.wall(), count: beltCount(world.count), fact };
    const { pass, ended } = takeFact(passes, stamped, { chain: "c", seq: (seq += 1) });
    for (const one of new Set([...(pass === null ? [] : [pass]), ...ended])) {
      desk.onFact(stamped, one);
    }
  };
  const imaged = (hash = imageHash): void =>
    tell({ kind: "imaged", passId: "p1", imageHash: hash, itemSequence: 1 });
  const algorithm = (verdict: "clear" | "suspect" | "unknown"): void => {
    const box = { x: 1, y: 2, width: 3, height: 4, label: "knife", confidence: 0.9 };
    const boxes = verdict === "suspect" ? [box] : [];
    tell({ kind: "algorithmAnswered", passId: "p1", imageHash, verdict, boxes });
  };
  /** A parcel whose front was inducted at 0, with a suspect image. */
  const suspect = (): void => {
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    imaged();
    algorithm("suspect");
  };
  /** The same parcel, in view of the officer who decides. */
  const show = async (): Promise<void> => {
    suspect();
    await desk.lock("p1", li);
    clock.runFor(2_000);
  };
  const decided = (change: Partial<DecisionRequest> = {}) => {
    const request: DecisionRequest = {
      cmdId: "c1",
      taskId: "p1",
      passId: "p1",
      imageHash,
      decision: "release",
      reason: null,
      ...signedBy(li),
      shownAt: epochMs(10_000),
      decidedAt: epochMs(12_000),
      ...change,
    };
    return desk.decide(request, person(request.officer, "officer", request.station));
  };
  const decide = async (change: Partial<DecisionRequest> = {}) => {
    const made = await decided(change);
    if (made.kind === "notJournalled") throw new Error("not journalled");
    return made.answer;
  };
  return {
    clock,
    passes,
    desk,
    world,
    acts,
    found,
    verdicts,
    changed,
    tell,
    imaged,
    algorithm,
    suspect,
    show,
    decided,
    decide,
  };
}

describe("which images wait for an officer", () => {
  test.each([
    ["algorithm", "suspect", "suspect"],
    ["algorithm", "unknown", "unknown"],
    ["algorithm", "clear", null],
    ["officer", "clear", "officerRequired"],
    ["both", "clear", "officerRequired"],
    ["both", "suspect", "suspect"],
  ] as const)("verdict by %s, algorithm says %s: %s", (verdictBy, verdict, why) => {
    const { desk, tell, imaged, algorithm } = rig({ verdictBy });
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    imaged();
    algorithm(verdict);
    expect(desk.tasks.get("p1")?.why ?? null).toBe(why);
  });

  test("an overdue algorithm leaves it to a person", () => {
    const { desk, tell, imaged } = rig();
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    imaged();
    expect(desk.tasks.size).toBe(0);
    tell({ kind: "reasonRaised", passId: "p1", reason: { code: "verdictMissing" } });
    expect(desk.tasks.get("p1")?.why).toBe("unknown");
  });

  test("X10: no task before its image can be shown", () => {
    const { desk, world, suspect } = rig();
    world.stored.clear();
    suspect();
    expect(desk.tasks.size).toBe(0);
    world.stored.add(imageHash);
    desk.onImageStored(imageHash);
    expect(desk.tasks.get("p1")).toMatchObject({ imageHash, lastUsefulCount: lastUseful });
  });

  test("a task goes with its parcel", () => {
    const { desk, suspect, tell } = rig();
    suspect();
    tell({ kind: "lost", passId: "p1", lastSeenMm: 1 });
    expect(desk.tasks.size).toBe(0);
  });

  test("any parcel with an image can be looked at on request, and the act is journalled", async () => {
    const { desk, tell, imaged, algorithm, acts } = rig();
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    expect(await desk.openTask("p1", li)).toEqual({ kind: "refused", why: "noImage" });
    imaged();
    algorithm("clear");
    expect(await desk.openTask("p1", li)).toEqual({ kind: "opened", taskId: "p1" });
    expect(desk.tasks.get("p1")?.why).toBe("sample");
    expect(acts).toEqual([{ kind: "taskAsked", passId: "p1" }]);
    expect(await desk.openTask("p2", li)).toEqual({ kind: "refused", why: "unknownPass" });
  });

  test("a parcel that has left since its task was asked for gets none, in whichever book", async () => {
    const { desk, passes, tell, imaged, algorithm } = rig();
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    imaged();
    algorithm("clear");
    const opened = desk.openTask("p1", li);
    const [pass] = passes.byId.values();
    passes.byId.set("p1", { ...pass!, facts: [...pass!.facts] });
    tell({ kind: "lost", passId: "p1", lastSeenMm: 1 });
    expect(await opened).toEqual({ kind: "refused", why: "tooLate" });
    expect(desk.tasks.size).toBe(0);
  });
});

describe("X11: locks", () => {
  test("the first officer gets the whole panel, the second is refused", async () => {
    const { desk, suspect, acts } = rig();
    suspect();
    const answer = await desk.lock("p1", li);
    expect(answer).toMatchObject({ kind: "panel", panel: { imageHash, leaseMs: 10_000 } });
    const { panel } = answer as { panel: { boxes: unknown[] } };
    expect(zPanel.safeParse(panel).error).toBeUndefined();
    expect(panel.boxes).toHaveLength(1);
    expect(await desk.lock("p1", wang)).toEqual({ kind: "refused", why: "lockedByOther" });
    expect(desk.tasks.get("p1")?.lockedBy).toBe("li");
    expect(acts.map(({ kind }) => kind)).toEqual(["lock"]);
  });

  test("two officers in the same instant: one gets it", async () => {
    const { desk, suspect } = rig();
    suspect();
    const both = await Promise.all([desk.lock("p1", li), desk.lock("p1", wang)]);
    expect(both.map(({ kind }) => kind)).toEqual(["panel", "refused"]);
  });

  test("a lease ends after 10 s, at the millisecond, and asking again renews it", async () => {
    const { desk, suspect, clock } = rig();
    suspect();
    await desk.lock("p1", li);
    clock.runFor(9_999);
    expect((await desk.lock("p1", wang)).kind).toBe("refused");
    await desk.lock("p1", li);
    clock.runFor(9_999);
    expect((await desk.lock("p1", wang)).kind).toBe("refused");
    clock.runFor(1);
    expect((await desk.lock("p1", wang)).kind).toBe("panel");
  });

  test("a panel that is gone frees its locks, others keep theirs", async () => {
    const { desk, suspect } = rig();
    suspect();
    await desk.lock("p1", li);
    desk.onStationGone("desk-2");
    expect((await desk.lock("p1", wang)).kind).toBe("refused");
    desk.onStationGone("desk-1");
    expect(desk.tasks.get("p1")?.lockedBy).toBeNull();
    expect((await desk.lock("p1", wang)).kind).toBe("panel");
  });

  test("a lock that the journal does not take is no lock", async () => {
    const { desk, suspect, world } = rig();
    suspect();
    world.journal = false;
    expect(await desk.lock("p1", li)).toEqual({ kind: "refused", why: "notJournalled" });
    world.journal = true;
    expect((await desk.lock("p1", wang)).kind).toBe("panel");
  });

  test("law 3: an algorithm that objects meanwhile takes the lock away", async () => {
    const { desk, tell, imaged, algorithm, decide, clock } = rig({ verdictBy: "both" });
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    imaged();
    algorithm("clear");
    await desk.lock("p1", li);
    clock.runFor(2_000);
    algorithm("suspect");
    expect(desk.tasks.get("p1")).toMatchObject({ why: "suspect", lockedBy: null });
    expect(await decide()).toMatchObject({ accepted: false, why: "notLocked" });
  });

  test("law 3: one that objects after a release asks a person anew", () => {
    const { desk, tell, imaged, algorithm } = rig({ verdictBy: "both" });
    tell({ kind: "inducted", passId: "p1", frontCount: beltCount(0) });
    imaged();
    const answered = { kind: "officerAnswered", passId: "p1", imageHash, officer: "li" } as const;
    tell({ ...answered, decision: "release", applied: true, why: null });
    expect(desk.tasks.size).toBe(0);
    algorithm("suspect");
    expect(desk.tasks.get("p1")?.why).toBe("suspect");
  });

  test("a new image of the same parcel takes the lock away", async () => {
    const { desk, suspect, world, imaged, tell } = rig();
    suspect();
    await desk.lock("p1", li);
    const newer = "b".repeat(64);
    world.stored.add(newer);
    imaged(newer);
    tell({
      kind: "algorithmAnswered",
      passId: "p1",
      imageHash: newer,
      verdict: "unknown",
      boxes: [],
    });
    expect(desk.tasks.get("p1")).toMatchObject({ imageHash: newer, lockedBy: null });
  });
});

describe("X6: the decision's guards", () => {
  test("a good decision is journalled, sent to the line, and the task is gone", async () => {
    const { desk, show, decide, acts, verdicts } = rig();
    await show();
    expect(await decide()).toEqual({ cmdId: "c1", accepted: true, why: null });
    expect(verdicts).toMatchObject([{ verdictId: "c1", lineId: "L1", passId: "p1", imageHash }]);
    expect(acts.map(({ kind }) => kind)).toEqual(["lock", "decision"]);
    expect(desk.tasks.size).toBe(0);
    expect(desk.counters().decisionsTotal).toBe(1);
  });

  test.each([
    ["another image", { imageHash: "b".repeat(64) }, "imageChanged"],
    ["399 ms after it was shown", { decidedAt: epochMs(10_399) }, "tooSoon"],
    ["decided before it was shown", { decidedAt: epochMs(9_000) }, "tooSoon"],
    ["an unknown task", { taskId: "p9", passId: "p9" }, "unknownTask"],
    ["another pass than the task's", { passId: "p9" }, "unknownTask"],
    ["another officer", wang, "lockedByOther"],
    ["the same officer at another desk", { station: "desk-9" }, "lockedByOther"],
  ])("%s is refused", async (_name, change, why) => {
    const { desk, show, decide, verdicts } = rig();
    await show();
    expect(await decide(change as Partial<DecisionRequest>)).toEqual({
      cmdId: "c1",
      accepted: false,
      why,
    });
    expect(verdicts).toEqual([]);
    expect(desk.counters()[`${why}Total` as "tooSoonTotal"]).toBe(1);
  });

  test("400 ms after it was shown is soon enough", async () => {
    const { show, decide } = rig();
    await show();
    expect((await decide({ decidedAt: epochMs(10_400) })).accepted).toBe(true);
  });

  test("whoever never opened the panel decides nothing, nor does a lease that has run out", async () => {
    const { desk, suspect, decide, verdicts, clock } = rig();
    suspect();
    expect(await decide()).toMatchObject({ accepted: false, why: "notLocked" });
    await desk.lock("p1", li);
    clock.runFor(10_000);
    expect(await decide({ cmdId: "c2" })).toMatchObject({ accepted: false, why: "notLocked" });
    expect(desk.counters().notLockedTotal).toBe(2);
    expect(verdicts).toEqual([]);
  });

  test("stamps do not make it longer in view than it was held, and renewing keeps what was", async () => {
    const { desk, suspect, decide, clock } = rig();
    suspect();
    await desk.lock("p1", li);
    clock.runFor(399);
    expect(await decide()).toMatchObject({ accepted: false, why: "tooSoon" });
    await desk.lock("p1", li);
    clock.runFor(1);
    expect(await decide({ cmdId: "c2" })).toMatchObject({ accepted: true });
  });

  test("an image that came while its lock was written is held and shown, not the one before", async () => {
    const { desk, suspect, decide, world, imaged, tell, acts, clock } = rig();
    suspect();
    const newer = "b".repeat(64);
    world.stored.add(newer);
    const locked = desk.lock("p1", li);
    imaged(newer);
    const said = { imageHash: newer, verdict: "unknown" } as const;
    tell({ kind: "algorithmAnswered", passId: "p1", ...said, boxes: [] });
    expect(await locked).toMatchObject({ kind: "panel", panel: { imageHash: newer } });
    expect(acts.map((act) => (act.kind === "lock" ? act.imageHash : ""))).toEqual([
      imageHash,
      newer,
    ]);
    clock.runFor(400);
    expect(await decide({ imageHash: newer })).toMatchObject({ accepted: true });
  });

  test.each([
    [lastUseful - 1, true, null],
    [lastUseful, true, null],
    [lastUseful + 1, false, "tooLate"],
  ])("X8, PF-22: at count %i accepted is %s", async (count, accepted, why) => {
    const { show, decide, world } = rig();
    await show();
    world.count = count;
    expect(await decide()).toMatchObject({ accepted, why });
  });

  test("X8: past its last useful count the task goes by itself, and the answer is too late", async () => {
    const { desk, show, decide, world } = rig();
    await show();
    world.count = lastUseful;
    desk.tick();
    expect(desk.tasks.size).toBe(1);
    world.count = lastUseful + 1;
    desk.tick();
    expect(desk.tasks.size).toBe(0);
    expect(await decide()).toMatchObject({ accepted: false, why: "tooLate" });
    expect(desk.counters()).toMatchObject({ expiredTotal: 1, tooLateTotal: 1 });
  });

  test("a line that is not heard cannot be told, so nothing is decided", async () => {
    const { show, decide, world, verdicts } = rig();
    await show();
    world.isHeard = false;
    expect(await decide()).toMatchObject({ accepted: false, why: "lineNotHeard" });
    expect(verdicts).toEqual([]);
  });
});

describe("W7: one decision, however often it is sent", () => {
  test("repeats of a cmdId get the first answer and are not acted on", async () => {
    const { show, decide, verdicts } = rig();
    await show();
    const answers = await Promise.all([decide(), decide(), decide()]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await decide();
    expect(verdicts).toHaveLength(1);
  });

  test.each([
    ["decision", { decision: "open", reason: "other" }],
    ["reason", { reason: "other" }],
    ["officer", { officer: "wang" }],
    ["station", { station: "desk-9" }],
    ["pass", { passId: "p9" }],
    ["task", { taskId: "p9" }],
    ["image", { imageHash: "b".repeat(64) }],
    ["moment it was shown", { shownAt: epochMs(10_001) }],
    ["moment it was decided", { decidedAt: epochMs(12_001) }],
  ] as const)("a cmdId that comes with another %s is refused", async (_name, change) => {
    const { desk, show, decide, verdicts } = rig();
    await show();
    const [first, other] = await Promise.all([decide(), decide(change)]);
    expect(first).toMatchObject({ accepted: true });
    expect(other).toEqual({ cmdId: "c1", accepted: false, why: "cmdIdReused" });
    expect(await decide(change)).toEqual(other);
    expect(await decide()).toEqual(first);
    expect(verdicts).toHaveLength(1);
    expect(desk.counters().cmdIdReusedTotal).toBe(2);
  });

  test("two officers decide in the same instant: one counts", async () => {
    const { show, decide, verdicts } = rig();
    await show();
    const both = await Promise.all([decide(), decide({ cmdId: "c2", ...signedBy(wang) })]);
    expect(both).toMatchObject([{ accepted: true }, { accepted: false, why: "alreadyDecided" }]);
    expect(verdicts).toHaveLength(1);
  });

  test.each([
    ["the same officer", {}],
    ["another officer", signedBy(wang)],
  ])("what is decided stays decided: %s is told so, also when it has left", async (_name, by) => {
    const { desk, show, decide, verdicts, tell } = rig();
    await show();
    await decide();
    const answer = { decision: "release", officer: "li", applied: true, why: null } as const;
    const again = (cmdId: string) => decide({ cmdId, decision: "open", reason: "other", ...by });
    expect(await again("c2")).toMatchObject({ accepted: false, why: "alreadyDecided" });
    tell({ kind: "officerAnswered", passId: "p1", imageHash, ...answer });
    expect(await again("c3")).toMatchObject({ accepted: false, why: "alreadyDecided" });
    const left = { exit: "green", expected: "green", count: beltCount(31_000) } as const;
    tell({ kind: "left", passId: "p1", ...left });
    expect(await again("c4")).toMatchObject({ accepted: false, why: "alreadyDecided" });
    expect(desk.counters().alreadyDecidedTotal).toBe(3);
    expect(verdicts).toHaveLength(1);
  });

  test("a decision that the line did not take decides nothing: the next one is too late", async () => {
    const { show, decide, tell } = rig();
    await show();
    await decide();
    const late = { decision: "release", officer: "li", applied: false, why: "tooLate" } as const;
    tell({ kind: "officerAnswered", passId: "p1", imageHash, ...late });
    const left = { exit: "inspection", expected: "inspection", count: beltCount(31_000) } as const;
    tell({ kind: "left", passId: "p1", ...left });
    expect(await decide({ cmdId: "c2" })).toMatchObject({ accepted: false, why: "tooLate" });
  });

  test("what the journal does not take is not decided, and may be asked again", async () => {
    const { desk, show, decided, decide, world, verdicts } = rig();
    await show();
    world.journal = false;
    expect(await decided()).toEqual({ kind: "notJournalled" });
    expect(verdicts).toEqual([]);
    expect(desk.tasks.size).toBe(1);
    world.journal = true;
    expect((await decide()).accepted).toBe(true);
  });

  test("law 17: what the journal has taken after all counts now, and not only after a restart", async () => {
    const { desk, show, decided, decide, world, found, verdicts } = rig();
    await show();
    world.journal = false;
    expect(await decided()).toEqual({ kind: "notJournalled" });
    world.journal = true;
    for (const tellFound of found) tellFound();
    expect(verdicts).toMatchObject([{ verdictId: "c1", decision: "release" }]);
    expect(desk.tasks.size).toBe(0);
    expect(await decide()).toEqual({ cmdId: "c1", accepted: true, why: null });
    const another = await decide({ cmdId: "c2", decision: "open", reason: "suspectObject" });
    expect(another).toMatchObject({ accepted: false, why: "alreadyDecided" });
    expect(verdicts).toHaveLength(1);
  });

  test("the officer's newer word stands against an older one that is found behind it", async () => {
    const { show, decided, decide, world, found, verdicts } = rig();
    await show();
    world.journal = false;
    expect(await decided()).toEqual({ kind: "notJournalled" });
    world.journal = true;
    const newer = decide({ cmdId: "c2", decision: "open", reason: "suspectObject" });
    for (const tellFound of found) tellFound();
    expect((await newer).accepted).toBe(true);
    for (const tellFound of found) tellFound();
    expect(verdicts.map(({ verdictId }) => verdictId)).toEqual(["c2"]);
  });

  test("a verdict goes again until the line has answered it", async () => {
    const { desk, show, decide, verdicts, clock, tell } = rig();
    await show();
    await decide();
    clock.runFor(2_000);
    desk.tick();
    expect(verdicts).toHaveLength(2);
    const answer = { decision: "release", officer: "li", applied: true, why: null } as const;
    tell({ kind: "officerAnswered", passId: "p1", imageHash, ...answer });
    clock.runFor(10_000);
    desk.tick();
    expect(verdicts).toHaveLength(2);
  });

  test("S9: after a restart a decision is kept once: answered again, sent again, not asked again", async () => {
    const before = rig();
    await before.show();
    await before.decide();
    const decision = before.acts.at(-1);
    const after = rig();
    if (decision?.kind === "decision") after.desk.restoreDecision(decision);
    after.suspect();
    after.desk.restored();
    expect(after.desk.tasks.size).toBe(0);
    after.clock.runFor(2_000);
    after.desk.tick();
    expect(after.verdicts).toEqual(before.verdicts);
    expect(await after.decide()).toEqual({ cmdId: "c1", accepted: true, why: null });
    expect(after.acts).toEqual([]);
  });

  test("S9: a decision that was not journalled is offered again after a restart", () => {
    const after = rig();
    after.suspect();
    after.desk.restored();
    expect(after.desk.tasks.size).toBe(1);
  });
});

test("a pass that is on no belt any more leaves no task, no wish and no verdict behind", async () => {
  const { desk, clock, show, decide, verdicts } = rig();
  await show();
  await decide();
  const before = verdicts.length;
  desk.passGone("p1");
  expect(desk.tasks.size).toBe(0);
  for (let second = 0; second < 10; second += 1) {
    clock.runFor(1_000);
    desk.tick();
  }
  expect(verdicts).toHaveLength(before);
});
