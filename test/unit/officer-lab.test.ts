/**
 * Goal: lab officers work like people: through the same desk, at human speed, and no wiser than
 * the picture. Method: a desk in memory hands out tasks in virtual time and keeps what it is told.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Panel } from "../../protocols/ui/http.ts";
import type { TaskView } from "../../protocols/ui/scene.ts";
import { beltCount } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { ContentKind } from "../../simulators/world/contents.ts";
import type { DecisionRequest, OfficerApi } from "../../simulators/officers/api.ts";
import { createEyesight } from "../../simulators/officers/eyesight.ts";
import { createHttpOfficerApi } from "../../simulators/officers/http-api.ts";
import {
  createOfficer,
  defaultOfficer,
  type OfficerProfile,
} from "../../simulators/officers/officer.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

const hashOf = (index: number): string => String(index).padStart(64, "0");
const taskOf = (index: number, lockedBy: string | null = null): TaskView => ({
  taskId: `task-${index}`,
  lineId: "L1",
  passId: `pass-${index}`,
  waybill: "HB000000005CN",
  imageHash: hashOf(index),
  why: "suspect",
  lastUsefulCount: beltCount(10_000 - index),
  lockedBy,
});
const manifest = { waybill: "HB000000005CN" } as unknown as NonNullable<Panel["manifest"]>;
const panelOf = (task: TaskView): Panel => ({
  taskId: task.taskId,
  lineId: task.lineId,
  passId: task.passId,
  imageHash: task.imageHash,
  boxes: [],
  lastUsefulCount: task.lastUsefulCount,
  weightG: 500,
  dimensionsMm: null,
  manifest,
  leaseMs: 30_000,
});

function desk(given: {
  readonly tasks: TaskView[];
  readonly visible?: readonly ContentKind[] | null;
  readonly profile?: Partial<OfficerProfile>;
  readonly failures?: number;
  readonly noManifest?: boolean;
}) {
  const clock = createVirtualClock();
  const decisions: { request: DecisionRequest; at: number }[] = [];
  const locks: string[] = [];
  let failures = given.failures ?? 0;
  let tasks = given.tasks;
  const api: OfficerApi = {
    tasks: (answer) => answer(tasks),
    lock(taskId, who, answer) {
      const task = tasks.find((each) => each.taskId === taskId);
      locks.push(`${taskId} ${who.officer}`);
      if (task === undefined) return answer({ failed: "gone" });
      const panel = panelOf(task);
      answer(given.noManifest === true ? { ...panel, manifest: null } : panel);
    },
    decide(request, answer) {
      decisions.push({ request, at: clock.monotonic() });
      if (failures > 0) {
        failures -= 1;
        return answer({ failed: "no answer" });
      }
      tasks = tasks.filter((each) => each.taskId !== request.taskId);
      answer({ cmdId: request.cmdId, accepted: true, why: null });
    },
  };
  const eyesight = createEyesight();
  if (given.visible !== null) {
    for (const task of given.tasks) eyesight.remember(task.imageHash, given.visible ?? ["book"]);
  }
  const officer = createOfficer({
    name: "lab-1",
    station: "desk-1",
    api,
    clock,
    entropy: createSeededEntropy(1, "officer"),
    eyesight,
    profile: { ...defaultOfficer, ...given.profile },
  });
  officer.start();
  return { clock, officer, decisions, locks };
}

const many = (count: number): TaskView[] => Array.from({ length: count }, (_, i) => taskOf(i));
const surely = { skill: 1, caution: 0, transfers: 0 };

describe("a lab officer", () => {
  test("looks for about six seconds, at times that vary, and never under 900 ms", () => {
    const { clock, decisions } = desk({ tasks: many(400) });
    clock.runFor(3_600_000 * 2);
    expect(decisions).toHaveLength(400);
    const looked = decisions.map(({ request }) => request.decidedAt - request.shownAt);
    looked.sort((a, b) => a - b);
    expect(looked[200]).toBeGreaterThan(5_200);
    expect(looked[200]).toBeLessThan(6_800);
    expect(looked[0]).toBeGreaterThanOrEqual(900);
    expect(looked[399]! - looked[0]!).toBeGreaterThan(5_000);
  });

  test("releases what looks harmless and opens what does not", () => {
    const harmless = desk({ tasks: many(5), profile: surely });
    harmless.clock.runFor(120_000);
    expect(harmless.decisions.map(({ request }) => request.decision)).toEqual(
      Array.from({ length: 5 }, () => "release"),
    );
    const armed = desk({ tasks: many(5), visible: ["clothes", "pistol"], profile: surely });
    armed.clock.runFor(120_000);
    for (const { request } of armed.decisions) {
      expect(request).toMatchObject({ decision: "open", reason: "suspectObject" });
    }
  });

  test("misses what its skill does not see", () => {
    const { clock, decisions } = desk({
      tasks: many(500),
      visible: ["knife"],
      profile: { ...surely, skill: 0.8 },
    });
    clock.runFor(3_600_000 * 2);
    const missed = decisions.filter(({ request }) => request.decision === "release").length;
    expect(missed / decisions.length).toBeGreaterThan(0.14);
    expect(missed / decisions.length).toBeLessThan(0.26);
  });

  test("never releases a picture it cannot see or a parcel without papers", () => {
    const blind = desk({ tasks: many(3), visible: null, profile: surely });
    blind.clock.runFor(120_000);
    const unpapered = desk({ tasks: many(3), noManifest: true, profile: surely });
    unpapered.clock.runFor(120_000);
    const all = [...blind.decisions, ...unpapered.decisions];
    expect(all).toHaveLength(6);
    expect(all.every(({ request }) => request.decision === "open")).toBe(true);
  });

  test("takes the most urgent free picture, and none that somebody else has", () => {
    const tasks = [taskOf(1), taskOf(7, "person"), taskOf(5)];
    const { clock, locks } = desk({ tasks });
    clock.runFor(60_000);
    expect(locks).toEqual(["task-5 lab-1", "task-1 lab-1"]);
  });

  test("sends an unanswered decision again under the same id, three times at most", () => {
    const twice = desk({ tasks: [taskOf(1)], failures: 2 });
    twice.clock.runFor(60_000);
    expect(new Set(twice.decisions.map(({ request }) => request.cmdId)).size).toBe(1);
    expect(twice.decisions).toHaveLength(3);
    expect(twice.officer.counters()).toMatchObject({ accepted: 1, failed: 2 });
  });

  test("a look longer than half the lease renews the lock, as the page does", () => {
    const { clock, locks, decisions } = desk({
      tasks: [taskOf(1)],
      profile: { lookMsMedian: 50_000, lookSigma: 0 },
    });
    clock.runFor(20_000);
    expect(locks).toEqual(["task-1 lab-1", "task-1 lab-1"]);
    clock.runFor(40_000);
    expect(locks).toHaveLength(4);
    const [decision] = decisions;
    expect(decision?.request).toMatchObject({ taskId: "task-1" });
    expect(decision!.request.decidedAt - decision!.request.shownAt).toBe(50_000);
  });

  test("does nothing more once stopped", () => {
    const { clock, officer, decisions } = desk({ tasks: many(10) });
    clock.runFor(20_000);
    officer.stop();
    const before = decisions.length;
    clock.runFor(3_600_000);
    expect(decisions).toHaveLength(before);
  });
});

describe("the officer's desk over HTTP", () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const serve = async (answer: (path: string) => [number, string]): Promise<string> => {
    server = createServer((request, response) => {
      const [status, body] = answer(`${request.method} ${request.url}`);
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const asked = (api: OfficerApi) => new Promise((resolve) => api.tasks(resolve));

  test("reads the list that the centre gives", async () => {
    const url = await serve(() => [200, JSON.stringify([taskOf(1)])]);
    expect(await asked(createHttpOfficerApi(url))).toEqual([taskOf(1)]);
  });

  test.each([
    ["an error status", [500, "{}"], "HTTP 500"],
    ["broken JSON", [200, "[{"], "/api/officer/tasks"],
    ["another shape", [200, '[{"taskId":1}]'], "0.taskId"],
  ] as const)("says in words what is wrong with %s", async (_name, [status, body], words) => {
    const url = await serve(() => [status, body]);
    expect(await asked(createHttpOfficerApi(url))).toMatchObject({
      failed: expect.stringContaining(words) as string,
    });
  });

  test("says so when nobody answers", async () => {
    const answer = await asked(createHttpOfficerApi("http://127.0.0.1:9"));
    expect(answer).toMatchObject({
      failed: expect.stringContaining("/api/officer/tasks") as string,
    });
  });
});
