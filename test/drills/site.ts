import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { zHealth, zLinesAnswer, zStory, type Story } from "../../protocols/ui/http.ts";
import { zServerMessage } from "../../protocols/ui/socket.ts";
import type { Scene } from "../../protocols/ui/scene.ts";
import type { LabChild } from "../../simulators/lab/child.ts";
import { createLab, type Lab, type LabOptions } from "../../simulators/lab/lab.ts";
import { followJournal, type JournalLog } from "./journal-log.ts";
import { readWitness, type WitnessLog } from "./witness-log.ts";

/** A lab site that a drill breaks and looks into, from outside like anybody else. */
export interface DrillSite {
  readonly lab: Lab;
  readonly dataDir: string;
  readonly url: string;
  /** Refreshed by whoever reads it. */
  readonly logs: ReadonlyMap<string, JournalLog>;
  agentOf(lineId: string): LabChild;
  witness(): WitnessLog;
  lines(): Promise<z.infer<typeof zLinesAnswer>>;
  health(): Promise<SiteHealth>;
  /** Devices that `/metrics` says are received. */
  receivedDevices(): Promise<ReadonlySet<string>>;
  /** What a browser that opens the page now is told. */
  scene(): Promise<Scene>;
  /** Whether the centre holds it for its officers. */
  hasImage(sha256: string): Promise<boolean>;
  /** Null when nothing is known of the waybill. */
  story(waybill: string): Promise<Story | null>;
  /** Breaks something in the world for so long; see `GET /faults` of its control endpoint. */
  breakFor(name: string, durationS: number, lineId?: string): Promise<void>;
  /** Two parcels of like length change places on this stretch of a belt that stands. */
  swap(lineId: string, fromMm: number, toMm: number): Promise<readonly SwappedBody[]>;
  /** Ends the processes; journals and files stay to be looked into. */
  stop(): Promise<void>;
  /** Everything goes, the folder too unless it is to be kept. */
  remove(): Promise<void>;
}

export interface DrillSiteOptions {
  readonly seed: number;
  readonly lines: number;
  readonly rate: number;
  readonly reviewMm?: number;
  /** Default: the lab's own broker. */
  readonly link?: NonNullable<LabOptions["link"]>;
  readonly site?: string;
  readonly brokerUrl?: string;
  readonly isCentreWithLine?: boolean;
  /** Called with the empty data folder before anything is in it. */
  readonly prepare?: (dataDir: string) => Promise<void>;
  /** What the processes say. */
  readonly say: (text: string) => void;
}

const answerMsMax = 5_000;
/** By folder; null before its processes are known. */
const running = new Map<string, Lab | null>();

/** For whoever is interrupted: leaves no process and no folder behind. */
export async function stopSites(): Promise<void> {
  await Promise.all([...running.keys()].map(stopSite));
}

async function stopSite(dataDir: string): Promise<void> {
  await running.get(dataDir)?.stop();
  if (!isKept) await rm(dataDir, { recursive: true, force: true });
  running.delete(dataDir);
}

let isKept = false;
let pageDir: string | null = null;

/** From now on folders stay, for whoever wants to look into journals and records. */
export function keepFolders(): void {
  isKept = true;
}

/** From now on centres serve the page that was built there. */
export function servePage(builtIn: string): void {
  pageDir = builtIn;
}

