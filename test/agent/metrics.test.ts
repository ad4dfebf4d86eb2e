import { expect, onTestFinished, test } from "vitest";
import type { Journal } from "../../edge/journal/journal.ts";
import type { LineAgent } from "../../edge/runtime/line-agent.ts";
import { serveMetrics } from "../../edge/runtime/metrics.ts";
import { createBugRecord } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

/**
 * Goal: whoever looks at a line agent cannot end it. Method: a counter that throws when it is asked, as
 * a bug of ours would, and the two addresses over a real socket.
 */
test("a bug in a counter is answered with 500, told, and shown in /healthz", async () => {
  const bugs = createBugRecord(silentLog, createVirtualClock());
  const agent = {
    hosts: [],
    devices: () => [],
    storage: () => ({ logs: [], disk: null, failing: [] }),
    session: { isCentreHeard: () => true, journalDoubt: () => null },
  } as unknown as LineAgent;
  const journal = {
    health: () => ({
      state: "writing",
      get counters(): never {
        throw new Error("planted");
      },
    }),
  } as unknown as Journal;
  const server = await serveMetrics(0, { agent, journal, bugs });
  onTestFinished(() => server.close());
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { signal: AbortSignal.timeout(5_000) });

  expect((await get("/nowhere")).status).toBe(404);
  expect(await (await get("/healthz")).json()).not.toHaveProperty("bugs");
  expect((await get("/metrics")).status).toBe(500);
  expect(bugs.summary()).toMatchObject({
    total: 1,
    last: { message: "answering /metrics: planted" },
  });
  expect(await (await get("/healthz")).json()).toMatchObject({ bugs: { total: 1 } });
});
