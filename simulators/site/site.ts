import { resolve } from "node:path";
import type { Clock } from "../../protocols/time.ts";
import { createSystemClock } from "../clock/system-clock.ts";
import type { WorldFile } from "../config.ts";
import type { SorterOpcuaServer } from "../devices/sorter/opcua-server.ts";
import { defaultAlgorithm } from "../images/algorithm.ts";
import { createPreparedPictures } from "../images/prepared-pictures.ts";
import { createEyesight } from "../officers/eyesight.ts";
import { createHttpOfficerApi } from "../officers/http-api.ts";
import { createOfficer, type Officer, type OfficerCounters } from "../officers/officer.ts";
import { createSeededEntropy, seedOfRun } from "../world/chance.ts";
import { deafOracle } from "../world/ports.ts";
import { createCentrePost, type PostCounters } from "./centre-post.ts";
import { createLabLine, type LabLine } from "./lab-line.ts";
import { openSiteWires } from "./real-wires.ts";
import { openWitness } from "./witness.ts";

/** A whole lab site on real wires and in real time. */
export interface LabSite {
  readonly lines: readonly LabLine[];
  readonly opcua: SorterOpcuaServer | null;
  counters(): SiteCounters;
  stop(): Promise<void>;
}

export interface SiteCounters {
  readonly post: PostCounters;
  readonly officers: readonly OfficerCounters[];
  readonly onBelt: Readonly<Record<string, number>>;
}

export async function startSite(
  file: WorldFile,
  folder: string,
  log: (event: Readonly<Record<string, unknown>>) => void,
): Promise<LabSite> {
  const deviceClock = createSystemClock();
  // One clock where it can be one: then nothing overtakes anything when the process is held up.
  const worldClock = file.speed === 1 ? deviceClock : createSystemClock({ speed: file.speed });
  // People live as fast as the belts, but write the true time of day on what they do.
  const peopleClock: Clock = { ...worldClock, wall: () => deviceClock.wall() };
  const wires = await openSiteWires(file, folder);
  const eyesight = createEyesight();
  const runSeed = seedOfRun(file.seed, file.run);
  const post = createCentrePost({
    centreUrl: file.centreUrl,
    seed: runSeed,
    clock: peopleClock,
    customsReleases: file.customsReleases,
    onRefused: (reason) => log({ kind: "documentRefused", reason }),
    onReach: (why) => log(why === null ? { kind: "centreReached" } : { kind: "centreLost", why }),
  });
  const pictures = createPreparedPictures(file.image, ({ message }) =>
    log({ kind: "picturesDrawnHere", why: message }),
  );
  const witness =
    file.witnessFile === null ? null : openWitness(resolve(folder, file.witnessFile), deviceClock);
  const lines = file.lines.flatMap((line, lineIndex) => {
    const lineWires = wires.lines[lineIndex];
    if (lineWires === undefined) return [];
    return createLabLine({
      lineId: line.id,
      seed: file.seed,
      run: file.run,
      lineIndex,
      layout: line.layout,
      scenario: line.scenario,
      faultPlan: line.faults,
      worldClock,
      deviceClock,
      speed: file.speed,
      wires:
        witness === null
          ? lineWires
          : { ...lineWires, sorter: witness.overhear(line.id, lineWires.sorter) },
      pictures: pictures.take,
      algorithm: defaultAlgorithm,
      eyesight,
      post,
      oracle: witness?.oracle(line.id) ?? deafOracle,
      parcelsAhead: file.parcelsAhead,
      settleMs: file.settleMs,
      onReleased({ physical }) {
        pictures.prepare(physical);
        witness?.released(physical);
      },
      onFaultFired: (name) => log({ kind: "fault", lineId: line.id, name }),
    });
  });
  const officers = createOfficers(file, { runSeed, clock: peopleClock, eyesight });

  for (const line of lines) line.start();
  for (const officer of officers) officer.start();

  return {
    lines,
    opcua: wires.opcua,
    counters: () => ({
      post: post.counters(),
      officers: officers.map((officer) => officer.counters()),
      onBelt: Object.fromEntries(lines.map(({ lineId, world }) => [lineId, world.onBelt().length])),
    }),
    async stop() {
      for (const officer of officers) officer.stop();
      post.stop();
      await Promise.all(lines.map((line) => line.stop()));
      await Promise.all([wires.close(), pictures.close()]);
      witness?.close();
    },
  };
}

function createOfficers(
  file: WorldFile,
  {
    runSeed,
    clock,
    eyesight,
  }: {
    readonly runSeed: number;
    readonly clock: Clock;
    readonly eyesight: ReturnType<typeof createEyesight>;
  },
): readonly Officer[] {
  const api = createHttpOfficerApi(file.centreUrl);
  return Array.from({ length: file.officers }, (_, index) =>
    createOfficer({
      name: `lab-officer-${index + 1}`,
      station: `lab-desk-${index + 1}`,
      api,
      clock,
      entropy: createSeededEntropy(runSeed, `officer ${index}`),
      eyesight,
    }),
  );
}