export async function startDrillSite(options: DrillSiteOptions): Promise<DrillSite> {
  const dataDir = await mkdtemp(join(tmpdir(), "sortline-drill-"));
  running.set(dataDir, null);
  await options.prepare?.(dataDir);
  const witnessFile = join(dataDir, "world", "witness.jsonl");
  const lab = await createLab({
    ...options,
    dataDir,
    witnessFile,
    pageDir,
    port: 0,
    speed: 1,
    officers: 0,
    onLine(name, text) {
      if (name !== "world" || !text.startsWith("{")) options.say(`[${name}] ${text}`);
    },
  });
  running.set(dataDir, lab);
  const url = await lab.start(options.say).catch(async (error: unknown) => {
    await stopSite(dataDir);
    throw error;
  });
  const { lineIds } = lab.plan;
  const logs = new Map(
    lineIds.map((lineId) => [
      lineId,
      followJournal(join(dataDir, `agent-${lineId}`, "journal.db"), `agent-${lineId}`),
    ]),
  );
  const get = (path: string): Promise<Response> =>
    fetch(`${url}${path}`, { signal: AbortSignal.timeout(answerMsMax) });
  const control = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${String(lab.world.ready["controlUrl"])}/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerMsMax),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };

  return {
    lab,
    dataDir,
    url,
    logs,
    agentOf(lineId) {
      const agent = lab.agents[lineIds.indexOf(lineId)];
      if (agent === undefined) throw new Error(`there is no line ${lineId}`);
      return agent;
    },
    witness: () => readWitness(witnessFile),
    lines: async () => zLinesAnswer.parse(await (await get("/api/lines")).json()),
    async health() {
      const response = await get("/healthz");
      const told = zHealth.parse(await response.json());
      const { timeBreaks = [], alarms = [], calendar } = told;
      const reasons = told.status === "ready" ? [] : told.reasons;
      return { status: response.status, reasons, timeBreaks, alarms, calendar };
    },
    async receivedDevices() {
      const text = await (await get("/metrics")).text();
      const samples = text.matchAll(/^sortline_device_receiving\{.*device="([^"]+)".*\} 1$/gm);
      return new Set([...samples].map((match) => match[1] ?? ""));
    },
    scene: () => openPage(url),
    async hasImage(sha256) {
      const response = await get(`/api/images/${sha256}`);
      await response.body?.cancel();
      return response.ok;
    },
    async story(waybill) {
      const response = await get(`/api/parcels/${waybill}`);
      return response.status === 404 ? null : zStory.parse(await response.json());
    },
    async breakFor(name, durationS, lineId) {
      await control("faults", { name, durationS, ...(lineId === undefined ? {} : { lineId }) });
    },
    async swap(lineId, fromMm, toMm) {
      return zSwapped.parse(await control("swaps", { lineId, fromMm, toMm })).swapped;
    },
    stop: () => lab.stop(),
    remove: () => stopSite(dataDir),
  };
}

const zSwapped = z.object({
  swapped: z.array(z.strictObject({ truthId: z.string(), lengthMm: z.number() })),
});
type SwappedBody = z.infer<typeof zSwapped>["swapped"][number];

type ToldHealth = z.infer<typeof zHealth>;

/** What `/healthz` says, with the status of the answer. */
export interface SiteHealth {
  readonly status: number;
  readonly reasons: readonly string[];
  readonly timeBreaks: readonly string[];
  readonly alarms: NonNullable<ToldHealth["alarms"]>;
  readonly calendar: ToldHealth["calendar"];
}

/** A page's socket. It says hello as soon as it is open: the centre hangs up on one that does not. */
export function pageSocket(url: string): WebSocket {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify({ kind: "hello", station: "drill", epoch: null, lastSeq: null }));
  });
  return socket;
}

function openPage(url: string): Promise<Scene> {
  return new Promise((resolve, reject) => {
    const socket = pageSocket(url);
    const fail = (why: string): void => {
      clearTimeout(limit);
      socket.close();
      reject(new Error(`/ws: ${why}`));
    };
    const limit = setTimeout(() => fail("no snapshot"), answerMsMax);
    socket.addEventListener("error", () => fail("refused"));
    socket.addEventListener("message", ({ data }) => {
      const message = zServerMessage.parse(JSON.parse(String(data)));
      if (message.kind !== "snapshot") return;
      clearTimeout(limit);
      socket.close();
      resolve(message.scene);
    });
  });
}
