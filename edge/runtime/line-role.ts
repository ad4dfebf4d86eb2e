import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { GenerationBegun } from "../../protocols/generation.ts";
import { openMqttBus } from "../devices/wires/mqtt-bus.ts";
import { createScale } from "../devices/scale/open-scale.ts";
import { createScanner } from "../devices/scanner/open-scanner.ts";
import { createSorter } from "../devices/sorter/open-sorter.ts";
import { createXray } from "../devices/xray/open-xray.ts";
import { realWires, type DriverDeps } from "../devices/wires/wires.ts";
import { createMqttAgentEnd } from "../link/mqtt-link.ts";
import type { AgentFile } from "./config/agent-file.ts";
import { mqttClientIdsOf, sharedDevices } from "./config/mqtt-client-ids.ts";
import { lineConfigOf } from "./config/read-agent-file.ts";
import { openImageFolder } from "../images/image-folder.ts";
import { noteGeneration, openOwnJournal } from "./journal-generation.ts";
import { startLineAgent } from "./line-agent.ts";
import type { LineDevices } from "./line-devices.ts";
import { serveMetrics } from "./metrics.ts";
import { createRecorder } from "./recorder.ts";
import { sharedWires } from "../devices/wires/shared-wires.ts";
import { certificatesFolderOf } from "./renew-certificate.ts";
import type { RoleParts, StartedRole } from "./role.ts";
import { newEpoch, systemEntropy } from "./system-entropy.ts";

/**
 * The centre fetches an image within seconds and gives up within minutes; this many are more than an
 * hour of a full line. The bytes hold a hundred and more of the largest.
 */
const imagesKeptMax = 2_000;
const imageBytesKeptMax = 2 * 1024 ** 3;

/** Role line on real wires and a real disk. */
export async function startLineRole(parts: RoleParts): Promise<StartedRole> {
  const { file, clock, log, onFatal, onBug } = parts;
  const { agentId, dataDir, site } = file;
  await mkdir(dataDir, { recursive: true });
  const opened = await openOwnJournal({ dataDir, agentId, clock });
  if (opened.kind === "refused") return { kind: "refused", why: `journal: ${opened.why}` };
  const { journal } = opened;
  const images = await openImageFolder({
    log: log.child("images"),
    clock,
    folder: join(dataDir, "images"),
    imagesMax: imagesKeptMax,
    bytesMax: imageBytesKeptMax,
  });
  const deps = openDeviceDeps(parts);
  const bus = openMqttBus({
    brokerUrl: file.link.brokerUrl,
    clientId: mqttClientIdsOf(file).line,
    clock,
    entropy: systemEntropy,
    log: log.child("link"),
  });
  const agent = startLineAgent({
    lines: file.lines.map((entry) => ({
      ...lineConfigOf(entry.line),
      devices: openDevices(entry, deps),
    })),
    epoch: newEpoch(),
    firstToken: () => Math.floor(systemEntropy.next() * 10_000),
    chain: journal.chain,
    clock,
    recorder: createRecorder({ journal, onHole: (why) => onFatal(`journal: ${why}`) }),
    journal,
    images,
    log,
    onBug,
    linkEnd: createMqttAgentEnd({ bus, site, agentId, packetBytesMax: file.link.packetBytesMax }),
    onGeneration: (begun) => beginAnew(begun, parts),
  });
  const metrics =
    file.metricsPort === null ? null : await serveMetrics(file.metricsPort, agent, journal);
  return {
    kind: "running",
    facts: {
      // 2 is FULL: asked of the connection that writes, so that whoever starts it can see it.
      journalSynchronous: await journal.readPragmaSynchronous(),
      ...(metrics === null ? {} : { metricsPort: metrics.port }),
    },
    stop: async () => {
      await metrics?.close();
      await agent.stop();
      await bus.close();
      await journal.close();
    },
  };
}

/** The next start begins the new generation; what is on the belt goes to inspection. */
function beginAnew(begun: GenerationBegun, { file, onFatal, onBug }: RoleParts): void {
  noteGeneration(file.dataDir, begun).then(
    () => onFatal(`journal: generation ${begun.chain} begins`),
    (error: unknown) => onBug(error, "noting a generation of the journal"),
  );
}

function openDeviceDeps({ file, clock, log }: RoleParts): DriverDeps {
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
  };
}

function openDevices({ line, devices }: AgentFile["lines"][number], deps: DriverDeps): LineDevices {
  return {
    scanner: createScanner(devices.scanner, deps),
    witness: devices.witness === null ? null : createScanner(devices.witness, deps),
    scale: devices.scale === null ? null : createScale(devices.scale, deps),
    xray: devices.xray === null ? null : createXray(devices.xray, deps),
    sorter: createSorter(devices.sorter, line.belt, deps),
  };
}
