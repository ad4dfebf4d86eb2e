import { startCentre, type Centre } from "../../edge/centre/centre.ts";
import { zCentreConfig, type CentreConfig } from "../../edge/centre/config.ts";
import { createDocumentDesk } from "../../edge/centre/documents/desk.ts";
import type { JournalEntry } from "../../edge/journal/entries.ts";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink, type MemoryLink, type Trip } from "../../edge/link/memory-link.ts";
import { createRecorder } from "../../edge/runtime/recorder.ts";
import { startLineAgent, type LineAgent } from "../../edge/runtime/line-agent.ts";
import { asBug } from "../../protocols/bug.ts";
import { person } from "../../protocols/actor.ts";
import { epochOf } from "../../protocols/pass-id.ts";
import type { DownMessage } from "../../protocols/link.ts";
import { silentLog } from "../../protocols/log.ts";
import type { VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { centreConfig } from "../centre/kit/config.ts";
import { createMemoryCopies } from "../swarm/memory-copies.ts";
import { testConfig, testParameters } from "../unit/clearance-kit.ts";
import { whileAlive, whileAliveAtAgent, whileAliveAtCentre, type Life } from "./life.ts";
import { createScriptedLine, scriptedConfig, type ScriptedLine } from "./scripted-line.ts";
import { inVirtualTime } from "../kit/virtual-wait.ts";

/**
 * The shipped centre and shipped agents, on links in memory, with scripted machines. Each of the
 * programs can be killed: what is not durable is lost, and what it was about to do is not done.
 */
export interface ClaimSite {
  /** Null while none runs. */
  centre(): Centre | null;
  readonly link: MemoryLink;
  readonly lines: ReadonlyMap<string, ScriptedLine>;
  agentIdOf(lineId: string): string;
  /** Null while none runs. */
  agentOf(lineId: string): LineAgent | null;
  killCentre(how: Kill): void;
  /** From its journal and the copies of the agents'. Resolves when it runs, if it was not killed before. */
  startCentre(): Promise<void>;
  killAgent(agentId: string, how: Kill): void;
  startAgent(agentId: string): void;
  runFor(ms: number): Promise<void>;
}

type Kill = Parameters<MemoryJournal["killed"]>[0];

export interface ClaimSiteOptions {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly syncMs: () => number;
  /** Of the centre's rows. Default: they are there at once. */
  readonly readMs?: () => number;
  readonly rowsHeldMax?: number;
  /** Default: 2 ms. */
  readonly agentSyncMs?: () => number;
  readonly carry: (trip: Trip) => readonly number[];
  readonly onGreen: (lineId: string, passId: string) => void;
  /** Default: nobody looks. */
  readonly onFired?: (lineId: string, passId: string) => void;
  readonly lineIds: readonly string[];
  /** Default: each line has an agent of its own. */
  readonly agentIdOf?: (lineId: string) => string;
  /** Everything that an agent journals, as it does. */
  readonly onEntry: (agentId: string, entry: JournalEntry) => void;
  /** Hears what an agent hears, before it does. */
  readonly onDown: (agentId: string, message: DownMessage) => void;
}

export const leaseMs = 4_000;
/** So long a manifest waits for a paper that is missing. */
export const documentWaitMs = 12_000;
/** Promises of the shell are settled this often. */
const quantumMs = 20;

export async function startClaimSite(options: ClaimSiteOptions): Promise<ClaimSite> {
  const { clock, lineIds, agentIdOf = (lineId) => `agent-${lineId}` } = options;
  const link = createMemoryLink({ clock, carry: options.carry });
  const central = createCentral({ ...options, agentIdOf }, link);
  const lines = new Map<string, ScriptedLine>();
  for (const lineId of lineIds) {
    const onGreen = (passId: string): void => options.onGreen(lineId, passId);
    const onFired = (passId: string): void => options.onFired?.(lineId, passId);
    lines.set(lineId, createScriptedLine({ lineId, clock, onGreen, onFired }));
  }
  const agents = new Map<string, RunningAgent>();
  for (const agentId of new Set(lineIds.map(agentIdOf))) {
    const own = [...lines].filter(([lineId]) => agentIdOf(lineId) === agentId);
    agents.set(agentId, createAgent(agentId, new Map(own), options, link));
  }
  await inVirtualTime(clock, central.start(), 1);
  const desk = central.now()?.site.desk;
  // Nobody waits an hour for the calendar to prove steady: only then waits end.
  desk?.confirmCalendar(person("wang", "supervisor", "desk-2"), () => {});
  for (const agent of agents.values()) agent.start();
  return {
    centre: central.now,
    link,
    lines,
    agentIdOf,
    agentOf: (lineId) => agents.get(agentIdOf(lineId))?.now() ?? null,
    killCentre: central.kill,
    startCentre: central.start,
    killAgent: (agentId, how) => agents.get(agentId)?.kill(how),
    startAgent: (agentId) => agents.get(agentId)?.start(),
    runFor: async (ms) => {
      const endAt = clock.monotonic() + ms;
      while (clock.monotonic() < endAt) {
        clock.runFor(Math.min(quantumMs, endAt - clock.monotonic()));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

interface Central {
  readonly now: () => Centre | null;
  readonly start: () => Promise<void>;
  readonly kill: (how: Kill) => void;
}

type Whole = ClaimSiteOptions & Required<Pick<ClaimSiteOptions, "agentIdOf">>;

function createCentral(options: Whole, link: MemoryLink): Central {
  const { seed, clock, syncMs, readMs = () => 0, rowsHeldMax = 1_000 } = options;
  const config = configFor(options);
  const documents = testConfig({
    documentWaitMs,
    parameters: [testParameters({ machinePassRatio: 0 })],
  });
  const copies = createMemoryCopies();
  const entropy = createSeededEntropy(seed, "centre");
  let journal = new MemoryJournal({ chain: "centre", clock, hashing: "never", syncMs, readMs });
  let life: Life = { isOver: true };
  let running: Centre | null = null;
  return {
    now: () => running,
    start: async () => {
      const own = { isOver: false };
      life = own;
      const centre = await startCentre({
        config,
        clock,
        entropy,
        createDesk: (hooks) => createDocumentDesk({ config: documents, clock, ...hooks }),
        link: whileAliveAtCentre(link.centre, own),
        journal,
        rowsHeldMax,
        copies: { ...copies, take: whileAlive(copies.take, own) },
        signGeneration: null,
        images: createMemoryImages({ imagesMax: 1, bytesMax: 1 }),
      });
      if (own.isOver) void centre.stop();
      else running = centre;
    },
    kill: (how) => {
      void link.centre.close();
      life.isOver = true;
      journal = journal.killed(how);
      // Its clocks stop; of what else it does on its way nothing gets anywhere.
      void running?.stop();
      running = null;
    },
  };
}

/** Lines like the first of the tests' centre. */
function configFor({ lineIds, agentIdOf }: Whole): CentreConfig {
  const [first] = centreConfig().lines;
  const text = JSON.stringify(first);
  return zCentreConfig.parse({
    site: "zjg",
    clearance: { leaseMs, heartbeatMs: 1_000 },
    lines: lineIds.map((lineId): unknown => ({
      ...(JSON.parse(text.replaceAll("L1", lineId)) as object),
      agentId: agentIdOf(lineId),
    })),
  });
}

interface RunningAgent {
  readonly now: () => LineAgent | null;
  readonly start: () => void;
  readonly kill: (how: Kill) => void;
}

function createAgent(
  agentId: string,
  lines: ReadonlyMap<string, ScriptedLine>,
  options: ClaimSiteOptions,
  link: MemoryLink,
): RunningAgent {
  const { clock, seed, agentSyncMs: syncMs = () => 2 } = options;
  let journal = new MemoryJournal({ chain: agentId, clock, hashing: "never", syncMs });
  let life: Life = { isOver: true };
  let running: LineAgent | null = null;
  let runs = 0;
  const start = (): void => {
    const own = { isOver: false };
    life = own;
    runs += 1;
    const recorder = createRecorder({
      journal,
      onHole: ({ why }) => {
        throw new Error(`the journal has a hole: ${why}`);
      },
    });
    const wire = whileAliveAtAgent(link.agent(agentId), own);
    running = startLineAgent({
      lines: [...lines].map(([lineId, { devices }]) => ({
        config: scriptedConfig(lineId),
        configHash: "0".repeat(64),
        devices,
      })),
      epoch: epochOf(Math.floor(clock.wall() / 1_000), runs.toString(16).padStart(8, "0")),
      firstToken: () => (seed + 1_237 * runs) % 10_000,
      chain: agentId,
      clock,
      log: silentLog,
      onGeneration: () => {},
      onBug: (thrown, where) => {
        throw asBug(thrown, where);
      },
      recorder: {
        record: (entry, then) => {
          options.onEntry(agentId, entry);
          recorder.record(entry, then);
        },
      },
      journal,
      images: createMemoryImages({ imagesMax: 1, bytesMax: 1 }),
      linkEnd: {
        ...wire,
        start: (handlers) =>
          wire.start({
            ...handlers,
            onMessage: (message) => {
              options.onDown(agentId, message);
              handlers.onMessage(message);
            },
          }),
      },
    });
  };
  return {
    now: () => running,
    start,
    kill: (how) => {
      void link.agent(agentId).close();
      life.isOver = true;
      journal = journal.killed(how);
      void running?.stop();
      running = null;
    },
  };
}
