// Goal: whoever may see it looks at the wire of a device of a running line from a terminal, is written
// down for it, and nobody else is told anything (law 18). Method: the whole centre behind its server, a
// line's agent with its real traces over the link in memory, and the command itself.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CentreOptions } from "../../edge/centre/centre.ts";
import { trace } from "../../edge/probe/trace.ts";
import { startAgentSession, type AgentSession } from "../../edge/link/agent-session.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createWireTraces } from "../../edge/runtime/wire-traces.ts";
import type { DeviceTap } from "../../edge/devices/device-tap.ts";
import { silentLog } from "../../protocols/log.ts";
import { personRoles, roleHeader } from "../../protocols/actor.ts";
import { deviceReason } from "../../protocols/device-reasons.ts";
import type { Language } from "../../protocols/words/words.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import {
  openCentre,
  removeFolder,
  temporaryFolder,
  until,
  type RunningCentre,
} from "./kit/site.ts";

const clock = createHurriedClock();
const deviceId = "L1-xray";
const agentId = "agent-L1";
let folder = "";
let site: RunningCentre;
let session: AgentSession;
let tap: DeviceTap;
let centreUrl = "";
let journal: CentreOptions["journal"];

beforeEach(async () => {
  folder = await temporaryFolder();
  const link = createMemoryLink({ clock });
  const traces = createWireTraces({ clock, onBug: (thrown) => expect.fail(String(thrown)) });
  tap = traces.tapOf(deviceId);
  site = await openCentre({ folder, clock, link, disk: { before: (own) => (journal = own) } });
  session = startAgentSession({
    end: link.agent(agentId),
    clock,
    chain: agentId,
    lineIds: ["L1"],
    journal: new MemoryJournal({ chain: agentId, clock }),
    clearancePlace: () => ({ stream: null, seq: 0 }),
    readImage: () => Promise.resolve(null),
    kindOfImage: () => null,
    onDown: () => {},
    onTraceWanted: (wanted) => traces.wanted(wanted),
    onGeneration: () => {},
    log: silentLog,
  });
  centreUrl = await site.server.listen({ host: "127.0.0.1", port: 0 });
  await until("the agent is heard", async () => (await begin({}, "supervisor")) === 200);
});

afterEach(async () => {
  await session.stop();
  await site.stop();
  await removeFolder(folder);
});

const path = `/api/devices/${deviceId}/trace`;

async function begin(change: object, role: string): Promise<number> {
  const answered = await site.server.inject({
    method: "POST",
    url: path,
    headers: { [roleHeader]: role },
    payload: { startedBy: "zhou", station: "office", seconds: 60, ...change },
  });
  return answered.statusCode;
}

interface Traced {
  readonly hasLooked: boolean;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
}

/** Looks until a line is like this, or until the trace ends. */
async function traced(options: {
  readonly until?: RegExp;
  readonly seconds?: number;
  readonly device?: string;
  readonly url?: string;
  readonly language?: Language;
  readonly onLine?: (line: string) => void;
}): Promise<Traced> {
  const lines: string[] = [];
  const errors: string[] = [];
  const enough = Promise.withResolvers<void>();
  const hasLooked = await trace({
    centreUrl: options.url ?? centreUrl,
    deviceId: options.device ?? deviceId,
    seconds: options.seconds ?? 60,
    startedBy: "zhou",
    station: "office",
    language: options.language ?? "en",
    clock,
    out: (line) => {
      lines.push(line);
      options.onLine?.(line);
      if (options.until?.test(line)) enough.resolve();
    },
    err: (line) => errors.push(line),
    enough: enough.promise,
  });
  return { hasLooked, lines, errors };
}

/** What the device says once its trace runs. */
const whenLooking = async (say: () => void): Promise<void> => {
  await until("its trace runs", () => tap.isLooking);
  say();
};

