import { mkdir } from "node:fs/promises";
import type { GenerationBegun } from "../../protocols/generation.ts";
import { linkPacketBytesMin, type LastWord } from "../../protocols/link.ts";
import { createSideStoreWatch, type SideStoreWatch } from "../../protocols/side-stores.ts";
import { startBytesMin } from "../../protocols/storage.ts";
import type { MessageBus } from "../../protocols/transport.ts";
import { openMqttBus } from "../devices/wires/mqtt-bus.ts";
import { realWires, type DriverDeps } from "../devices/wires/wires.ts";
import type { JournalFailure } from "../journal/journal.ts";
import type { SegmentFolder } from "../journal/segments/segment-folder.ts";
import type { SqliteJournal } from "../journal/sqlite/sqlite-journal.ts";
import { sayLastWord } from "../link/last-word.ts";
import { createMqttAgentEnd } from "../link/mqtt-link.ts";
import type { LinkAgentEnd } from "../link/port.ts";
import type { AgentFile } from "./config/agent-file.ts";
import { mqttClientIdsOf, sharedDevices } from "./config/mqtt-client-ids.ts";
import { lineConfigOf } from "./config/read-agent-file.ts";
import { openDataDisk, type DataDisk } from "./data-disk.ts";
import { readDiskRoom } from "./disk-room.ts";
import { noteGeneration, openOwnJournal } from "./journal-generation.ts";
import { segmentFolderOf, startAgentRoller } from "./journal-segments.ts";
import { startLineAgent, type LineAgent } from "./line-agent.ts";
import { serveMetrics } from "./metrics.ts";
import { openDevices } from "./open-devices.ts";
import { createRecorder } from "./recorder.ts";
import { sharedWires } from "../devices/wires/shared-wires.ts";
import { certificatesFolderOf } from "./renew-certificate.ts";
import type { RoleParts, StartedRole } from "./role.ts";
import { trustCommand } from "./trust-command.ts";
import { newEpoch, systemEntropy } from "./system-entropy.ts";
import { createWireTraces } from "./wire-traces.ts";

/**
 * The centre fetches an image within seconds and gives up within minutes; this many are more than an
 * hour of a full line. The bytes hold a hundred and more of the largest.
 */
const imagesKeptMax = 2_000;
const imageBytesKeptMax = 2 * 1024 ** 3;

/** So long an agent that cannot go on tries to tell the centre why. */
const lastWordMsMax = 2_000;

/** Role line on real wires and a real disk. */
export async function startLineRole(parts: RoleParts): Promise<StartedRole> {
  const { file, clock, log, onFatal, onBug } = parts;
  await mkdir(file.dataDir, { recursive: true });
  const opened = await openStores(parts);
  if (opened.kind === "refused") return refuse(opened, parts);
  const { journal, images, storage, sideStores, segments } = opened;
  const deps = openDeviceDeps(parts);
  const traces = createWireTraces({ clock, onBug });
  const { bus, linkEnd } = openLink(parts);
  /** The line is safe by now: nothing becomes durable, so nothing leaves but what is safer. */
  const leave = async ({ code: failed, why }: JournalFailure): Promise<void> => {
    const isFull = failed === "diskFull" || (await hasNoRoom(file));
    const word = { code: isFull ? "diskFull" : "journalFailed", why } as const;
    await agent.session.leave(word, lastWordMsMax);
    onFatal(`journal: ${why}`);
  };
  const agent = startLineAgent({
    lines: file.lines.map((entry) => ({
      ...lineConfigOf(entry.line),
      devices: openDevices(entry, deps, traces),
    })),
    epoch: newEpoch(),
    firstToken: () => Math.floor(systemEntropy.next() * 10_000),
    chain: journal.chain,
    clock,
    recorder: createRecorder({ journal, onHole: (failure) => void leave(failure) }),
    journal,
    images,
    storage,
    log,
    onBug,
    linkEnd,
    traces,
    onGeneration: (begun) => beginAnew(begun, agent, parts),
  });
  const roller = startAgentRoller({
    file,
    journal,
    folder: segments,
    // A centre that does not take this journal may be put back once more.
    centreHoldsSeq: () =>
      agent.session.journalDoubt() === null ? agent.session.counters().outbox.ackedSeq : 0,
    sideStores,
    clock,
    log,
    bugs: parts.bugs,
  });
  const metrics =
    file.metricsPort === null
      ? null
      : await serveMetrics(file.metricsPort, { agent, journal, bugs: parts.bugs });
  return {
    kind: "running",
    facts: {
      // 2 is FULL: asked of the connection that writes, so that whoever starts it can see it.
      journalSynchronous: await journal.readPragmaSynchronous(),
      ...(metrics === null ? {} : { metricsPort: metrics.port }),
    },
    stop: async (word) => {
      storage.stop();
      await roller.stop();
      await metrics?.close();
      await agent.session.leave(word, 0);
      await agent.stop();
      await bus.close();
      await journal.close();
    },
  };
}

