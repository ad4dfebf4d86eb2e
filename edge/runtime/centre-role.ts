import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createDayFiles } from "../archive/day-files.ts";
import { startCentre } from "../centre/centre.ts";
import { RestoreRefused } from "../centre/restore.ts";
import { createDocumentDesk } from "../centre/documents/desk.ts";
import { openRefusedFolder } from "../centre/refused-messages.ts";
import { listenCentreServer } from "../centre/http/server.ts";
import { openMqttBus } from "../devices/wires/mqtt-bus.ts";
import { keptClearanceOf } from "../clearance/parameters.ts";
import { keepDrawKeys } from "../journal/draw-key-file.ts";
import { SegmentError } from "../journal/segments/segment-file.ts";
import type { SegmentRoller } from "../journal/segments/roller.ts";
import { openJournalCopies } from "../journal/sqlite/sqlite-copies.ts";
import { openRowJournal } from "../journal/sqlite/sqlite-journal.ts";
import { createMqttCentreEnd } from "../link/mqtt-link.ts";
import { createFactLog } from "../../protocols/fact-log.ts";
import { fileReason } from "../../protocols/file-reason.ts";
import { linkPacketBytesMin } from "../../protocols/link.ts";
import { createSideStoreWatch } from "../../protocols/side-stores.ts";
import { reportStreamBugs } from "../../protocols/streams/stream-bugs.ts";
import { startAnchorKeeper } from "../journal/anchors/anchor-keeper.ts";
import type { AgentFile } from "./config/agent-file.ts";
import { mqttClientIdsOf } from "./config/mqtt-client-ids.ts";
import { centreConfigOf } from "./config/centre-config.ts";
import { createArchiveKeeper, type ArchiveKeeper } from "../store/archive-keeper.ts";
import { centreChainOf, centreJournalFile } from "./centre-chain.ts";
import { openDataDisk } from "./data-disk.ts";
import { segmentFolderOf, startCentreRollers } from "./journal-segments.ts";
import type { RoleParts, StartedRole } from "./role.ts";
import { systemEntropy } from "./system-entropy.ts";

/** What is known of each image is in memory, about 200 bytes; the configuration bounds the disk. */
const imagesKeptMax = 1_000_000;

/** Messages of others that were refused; beyond either, the oldest leave. */
const refusedMessagesMax = 1_000;
const refusedBytesMax = 64 * 1_024 * 1_024;

