import { startCentre, type Centre } from "../../edge/centre/centre.ts";
import { zCentreConfig, type CentreConfig } from "../../edge/centre/config.ts";
import { createDocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink, type MemoryLink, type Trip } from "../../edge/link/memory-link.ts";
import type { LinkAgentEnd } from "../../edge/link/port.ts";
import { createRecorder } from "../../edge/runtime/recorder.ts";
import { startLineAgent, type LineAgent } from "../../edge/runtime/line-agent.ts";
import { asBug } from "../../protocols/bug.ts";
import type { DownMessage } from "../../protocols/link.ts";
import { silentLog } from "../../protocols/log.ts";
import type { VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { centreConfig } from "../centre/kit/config.ts";
import { createMemoryCopies } from "../swarm/memory-copies.ts";
import { testConfig, testParameters } from "../unit/clearance-kit.ts";
import { createScriptedLine, scriptedConfig, type ScriptedLine } from "./scripted-line.ts";

/** The shipped centre and a shipped agent for each line, on links in memory, with scripted machines. */
export interface ClaimSite {
  readonly centre: Centre;
  readonly link: MemoryLink;
  readonly lines: ReadonlyMap<string, ScriptedLine>;
  readonly agents: ReadonlyMap<string, LineAgent>;
  runFor(ms: number): Promise<void>;
}

export interface ClaimSiteOptions {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly syncMs: () => number;
  readonly carry: (trip: Trip) => readonly number[];
  readonly onGreen: (lineId: string, passId: string) => void;
  readonly lineIds: readonly string[];
  /** Everything that an agent journals, as it does. */
  readonly onEntry: (lineId: string, entry: JournalEntry) => void;
  /** Hears what an agent hears, before it does. */
  readonly onDown: (lineId: string, message: DownMessage) => void;
}

export const leaseMs = 4_000;
/** Promises of the shell are settled this often. */
const quantumMs = 20;

export async function startClaimSite(options: ClaimSiteOptions): Promise<ClaimSite> {
  const { seed, clock, syncMs, lineIds } = options;
  const link = createMemoryLink({ clock, carry: options.carry });
  const documents = testConfig({ parameters: [testParameters({ machinePassRatio: 0 })] });
  const centre = await startCentre({
    config: configFor(lineIds),
    clock,
    entropy: createSeededEntropy(seed, "centre"),
    createDesk: (hooks) => createDocumentDesk({ config: documents, clock, ...hooks }),
    link: link.centre,
    journal: new MemoryJournal({ chain: "centre", clock, hashing: "never", syncMs }),
    copies: createMemoryCopies(),
    signGeneration: null,
    images: createMemoryImages({ imagesMax: 1, bytesMax: 1 }),
  });
  const lines = new Map<string, ScriptedLine>();
  const agents = new Map<string, LineAgent>();
  for (const lineId of lineIds) {
    const onGreen = (passId: string): void => options.onGreen(lineId, passId);
    const line = createScriptedLine({ lineId, clock, onGreen });
    lines.set(lineId, line);
    const end = link.agent(`agent-${lineId}`);
    agents.set(lineId, startAgent(lineId, line, { ...options, end }));
  }
  return {
    centre,
    link,
    lines,
    agents,
    runFor: async (ms) => {
      const endAt = clock.monotonic() + ms;
      while (clock.monotonic() < endAt) {
        clock.runFor(Math.min(quantumMs, endAt - clock.monotonic()));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** Lines like the first of the tests' centre, an agent each. */
function configFor(lineIds: readonly string[]): CentreConfig {
  const [first] = centreConfig().lines;
  const text = JSON.stringify(first);
  return zCentreConfig.parse({
    site: "zjg",
    clearance: { leaseMs, heartbeatMs: 1_000 },
    lines: lineIds.map((lineId): unknown => JSON.parse(text.replaceAll("L1", lineId))),
  });
}

function startAgent(
  lineId: string,
  { devices }: ScriptedLine,
  { clock, seed, end, onDown, onEntry }: ClaimSiteOptions & { readonly end: LinkAgentEnd },
): LineAgent {
  const chain = `agent-${lineId}`;
  const journal = new MemoryJournal({ chain, clock, hashing: "never", syncMs: () => 2 });
  const recorder = createRecorder({
    journal,
    onHole: ({ why }) => {
      throw new Error(`the journal has a hole: ${why}`);
    },
  });
  return startLineAgent({
    lines: [{ config: scriptedConfig(lineId), configHash: "0".repeat(64), devices }],
    epoch: "e1",
    firstToken: () => seed % 10_000,
    chain,
    clock,
    log: silentLog,
    onGeneration: () => {},
    onBug: (thrown, where) => {
      throw asBug(thrown, where);
    },
    recorder: {
      record: (entry, then) => {
        onEntry(lineId, entry);
        recorder.record(entry, then);
      },
    },
    journal,
    images: createMemoryImages({ imagesMax: 1, bytesMax: 1 }),
    linkEnd: {
      ...end,
      start: (handlers) =>
        end.start({
          ...handlers,
          onMessage: (message) => {
            onDown(lineId, message);
            handlers.onMessage(message);
          },
        }),
    },
  });
}