type Stores =
  | (DataDisk & {
      readonly kind: "opened";
      readonly journal: SqliteJournal;
      readonly segments: SegmentFolder;
      readonly sideStores: SideStoreWatch;
    })
  | StoresRefused;

interface StoresRefused {
  readonly kind: "refused";
  /** Null where another process of this agent runs: it speaks for itself. */
  readonly word: LastWord | null;
  readonly why: string;
}

async function openStores({ file, clock, log }: RoleParts): Promise<Stores> {
  const { agentId, dataDir } = file;
  const segments = segmentFolderOf(dataDir, "journal");
  const opened = await openOwnJournal({ dataDir, agentId, clock, segments });
  if (opened.kind === "refused") {
    const why = `journal: ${opened.why}`;
    if (opened.code === "fileLocked") return { kind: "refused", word: null, why };
    const code = (await hasNoRoom(file)) ? "diskFull" : "journalUnopened";
    return { kind: "refused", word: { code, why }, why };
  }
  const { journal } = opened;
  if (await hasNoRoom(file)) {
    await journal.close();
    const why = `${dataDir}: the disk is full`;
    return { kind: "refused", word: { code: "diskFull", why }, why };
  }
  const sideStores = createSideStoreWatch();
  const disk = await openDataDisk({
    clock,
    log,
    dataDir,
    imageBounds: { imagesMax: imagesKeptMax, bytesMax: imageBytesKeptMax },
    linesTotal: file.lines.length,
    logs: [{ file: "journal", read: () => journal.readLogState() }],
    sideStores,
  });
  return { kind: "opened", journal, segments, sideStores, ...disk };
}

/** Nobody hears of it but the centre and the log: whoever starts this agent starts it anew. */
async function refuse({ word, why }: StoresRefused, parts: RoleParts): Promise<StartedRole> {
  if (word !== null) {
    const { bus, linkEnd } = openLink(parts);
    await sayLastWord(linkEnd, word, { clock: parts.clock, waitMsMax: lastWordMsMax });
    await bus.close();
  }
  return { kind: "refused", why };
}

const hasNoRoom = async ({ dataDir }: AgentFile): Promise<boolean> => {
  const room = await readDiskRoom(dataDir);
  return room !== null && room.freeBytes < startBytesMin;
};

/** The next start begins the new generation; what is on the belt goes to inspection. */
function beginAnew(
  begun: GenerationBegun,
  { session }: LineAgent,
  { file, onFatal, onBug }: RoleParts,
): void {
  const why = `journal: generation ${begun.chain} begins`;
  noteGeneration(file.dataDir, begun).then(
    async () => {
      await session.leave({ code: "newGeneration", why }, lastWordMsMax);
      onFatal(why);
    },
    (error: unknown) => onBug(error, "noting a generation of the journal"),
  );
}

function openLink({ file, clock, log }: RoleParts): {
  readonly bus: MessageBus;
  readonly linkEnd: LinkAgentEnd;
} {
  const { agentId, site, link } = file;
  const bus = openMqttBus({
    brokerUrl: link.brokerUrl,
    tls: link.tls,
    user: link.user,
    clientId: mqttClientIdsOf(file).line,
    clock,
    entropy: systemEntropy,
    log: log.child("link"),
    neededPacketBytes: linkPacketBytesMin,
  });
  const { packetBytesMax } = link;
  return { bus, linkEnd: createMqttAgentEnd({ bus, site, agentId, packetBytesMax }) };
}

function openDeviceDeps({ file, configPath, clock, log }: RoleParts): DriverDeps {
  const wires = realWires({
    clientIdOf: mqttClientIdsOf(file).device,
    clock,
    entropy: systemEntropy,
    log: log.child("devices"),
    certificatesFolder: certificatesFolderOf(file.dataDir),
  });
  return {
    wires: file.mqttConnections === "shared" ? sharedWires(wires, sharedDevices) : wires,
    clock,
    trustCommandOf: (deviceId) => trustCommand(configPath, deviceId),
  };
}