/** Role centre on a real disk and a real network. */
export async function startCentreRole(
  { file, clock, log, bugs }: RoleParts,
  settings: NonNullable<AgentFile["centre"]>,
): Promise<StartedRole> {
  const { site, dataDir } = file;
  reportStreamBugs((thrown) => bugs.report(thrown, "a stream of the centre"));
  await mkdir(dataDir, { recursive: true });
  const config = centreConfigOf(site, settings);
  const ownSegments = segmentFolderOf(dataDir, "centre");
  const named = await centreChainOf(file);
  if (named.kind === "refused") return { kind: "refused", why: `journal: ${named.why}` };
  const opened = await openRowJournal({
    file: join(dataDir, centreJournalFile),
    chain: named.chain,
    clock,
    segments: ownSegments,
  });
  if (opened.kind === "refused") return { kind: "refused", why: `journal: ${opened.why}` };
  const copySegments = segmentFolderOf(dataDir, "copies");
  const held = await openJournalCopies({
    file: join(dataDir, "copies.db"),
    segments: copySegments,
  });
  if (held.kind === "refused") return { kind: "refused", why: `copies: ${held.why}` };
  const { copies } = held;
  const keys = await keepDrawKeys(
    join(dataDir, "draw-keys.jsonl"),
    keptClearanceOf(settings.documents).keys,
  );
  if (keys.kind === "refused") return { kind: "refused", why: `draw keys: ${keys.why}` };
  const sideStores = createSideStoreWatch();
  const anchorHealth = sideStores.healthOf("anchors");
  const anchorFacts = createFactLog({ log: log.child("anchors"), clock });
  const diskFacts = createFactLog({ log: log.child("journals"), clock });
  const anchors =
    settings.anchors === null
      ? null
      : await startAnchorKeeper({
          settings: settings.anchors,
          tails: () => [
            { ...opened.journal.tail(), isOwn: true },
            ...copies.chains().map((chain) => copies.held(chain)),
          ],
          clock,
          onFailure: (why) => {
            anchorHealth.failed(why);
            anchorFacts.tell({
              subject: "anchors",
              is: why,
              level: "error",
              message: "an anchor is not written",
              fields: { why },
            });
          },
          onWritten: () => anchorHealth.works(),
        });
  if (anchors?.kind === "refused") return { kind: "refused", why: `anchors: ${anchors.why}` };

  const bus = openMqttBus({
    brokerUrl: file.link.brokerUrl,
    tls: file.link.tls,
    user: file.link.user,
    clientId: mqttClientIdsOf(file).centre,
    clock,
    entropy: systemEntropy,
    log: log.child("link"),
    neededPacketBytes: linkPacketBytesMin,
  });
  const { images, storage } = await openDataDisk({
    clock,
    log,
    dataDir,
    imageBounds: { imagesMax: imagesKeptMax, bytesMax: config.images.storedBytesMax },
    linesTotal: config.lines.length,
    logs: [
      { file: "journal", read: () => opened.journal.readLogState() },
      { file: "copies", read: () => copies.readLogState(clock.monotonic()) },
    ],
    sideStores,
  });
  const keepers: ArchiveKeeper[] = [];
  const rollers: SegmentRoller[] = [];
  const centre = await startCentre({
    config,
    clock,
    entropy: systemEntropy,
    soon: (work) => setImmediate(work),
    createDesk: ({ store, ...hooks }) => {
      const keeper = createArchiveKeeper({
        store,
        archive: createDayFiles(join(dataDir, "archive")),
        archiveMs: settings.documents.retention.archiveMs,
        clock,
        log: log.child("archive"),
        sideStores,
      });
      keepers.push(keeper);
      return createDocumentDesk({
        config: settings.documents,
        earlierKeys: keys.keys,
        clock,
        store,
        mayLeave: () => {
          keeper.look();
          return keeper.isReady();
        },
        ...hooks,
      });
    },
    link: createMqttCentreEnd({ bus, site, packetBytesMax: file.link.packetBytesMax }),
    journal: opened.journal,
    copies,
    signGeneration: anchors?.signGeneration ?? null,
    signedEnds: anchors?.signedEnds ?? [],
    images,
    ownStorage: () => storage.now(),
    partCounters: () => ({
      archive: keepers[0]?.counters() ?? {},
      ownSegments: rollers[0]?.counters() ?? {},
      copySegments: rollers[1]?.counters() ?? {},
    }),
    onDamage: (why) => log.error("documents are damaged: nothing is released", { why }),
    onDiskFailed: (chain, error) =>
      diskFacts.tell({
        subject: chain,
        is: fileReason(error),
        level: "error",
        message: "records cannot be written or read, which is tried again",
        fields: { chain, error },
      }),
    onBug: (thrown) => bugs.report(thrown, "the documents"),
  }).catch(refusalIn);
  if (centre instanceof RestoreRefused) {
    return { kind: "refused", why: `documents: ${centre.message}` };
  }
  for (const keeper of keepers) keeper.start();
  rollers.push(
    ...startCentreRollers({
      file,
      clock,
      log,
      bugs,
      sideStores,
      centre,
      journal: { store: opened.journal.rolling(), folder: ownSegments },
      copies: { store: copies.rolling(), folder: copySegments },
    }),
  );
  const refused = await openRefusedFolder({
    folder: join(dataDir, "refused"),
    clock,
    log: log.child("refused"),
    health: sideStores.healthOf("refusedMessages"),
    messagesMax: refusedMessagesMax,
    bytesMax: refusedBytesMax,
  });
  const server = await listenCentreServer({
    centre,
    refused,
    config,
    clock,
    pageFolder: settings.pageDir,
    log: log.child("http"),
    bugs,
  });
  return {
    kind: "running",
    facts: { url: server.url },
    stop: async () => {
      storage.stop();
      for (const keeper of keepers) keeper.stop();
      for (const roller of rollers) await roller.stop();
      await server.close();
      refused.stop();
      await centre.stop();
      await bus.close();
      await anchors?.stop();
      anchorFacts.stop();
      diskFacts.stop();
      await copies.close();
      await opened.journal.close();
    },
  };
}

/** What a person can mend; anything else is a bug, and goes on as it came. */
function refusalIn(thrown: unknown): RestoreRefused {
  if (thrown instanceof RestoreRefused) return thrown;
  if (thrown instanceof SegmentError) return new RestoreRefused(thrown.message);
  throw thrown;
}
