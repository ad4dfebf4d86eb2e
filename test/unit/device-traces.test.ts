// Goal: a trace begins only as an act of somebody, asks a line's agent only while somebody looks, and
// keeps no more than its bounds. Method: the centre's keeper in virtual time over a log of acts that the
// test makes durable or fails, and an agent that answers as the test says.
import { expect, test } from "vitest";
import {
  createDeviceTraces,
  traceAskEveryMs,
  traceKeptMs,
} from "../../edge/centre/device-traces.ts";
import type { CentreAct } from "../../edge/centre/acts/acts.ts";
import { person, type Actor } from "../../protocols/actor.ts";
import {
  traceFramesMax,
  tracesMax,
  type TraceFrame,
  type TraceWanted,
} from "../../protocols/trace.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const zhou = person("zhou", "supervisor", "office");
const agentId = "agent-L1";

function rig() {
  const clock = createVirtualClock();
  const acts: (readonly [CentreAct, Actor])[] = [];
  const asked: TraceWanted[] = [];
  const state = { isDurable: true, isHeard: true };
  const traces = createDeviceTraces({
    clock,
    acts: {
      offer: (act, by, then) => {
        if (state.isDurable) acts.push([act, by]);
        then(state.isDurable);
      },
    },
    agentOf: (deviceId) => (deviceId.startsWith("L1-") ? agentId : null),
    isHeard: () => state.isHeard,
    ask: (_agentId, wanted) => void asked.push(wanted),
  });
  return { clock, acts, asked, state, traces };
}

const frame = (seq: number): TraceFrame => ({
  seq,
  at: 1_000 as TraceFrame["at"],
  way: "in",
  name: null,
  text: null,
  hex: "02",
  wholeLength: null,
  reason: null,
});

const told = (trace: number, seqs: readonly number[], lastSeq = seqs.at(-1) ?? 0) =>
  ({ kind: "traceTold", deviceId: "L1-scanner", trace, lastSeq, frames: seqs.map(frame) }) as const;

const from1to = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1);

async function begun(parts: ReturnType<typeof rig>, deviceId = "L1-scanner"): Promise<number> {
  const outcome = await parts.traces.begin(deviceId, 60, zhou);
  if (outcome.kind !== "begun") throw new Error(outcome.why);
  return outcome.trace;
}

test("each switching-on is an act with who, and without it nothing is asked", async () => {
  const parts = rig();
  const { acts, asked, state, traces } = parts;
  await begun(parts);
  await begun(parts);
  const act = { kind: "traceBegun", deviceId: "L1-scanner", seconds: 60 };
  expect(acts).toEqual([
    [act, zhou],
    [act, zhou],
  ]);
  expect(asked.map(({ remainingMs, afterSeq }) => [remainingMs, afterSeq])).toEqual([
    [60_000, 0],
    [60_000, 0],
  ]);
  const [first, second] = asked.map(({ trace }) => trace);
  expect(second).toBeGreaterThan(first ?? Infinity);
  state.isDurable = false;
  const refused = { kind: "refused", why: "notJournalled" };
  expect(await traces.begin("L1-scale", 60, zhou)).toEqual(refused);
  expect(traces.look("L1-scale", 0)).toBeNull();
  expect(asked).toHaveLength(2);
});

test("a device of no line, and one of a controller that is not heard, is refused", async () => {
  const { traces, state, acts } = rig();
  expect(await traces.begin("other", 60, zhou)).toEqual({ kind: "refused", why: "unknownDevice" });
  state.isHeard = false;
  const silent = { kind: "refused", why: "agentSilent" };
  expect(await traces.begin("L1-scanner", 60, zhou)).toEqual(silent);
  expect(acts).toEqual([]);
});

test("the agent is asked while somebody looks, and not more often for two than for one", async () => {
  const parts = rig();
  const { clock, asked, traces } = parts;
  const trace = await begun(parts);
  clock.runFor(10_000);
  expect(asked).toHaveLength(1);
  traces.take(agentId, told(trace, [1, 2]));
  traces.look("L1-scanner", 0);
  traces.look("L1-scanner", 0);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatchObject({ afterSeq: 2, remainingMs: 50_000 });
  clock.runFor(traceAskEveryMs);
  traces.look("L1-scanner", 2);
  expect(asked).toHaveLength(3);
});

test("whoever looks gets what came behind, and hears how long the controller has been silent", async () => {
  const parts = rig();
  const { clock, traces } = parts;
  const trace = await begun(parts);
  expect(traces.look("L1-scanner", 0)).toMatchObject({ toldMsAgo: null, frames: [] });
  traces.take(agentId, told(trace, [3, 4, 5]));
  clock.runFor(700);
  const look = traces.look("L1-scanner", 4);
  expect(look).toMatchObject({ toldMsAgo: 700, lastSeq: 5, remainingMs: 59_300 });
  expect(look?.frames.map(({ seq }) => seq)).toEqual([5]);
});

test("a message that comes twice, of a stranger or of another trace adds nothing", async () => {
  const parts = rig();
  const { traces } = parts;
  const trace = await begun(parts);
  traces.take(agentId, told(trace, [1, 2]));
  traces.take(agentId, told(trace, [1, 2]));
  traces.take("agent-L2", told(trace, [3]));
  traces.take(agentId, told(trace + 1, [4]));
  expect(traces.look("L1-scanner", 0)?.frames.map(({ seq }) => seq)).toEqual([1, 2]);
});

test("a controller that was started anew counts from 1, and is asked from there", async () => {
  const parts = rig();
  const { clock, asked, traces } = parts;
  const trace = await begun(parts);
  traces.take(agentId, told(trace, [8, 9]));
  traces.take(agentId, told(trace, [], 0));
  expect(traces.look("L1-scanner", 9)).toMatchObject({ lastSeq: 0, frames: [] });
  clock.runFor(traceAskEveryMs);
  traces.look("L1-scanner", 0);
  expect(asked.at(-1)).toMatchObject({ afterSeq: 0 });
});

test("the last frames are kept, for a while beyond the end", async () => {
  const parts = rig();
  const { clock, traces } = parts;
  const trace = await begun(parts);
  traces.take(agentId, told(trace, from1to(traceFramesMax + 5)));
  const frames = traces.look("L1-scanner", 0)?.frames ?? [];
  expect([frames.length, frames[0]?.seq]).toEqual([traceFramesMax, 6]);
  clock.runFor(60_000 + traceKeptMs);
  expect(traces.look("L1-scanner", 0)).toMatchObject({ remainingMs: 0 });
  clock.runFor(1);
  expect(traces.look("L1-scanner", 0)).toBeNull();
});

test("so many run at once; whoever runs may be begun anew, and one that is over gives way", async () => {
  const parts = rig();
  const { clock, traces } = parts;
  for (let n = 0; n < tracesMax; n += 1) await begun(parts, `L1-${n}`);
  const refused = { kind: "refused", why: "tooManyTraces" };
  expect(await traces.begin("L1-more", 60, zhou)).toEqual(refused);
  await begun(parts, "L1-0");
  clock.runFor(60_000);
  await begun(parts, "L1-more");
});
