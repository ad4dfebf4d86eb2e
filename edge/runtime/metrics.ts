import { createServer } from "node:http";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { BugRecord } from "../../protocols/bug.ts";
import type { LogState } from "../../protocols/storage.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import type { Journal } from "../journal/journal.ts";
import type { LineAgent } from "./line-agent.ts";
import type { DeviceReport } from "./line-devices.ts";
import { notReadyReasons } from "./readiness.ts";

/** Prometheus text of a line agent, on loopback: what it did, and how its event loop fares. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Of the agent that tells of itself. */
interface Told {
  readonly agent: LineAgent;
  readonly journal: Journal;
  /** For a bug in an answer, which the line has nothing to do with. */
  readonly bugs: BugRecord;
}

export async function serveMetrics(
  port: number,
  { agent, journal, bugs }: Told,
): Promise<MetricsServer> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1 });
  gauge(registry, "sortline_line_events_total", "Events a line has worked through", () =>
    agent.hosts.map((host) => [{ line: host.config.lineId }, host.counters().eventsTotal]),
  );
  gauge(registry, "sortline_diverts_total", "Divert commands sent", () =>
    agent.hosts.map((host) => [{ line: host.config.lineId }, host.counters().divertsTotal]),
  );
  gauge(registry, "sortline_commit_missed_total", "Commands too late to send", () =>
    agent.hosts.map((host) => [{ line: host.config.lineId }, host.counters().commandsMissedTotal]),
  );
  gauge(
    registry,
    "sortline_device_discarded_total",
    "Messages and files of a device that could not be read",
    () =>
      agent
        .devices()
        .map(({ id: device, counters }) => [{ line: "", device }, counters["discardedTotal"] ?? 0]),
  );
  gauge(registry, "sortline_journal_entries_total", "Entries made durable", () => [
    [{ line: "" }, journal.health().counters.entriesTotal],
  ]);
  gauge(registry, "sortline_journal_commits_total", "Transactions synced", () => [
    [{ line: "" }, journal.health().counters.commitsTotal],
  ]);

  const ofLog = (read: (log: LogState) => number) => (): readonly Sample[] =>
    agent.storage().logs.map((log) => [{ line: "" }, read(log)]);
  gauge(
    registry,
    "sortline_journal_log_bytes",
    "Length of the journal's write-ahead log",
    ofLog(({ bytes }) => bytes),
  );
  gauge(
    registry,
    "sortline_journal_log_held_s",
    "Since when another program's reading holds it",
    ofLog(({ heldMs }) => heldMs / 1_000),
  );
  gauge(registry, "sortline_disk_free_bytes", "Room on the disk of the data folder", () => {
    const { disk } = agent.storage();
    return disk === null ? [] : [[{ line: "" }, disk.freeBytes]];
  });
  gauge(
    registry,
    "sortline_segments_failing",
    "1 while old records cannot leave the journal for a segment, else 0",
    () => [
      [{ line: "" }, agent.storage().failing?.some(({ store }) => store === "segments") ? 1 : 0],
    ],
  );
  gauge(registry, "sortline_journal_taken", "1 while the centre takes the journal, else 0", () => [
    [{ line: "" }, agent.session.journalDoubt() === null ? 1 : 0],
  ]);

  const answer = async (path: string | undefined): Promise<Answer> => {
    if (path === "/healthz") {
      const reasons = notReadyReasons(agent, journal);
      const isReady = reasons.length === 0;
      const told = agent.devices().flatMap(deviceTold);
      const body = {
        ...(isReady ? { status: "ready" } : { status: "notReady", reasons }),
        ...(told.length === 0 ? {} : { devices: told }),
        ...(bugs.summary().total === 0 ? {} : { bugs: bugs.summary() }),
      };
      return { status: isReady ? 200 : 503, type: "application/json", text: JSON.stringify(body) };
    }
    if (path !== "/metrics") return { status: 404, type: "text/plain", text: "" };
    return { status: 200, type: registry.contentType, text: await registry.metrics() };
  };

  const server = createServer((request, response) => {
    const { url } = request;
    void answer(url)
      .catch((thrown: unknown): Answer => {
        bugs.report(thrown, `answering ${url?.split("?")[0]}`);
        return { status: 500, type: "text/plain", text: "a bug of ours, which the log tells\n" };
      })
      .then(({ status, type, text }) => {
        response.writeHead(status, { "content-type": type }).end(text);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What there is to say of a device, received or not. */
const deviceTold = ({ id, health, reason }: DeviceReport): readonly object[] =>
  reason === null ? [] : [{ id, health, why: deviceReasonLogText(reason) }];

type Sample = readonly [labels: { readonly line: string; readonly device?: string }, value: number];

function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => readonly Sample[],
): void {
  const collected = new Gauge({
    name,
    help,
    labelNames: ["line", "device"],
    registers: [],
    collect() {
      for (const [labels, value] of read()) this.set(labels, value);
    },
  });
  registry.registerMetric(collected);
}
