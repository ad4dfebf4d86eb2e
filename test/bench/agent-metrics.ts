/** The agent's own word on itself: its Prometheus endpoint. */
export interface AgentMetrics {
  /** Of all its lines. */
  readonly divertsTotal: number;
  readonly commitsMissedTotal: number;
  readonly journalEntriesTotal: number;
  readonly journalCommitsTotal: number;
  /** Since the look before: each look begins a new measurement. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

export async function readAgentMetrics(port: number): Promise<AgentMetrics> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await response.text();
  const ms = (name: string): number => totalOf(text, name) * 1_000;
  return {
    divertsTotal: totalOf(text, "sortline_diverts_total"),
    commitsMissedTotal: totalOf(text, "sortline_commit_missed_total"),
    journalEntriesTotal: totalOf(text, "sortline_journal_entries_total"),
    journalCommitsTotal: totalOf(text, "sortline_journal_commits_total"),
    loopDelayMs: {
      p50: ms("nodejs_eventloop_lag_p50_seconds"),
      p99: ms("nodejs_eventloop_lag_p99_seconds"),
      max: ms("nodejs_eventloop_lag_max_seconds"),
    },
  };
}

/** Sum over all labels of one metric in the Prometheus text format; 0 when it is not there. */
export function totalOf(text: string, name: string): number {
  let total = 0;
  for (const line of text.split("\n")) {
    if (!line.startsWith(name)) continue;
    const next = line[name.length];
    if (next === "{" || next === " ") total += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return total;
}