test("what goes over the wire is written down at a terminal, and who looked in the journal", async () => {
  await until("its trace runs", () => tap.isLooking);
  const lookedAt = traced({
    until: /not connected/,
    onLine: (line) => {
      if (!line.includes("runs for another")) return;
      void whenLooking(() => {
        tap.onWire({ kind: "bytes", direction: "in", bytes: Buffer.from("\x02AB\x03") });
        tap.onDialect("in", { kind: "life" });
        tap.onDialect("in", { kind: "discarded", reason: deviceReason("badChecksum"), counts: {} });
        tap.onWire({ kind: "state", isOpen: false, reason: null });
      });
    },
  });
  const { hasLooked, lines, errors } = await lookedAt;
  expect([hasLooked, errors]).toEqual([true, []]);
  const shown = lines.map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, "T "));
  expect(shown[0]).toBe(`${deviceId}: runs for another 1:00`);
  expect(shown).toContain("T < 02 41 42 03  \u2402AB\u2403");
  expect(shown).toContain('T   = {"kind":"life"}');
  expect(shown).toContain("T - not connected");
  expect(shown.at(-1)).toBe(`${deviceId}: has ended`);
  const bodies = (await journal.readAfter(0, 1_000)).map(({ body }) => body);
  const acts = bodies.filter((body) => body.includes("traceBegun"));
  expect(acts.length).toBeGreaterThanOrEqual(2);
  expect(JSON.parse(acts.at(-1) ?? "")).toMatchObject({
    act: { kind: "traceBegun", deviceId, seconds: 60 },
    actor: { name: "zhou", role: "supervisor", station: "office" },
  });
  expect(bodies.filter((body) => body.includes("02 41 42 03"))).toEqual([]);
});

test("more than is kept is told as left out", async () => {
  await until("its trace runs", () => tap.isLooking);
  const { lines } = await traced({
    until: /left out/,
    onLine: (line) => {
      if (!line.includes("runs for another")) return;
      void whenLooking(() => {
        for (let n = 0; n < 2_000; n += 1) {
          tap.onWire({ kind: "bytes", direction: "in", bytes: Buffer.from(`${n}`) });
        }
      });
    },
  });
  expect(lines.find((line) => line.includes("left out"))).toMatch(/^\(\d+ left out/);
});

test("it ends when its time is over", async () => {
  const { hasLooked, lines } = await traced({ seconds: 1 });
  expect(hasLooked).toBe(true);
  expect(lines.at(-1)).toBe(`${deviceId}: has ended`);
});

test("why there is nothing to see is said, in both languages", async () => {
  const unknown = await traced({ device: "nothing" });
  expect(unknown).toMatchObject({ hasLooked: false, errors: ["nothing: no line has this device"] });
  const told = await traced({ device: "L2-xray", language: "zh-CN" });
  expect(told.errors).toEqual(["L2-xray: 收不到线路控制器的消息"]);
  const stranger = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  const { port } = stranger.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  expect((await traced({ url })).errors).toEqual([`${deviceId}: The answer is not the centre's.`]);
  await new Promise((resolve) => stranger.close(resolve));
  expect((await traced({ url })).errors).toEqual([
    `${deviceId}: ${url}: The centre does not answer.`,
  ]);
});

test("law 18: nobody else begins one or is told of it", async () => {
  const may = ["officer", "supervisor", "lab"];
  for (const role of personRoles) {
    const isAllowed = may.includes(role);
    expect([role, await begin({}, role)]).toEqual([role, isAllowed ? 200 : 403]);
    const seen = await site.get(path, role);
    expect([role, seen.status]).toEqual([role, isAllowed ? 200 : 403]);
  }
  expect(await begin({ startedBy: "" }, "supervisor")).toBe(400);
});

test("a centre that is not reached is named without what is secret in its address", async () => {
  const url = "http://a:hunter2@127.0.0.1:1/?pwd=hunter2";
  const { hasLooked, errors } = await traced({ url });
  expect(hasLooked).toBe(false);
  expect(errors).toEqual([expect.stringMatching(/^L1-xray: http:\/\/127\.0\.0\.1:1: /)]);
});
