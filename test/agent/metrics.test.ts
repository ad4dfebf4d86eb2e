import { expect, onTestFinished, test } from "vitest";
import type { Journal } from "../../edge/journal/journal.ts";
import type { LineAgent } from "../../edge/runtime/line-agent.ts";
import { serveMetrics } from "../../edge/runtime/metrics.ts";
import { createBugRecord } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { redactText } from "../../edge/runtime/log-secrets.ts";

/**
 * Goal: whoever looks at a line agent cannot end it, and sees what its devices sent that nobody could
 * read. Method: a counter that throws when it is asked, as a bug of ours would, and the two addresses
 * over a real socket.
 */
const asked = (port: number, path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });

test("what could not be read of each device is a metric by its name, and says why in /healthz", async () => {
  const reason = { code: "fileNotRead", params: { total: 3 }, detail: "7.dcs: not a DICOM file" };
  const counters = { framesTotal: 9, discardedTotal: 3 };
  const agent = {
    hosts: [],
    devices: () => [
      { id: "xray-1", deviceKind: "xray", health: "receiving", reason, counters },
      { id: "scale-1", deviceKind: "scale", health: "receiving", reason: null, counters: {} },
    ],
    storage: () => ({ logs: [], disk: null, failing: [] }),
    session: { isCentreHeard: () => true, journalDoubt: () => null },
  } as unknown as LineAgent;
  const totals = { entriesTotal: 1, commitsTotal: 1 };
  const journal = { health: () => ({ state: "writing", counters: totals }) } as unknown as Journal;
  const bugs = createBugRecord(silentLog, createVirtualClock(), redactText);
  const server = await serveMetrics(0, { agent, journal, bugs });
  onTestFinished(() => server.close());

  const metrics = await (await asked(server.port, "/metrics")).text();
  expect(metrics).toContain('sortline_device_discarded_total{line="",device="xray-1"} 3');
  expect(metrics).toContain('sortline_device_discarded_total{line="",device="scale-1"} 0');
  expect(metrics).toContain('sortline_journal_entries_total{line=""} 1');
  const why = "a file cannot be read, 3 so far (last: 7.dcs: not a DICOM file)";
  expect(await (await asked(server.port, "/healthz")).json()).toMatchObject({
    devices: [{ id: "xray-1", why }],
  });
});

test("a bug in a counter is answered with 500, told, and shown in /healthz", async () => {
  const bugs = createBugRecord(silentLog, createVirtualClock(), redactText);
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
  const get = (path: string): Promise<Response> => asked(server.port, path);

  expect((await get("/nowhere")).status).toBe(404);
  expect(await (await get("/healthz")).json()).not.toHaveProperty("bugs");
  expect((await get("/metrics")).status).toBe(500);
  expect(bugs.summary()).toMatchObject({
    total: 1,
    last: { message: "answering /metrics: planted" },
  });
  expect(await (await get("/healthz")).json()).toMatchObject({ bugs: { total: 1 } });
});
