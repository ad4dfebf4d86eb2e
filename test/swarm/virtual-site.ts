import type { SwarmBinding } from "./bindings.ts";
import { startCentre, type Centre } from "../../edge/centre/centre.ts";
import { createDocumentDesk } from "../../edge/centre/documents/desk.ts";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { centreConfigOf } from "../../edge/runtime/config/centre-config.ts";
import type { LineAgent } from "../../edge/runtime/line-agent.ts";
import type { Recorder } from "../../edge/runtime/recorder.ts";
import type { Clock } from "../../protocols/time.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import type { VirtualClock } from "../../simulators/clock/virtual-clock.ts";
import type { FaultSwitch } from "../../simulators/faults/faults.ts";
import type { SiteWideFault } from "../../simulators/faults/plan.ts";
import type { LineWires } from "../../simulators/site/lab-line-options.ts";
import { openMemoryWires, type XraySpeech } from "../../simulators/site/memory-wires.ts";
import { createSeededEntropy, integer } from "../../simulators/world/chance.ts";
import { createMemoryCopies } from "./memory-copies.ts";
import { siteFiles } from "./site-files.ts";
import { isOverBroker, openSorterSpeech, type SorterSpeech } from "./sorter-speech.ts";
import { startVirtualAgent } from "./virtual-agent.ts";
import { createLinkWeather } from "./link-weather.ts";
import { inVirtualTime } from "../kit/virtual-wait.ts";

/**
 * A whole site in virtual time: the shipped drivers, core, link and centre on in-memory wires, in
 * one process. What it lacks of a real one is disks, sockets and the page.
 */
export interface VirtualSite {
  readonly centre: Centre;
  readonly agent: LineAgent;
  /** The devices' ends, with what can be broken on the way to the agent and on to the centre. */
  readonly wires: LineWires;
  readonly journal: MemoryJournal;
  /** SHA-256 of every record of the agent that the centre holds, and their number. */
  readonly copied: () => { readonly hash: string; readonly records: number };
  /** Runs the site for so long; promises are settled at every few milliseconds of its time. */
  runFor(ms: number): Promise<void>;
}

export interface VirtualSiteOptions {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly lineId: string;
  /** Hears every entry as it is recorded: the agent's trace. */
  readonly onEntry: (entry: Parameters<Recorder["record"]>[0]) => void;
  /** Whether the line hears what the centre says, as far as the wire goes. */
  readonly onLinkChanged: (isHeard: boolean) => void;
  /** The agent's machine has slept; it does not know yet. */
  readonly onAgentSlept: () => void;
  readonly inspectionRate: number;
  readonly imageVerdictBy: "algorithm" | "officer" | "both";
  readonly drawSecretHex: string;
  readonly binding: SwarmBinding;
  readonly hasScale: boolean;
  readonly sorterSpeech: SorterSpeech;
  readonly xraySpeech: XraySpeech;
  /** Milliseconds each journal sync takes. */
  readonly syncMs: () => number;
}

/** Promises of the shell are settled this often: no more often than a disk would answer. */
const quantumMs = 20;
/** Bytes of a serial line that arrive together, at most. */
const chunkBytesMax = 24;

export async function startVirtualSite(options: VirtualSiteOptions): Promise<VirtualSite> {
  const { seed, lineId, clock, sorterSpeech: speech } = options;
  const files = siteFiles(options, clock.wall());
  const chunks = createSeededEntropy(seed, "chunks");
  const wires = openMemoryWires({
    clock,
    lineId,
    latencyMs: () => 1,
    chunkBytes: () => integer(chunks, 1, chunkBytesMax),
    ...(isOverBroker(speech)
      ? {}
      : { openSorter: (end) => openSorterSpeech({ clock, seed, speech }, end) }),
    xraySpeech: options.xraySpeech,
  });
  const weather = createLinkWeather(seed);
  const link = createMemoryLink({ clock, carry: weather.carry });
  const journal = new MemoryJournal({
    chain: files.agentId,
    clock,
    hashing: "never",
    syncMs: options.syncMs,
    recordsKeptMax: 50_000,
  });
  const copies = createMemoryCopies();
  const calendar = { aheadMs: 0, centreAheadMs: 0, sleptMs: 0 };
  const centreClock: Clock = {
    ...clock,
    wall: () => epochMs(clock.wall() + calendar.centreAheadMs),
  };
  const centre = await inVirtualTime(
    clock,
    startCentre({
      config: centreConfigOf("lab", files.centre),
      clock: centreClock,
      entropy: createSeededEntropy(seed, "centre"),
      createDesk: (hooks) =>
        createDocumentDesk({ config: files.centre.documents, clock: centreClock, ...hooks }),
      link: link.centre,
      journal: new MemoryJournal({
        chain: "centre",
        clock,
        hashing: "never",
        recordsKeptMax: 1_000,
      }),
      copies,
      signGeneration: null,
      images: createMemoryImages({ imagesMax: 200, bytesMax: 1e9 }),
    }),
  );
  const agent = startVirtualAgent({
    role: files.role,
    chain: files.agentId,
    firstToken: seed % 10_000,
    clock: {
      ...clock,
      wall: () => epochMs(clock.wall() + calendar.aheadMs + calendar.sleptMs),
      boot: () => monotonicMs(clock.monotonic() + calendar.sleptMs),
    },
    wires: wires.agent,
    journal,
    linkEnd: link.agent(files.agentId),
    onEntry: options.onEntry,
  });
  return {
    centre,
    agent,
    wires: {
      ...wires.devices,
      switches: {
        ...wires.devices.switches,
        linkCut: (isCut) => {
          if (isCut) link.cut(files.agentId);
          else link.restore(files.agentId);
          weather.setCut(isCut);
          options.onLinkChanged(weather.isFair());
        },
        linkLossy: (isLossy) => {
          weather.setLossy(isLossy);
          options.onLinkChanged(weather.isFair());
        },
        calendarSteps: (isOff, strength) => {
          calendar.aheadMs = isOff ? Math.round((strength - 0.5) * calendarStepMsMax) : 0;
        },
        centreCalendarSteps: (isOff, strength) => {
          const stepMs = Math.round((strength - 0.5) * centreStepMsMax);
          calendar.centreAheadMs = isOff ? stepMs : 0;
        },
        agentSleeps: (isAsleep, strength) => {
          if (!isAsleep) return;
          calendar.sleptMs += Math.round(strength * sleepMsMax);
          options.onAgentSlept();
        },
        // The swarm leaves no fault out: one without a switch does not compile.
      } satisfies Readonly<Record<SiteWideFault, FaultSwitch>>,
    },
    journal,
    copied: () => copies.digest(files.agentId),
    runFor: async (ms) => {
      const endAt = clock.monotonic() + ms;
      while (clock.monotonic() < endAt) {
        clock.runFor(Math.min(quantumMs, endAt - clock.monotonic()));
        await settled();
      }
    },
  };
}

/** Two hours, either way. */
const calendarStepMsMax = 4 * 3_600_000;
/** A day and an hour, either way: more than any wait for a document. */
const centreStepMsMax = 50 * 3_600_000;
/** A night, and seldom no more than a nap. */
const sleepMsMax = 12 * 3_600_000;

/** Lets everything that waits for a promise go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
