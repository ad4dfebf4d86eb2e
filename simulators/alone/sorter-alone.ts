import { exits } from "../../protocols/sorting.ts";
import type { Clock } from "../../protocols/time.ts";
import {
  asDevicesSee,
  createSorterCabinet,
  type SorterCabinet,
} from "../devices/sorter/cabinet.ts";
import { sorterConfig, type SorterConfig } from "../devices/sorter/config.ts";
import { createSorterMqttWire } from "../devices/sorter/mqtt-wire.ts";
import { createSorterOpcuaServer } from "../devices/sorter/opcua-server.ts";
import { createSorterTelegramWire } from "../devices/sorter/telegram-wire.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import { createForwarding, type DocumentPost } from "../scenarios/forwarding.ts";
import { quietScenario } from "../scenarios/options.ts";
import { createParcelStream } from "../scenarios/parcel-stream.ts";
import { createCentrePost } from "../site/centre-post.ts";
import { createSeededEntropy, seedOfRun } from "../world/chance.ts";
import { defaultLayout, eyeIdsOf, type WorldLayout } from "../world/layout.ts";
import { createLineWorld } from "../world/line-world.ts";
import { deafOracle, noFaults } from "../world/ports.ts";
import { serveBelt, type BeltServer } from "./belt-link.ts";
import { openAloneBus, openByteWire } from "./device-wires.ts";
import { devicesElsewhere } from "./devices-elsewhere.ts";
import type { AloneOptions } from "./options.ts";
import { openPlc, type OpenPlc } from "./plc-alone.ts";
import { servedAs } from "./served-as.ts";

/** A sorter with its belt and parcels; scanner, scale and X-ray are other processes, or are not there. */
export interface AloneSorter {
  /** Where its wire is. */
  readonly at: string;
  stop(): Promise<void>;
}

export interface SorterParts {
  /** Time of the sorter's electronics. */
  readonly clock: Clock;
  /** Time of belt and parcels; the same one where it runs as fast. */
  readonly worldClock: Clock;
  readonly run: number;
  readonly certificatesFolder: string;
  readonly log: (event: Readonly<Record<string, unknown>>) => void;
}

/** Rejects where a port is taken. */
export async function startSorterAlone(
  options: AloneOptions,
  parts: SorterParts,
): Promise<AloneSorter> {
  const plc = options.map === null ? null : await openPlc(options, options.map, parts);
  const opened = plc ?? (await openSorterWire(options, parts));
  const outputs = plc?.outputs ?? { good: "good-read", noRead: "no-read" };
  let cabinet: SorterCabinet | null = null;
  const belt = await serveBelt(options.beltPort, {
    onMessage: ({ isGood }) => cabinet?.model.pulse(isGood ? outputs.good : outputs.noRead),
    onLost: (why) => parts.log({ kind: "deviceLost", why }),
  });
  const line = createBeltLine(options, parts, {
    wire: opened.wire,
    belt,
    layout: plc?.layout ?? defaultLayout,
    sorter: plc === null ? {} : { ...plcCycle, tracks: tracksOf(plc) },
  });
  cabinet = line.cabinet;
  cabinet.powerOn();
  line.forwarding.start();
  return {
    at: opened.at,
    async stop() {
      line.forwarding.stop();
      line.stopPost();
      line.cabinet.powerOff();
      await Promise.all([belt.close(), opened.close()]);
    },
  };
}

/** A controller shows its count with each cycle. */
const plcCycle = { beltEventEveryMs: 20, beltEventEveryIdleMs: 20 };

const tracksOf = ({ tracks }: OpenPlc): SorterConfig["tracks"] =>
  tracks === null ? null : { places: tracks, aheadEvery: null };

interface OpenWire {
  readonly wire: SorterWire;
  readonly at: string;
  close(): Promise<void>;
}

async function openSorterWire(
  options: AloneOptions,
  { clock, certificatesFolder }: SorterParts,
): Promise<OpenWire> {
  const { wire, id } = options;
  if (wire.kind === "mqtt") {
    const { brokerUrl, base } = wire;
    const bus = openAloneBus(brokerUrl, base, options);
    return { wire: createSorterMqttWire(bus, base), at: `${base}/#`, close: () => bus.close() };
  }
  if (wire.kind !== "opcua") {
    const { link, at } = await openByteWire(wire);
    const telegrams = createSorterTelegramWire({ link, clock });
    return { wire: telegrams, at, close: () => telegrams.close() };
  }
  const server = createSorterOpcuaServer({
    sorterIds: [id],
    port: wire.port,
    certificatesFolder,
    ...servedAs(options, clock.wall()),
  });
  await server.start();
  return { wire: server.wire(id), at: server.endpointUrl(), close: () => server.stop() };
}

interface BeltWiring {
  readonly wire: SorterWire;
  readonly belt: BeltServer;
  readonly layout: WorldLayout;
  readonly sorter: Partial<SorterConfig>;
}

function createBeltLine(
  { id, seed, speed, centreUrl }: AloneOptions,
  { clock, worldClock, run, log }: SorterParts,
  { wire, belt, layout, sorter }: BeltWiring,
) {
  const runSeed = seedOfRun(seed, run);
  const { beltSpeedMmPerS } = layout;
  const scenario = quietScenario;
  const stream = createParcelStream({ seed, run, lineIndex: 0, scenario, beltSpeedMmPerS });
  const post = centreUrl === null ? null : openPost(centreUrl, { runSeed, clock, log });
  const forwarding = createForwarding({
    clock: worldClock,
    stream,
    post: post ?? nowhere,
    parcelsAhead: 5,
    settleMs: 500,
    onAvailable: () => world.infeedChanged(),
  });
  const world = createLineWorld(
    {
      clock: worldClock,
      entropy: createSeededEntropy(runSeed, "people"),
      layout,
      source: forwarding,
      faults: noFaults,
      oracle: deafOracle,
      foreignParcel: () => stream.foreign(),
    },
    (machinery) => {
      const cabinet = createSorterCabinet({
        config: sorterConfig({
          sorterId: id,
          eyeIds: eyeIdsOf(layout),
          diverters: layout.diverters.map(({ exit }) => exit),
          chutes: exits,
          ...sorter,
        }),
        clock,
        entropy: createSeededEntropy(seed, "sorter"),
        wire,
        machinery: { ...machinery, belt: () => asDevicesSee(machinery, speed) },
      });
      const { side, model } = cabinet;
      const count = (): number => model.count();
      return { cabinet, ...devicesElsewhere({ side, count }, machinery, belt) };
    },
  );
  return { cabinet: world.devices.cabinet, forwarding, stopPost: () => post?.stop() };
}

const nowhere: DocumentPost = { send: () => {}, sendReceipt: () => {} };

const openPost = (
  centreUrl: string,
  { runSeed, clock, log }: Pick<SorterParts, "clock" | "log"> & { readonly runSeed: number },
) =>
  createCentrePost({
    centreUrl,
    seed: runSeed,
    clock,
    customsReleases: false,
    onRefused: (reason) => log({ kind: "documentRefused", reason }),
    onReach: (why) => log(why === null ? { kind: "centreReached" } : { kind: "centreLost", why }),
  });
