import { imageKindOf } from "../../../protocols/image-kind.ts";
import { roleHeader } from "../../../protocols/actor.ts";
import { createBugRecord } from "../../../protocols/bug.ts";
import { createCollectingLog, silentLog, type LogLine } from "../../../protocols/log.ts";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCentre, type CentreOptions, type Centre } from "../../../edge/centre/centre.ts";
import type { CentreConfig } from "../../../edge/centre/config.ts";
import { createDocumentDesk } from "../../../edge/centre/documents/desk.ts";
import {
  isReleasedIn,
  recordIn,
  type WaybillView,
} from "../../../edge/centre/documents/waybill-view.ts";
import { openRefusedFolder, type RefusedMessages } from "../../../edge/centre/refused-messages.ts";
import { openImageFolder } from "../../../edge/images/image-folder.ts";
import { createCentreServer } from "../../../edge/centre/http/server.ts";
import { zClearanceConfig, type ClearanceConfig } from "../../../edge/clearance/config.ts";
import { stepEntry } from "../../../edge/journal/entries.ts";
import type { AppendOutcome, Journal } from "../../../edge/journal/journal.ts";
import type { RollingStore } from "../../../edge/journal/segments/rolling-store.ts";
import { createSegmentFolder } from "../../../edge/journal/segments/segment-folder.ts";
import { openJournalCopies } from "../../../edge/journal/sqlite/sqlite-copies.ts";
import { signGeneration } from "../../../edge/journal/anchors/generation-word.ts";
import { MemoryJournal } from "../../../edge/journal/memory-journal.ts";
import { openRowJournal } from "../../../edge/journal/sqlite/sqlite-journal.ts";
import type { ClearanceMirror } from "../../../edge/line/clearance-mirror.ts";
import { startMirrorKeeper } from "../../../edge/runtime/mirror-keeper.ts";
import { startAgentSession } from "../../../edge/link/agent-session.ts";
import type { SessionDown } from "../../../edge/link/session-machine.ts";
import type { MemoryLink } from "../../../edge/link/memory-link.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { GenerationBegun } from "../../../protocols/generation.ts";
import type { ClaimAnswer } from "../../../protocols/link.ts";
import type { Fact } from "../../../protocols/facts.ts";
import { createSideStoreWatch } from "../../../protocols/side-stores.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import { beltCount } from "../../../protocols/units.ts";
import { passed } from "../../kit/hurried-clock.ts";
import { documentsOf } from "../../kit/plain-documents.ts";
import { forwarding } from "../../../edge/store/forwarding.ts";
import { centreConfig } from "./config.ts";
import { recordsToldBy } from "./records.ts";
import { redactText } from "../../../edge/runtime/log-secrets.ts";

export { documentsOf } from "../../kit/plain-documents.ts";

const { privateKey: generationKey, publicKey } = generateKeyPairSync("ed25519");
/** Of the key that the centre signs generations with. */
export const generationPublicKey = publicKey;

export const documentRules = zClearanceConfig.parse({
  authority: "site",
  documentMatrix: {
    9610: ["order", "receipt", "waybill"],
    1210: [],
    1239: [],
    9710: [],
    9810: [],
  },
  documentWaitMs: 600_000,
  storedWaitMs: 86_400_000,
  weightTolerancePct: 5,
  weightToleranceG: 50,
  documentsMax: 10_000,
  parkedMax: 1_000,
  controlsMax: 1_000,
  parameters: [
    {
      version: "t1",
      validFrom: 0,
      inspectionRate: 0,
      machinePassRatio: 1,
      drawSecretHex: randomBytes(32).toString("hex"),
      rules: [],
    },
  ],
});

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "centre-"));
export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true });

export interface RunningCentre {
  readonly centre: Centre;
  readonly clock: Clock;
  readonly config: CentreConfig;
  readonly refused: RefusedMessages;
  /** What the server has told its log. */
  readonly lines: readonly LogLine[];
  readonly server: Awaited<ReturnType<typeof createCentreServer>>;
  post(path: string, body: unknown): Promise<{ status: number; body: never }>;
  get(path: string, role?: string): Promise<{ status: number; body: never }>;
  /** A message of customs in any bytes, by its media type and coding; answers the status. */
  postMessage(payload: string | Buffer, type?: string, coding?: string): Promise<number>;
  /** As a running process ends: with its last checkpoint; `before` its stores are closed. */
  stop(before?: (stores: RolledStores) => Promise<void>): Promise<void>;
  /** As a crash ends it: without. */
  crash(): Promise<void>;
}

/** The files whose oldest records may leave. */
export interface RolledStores {
  readonly own: RollingStore;
  readonly copies: RollingStore;
}

/** The whole centre on real stores in `folder`, over a link in memory. */
export async function openCentre(options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly link: MemoryLink;
  readonly config?: CentreConfig;
  readonly documents?: ClearanceConfig;
  /** Default: ended cases never leave. */
  readonly mayLeave?: () => boolean;
  /** Stands between the centre and its journal; default: nothing. */
  readonly disk?: Pick<SlowDisk, "before">;
  /** Whether it lacks a key to sign generations with; default: false. */
  readonly isKeyless?: boolean;
  readonly ownStorage?: NonNullable<CentreOptions["ownStorage"]>;
  readonly signedEnds?: NonNullable<CentreOptions["signedEnds"]>;
}): Promise<RunningCentre> {
  const { folder, clock, link } = options;
  const { config = centreConfig(), documents = documentRules, isKeyless = false } = options;
  const entropy: Entropy = { next: Math.random };
  const { log, lines } = createCollectingLog();
  const bugs = createBugRecord(log, clock, redactText);
  const journal = await openRowJournal({
    file: join(folder, "centre.sqlite"),
    chain: "centre",
    clock,
    segments: createSegmentFolder(join(folder, "segments", "centre")),
  });
  const copies = await openJournalCopies({
    file: join(folder, "copies.sqlite"),
    segments: createSegmentFolder(join(folder, "segments", "copies")),
  });
  if (journal.kind !== "opened" || copies.kind !== "opened") throw new Error("stores refused");
  const images = await openImageFolder({
    log,
    clock,
    folder: join(folder, "images"),
    imagesMax: 1_000,
    bytesMax: 1e8,
  });
  const centre = await startCentre({
    config,
    clock,
    entropy,
    soon: (work) => setImmediate(work),
    createDesk: (hooks) =>
      createDocumentDesk({
        config: documents,
        clock,
        ...(options.mayLeave === undefined ? {} : { mayLeave: options.mayLeave }),
        ...hooks,
      }),
    link: link.centre,
    journal: options.disk?.before(journal.journal) ?? journal.journal,
    copies: copies.copies,
    images,
    signGeneration: isKeyless
      ? null
      : (content) => Promise.resolve(signGeneration(content, generationKey)),
    signedEnds: options.signedEnds ?? [],
    ...(options.ownStorage === undefined ? {} : { ownStorage: options.ownStorage }),
  });
  // A wire that was not up yet comes up with the centre: its agent says hello at once.
  for (const { agentId } of config.lines) link.restore(agentId);
  const refused = await openRefusedFolder({
    folder: join(folder, "refused"),
    clock,
    log,
    health: createSideStoreWatch().healthOf("refusedMessages"),
    messagesMax: 50,
    bytesMax: 1_000_000,
  });
  const server = await createCentreServer({
    centre,
    refused,
    config,
    clock,
    pageFolder: null,
    log,
    bugs,
  });
  const closeStores = async (): Promise<void> => {
    await server.close();
    await journal.journal.close();
    await copies.copies.close();
  };
  const answer = (response: { statusCode: number; body: string }) => ({
    status: response.statusCode,
    body: JSON.parse(response.body) as never,
  });
  return {
    centre,
    clock,
    config,
    refused,
    server,
    lines,
    post: async (path, body) =>
      answer(await server.inject({ method: "POST", url: path, payload: body as object })),
    get: async (path, role) => {
      const headers = role === undefined ? {} : { [roleHeader]: role };
      return answer(await server.inject({ method: "GET", url: path, headers }));
    },
    postMessage: async (payload, type = "application/xml", coding = "identity") => {
      const headers = { "content-type": type, "content-encoding": coding };
      const url = "/api/customs/messages";
      return (await server.inject({ method: "POST", url, headers, payload })).statusCode;
    },
    stop: async (before) => {
      await centre.stop();
      await before?.({ own: journal.journal.rolling()!, copies: copies.copies.rolling()! });
      await closeStores();
    },
    crash: async () => {
      // With the journal closed first, the last checkpoint finds no place.
      await journal.journal.close();
      await centre.stop();
      await closeStores();
    },
  };
}

/** A disk that takes everything and answers when it is told to, or fails. */
export interface SlowDisk {
  hang(): void;
  /** From now on it fails what it gets, before it is written or behind it; also what it held back. */
  fail(when: "unwritten" | "written"): void;
  goOn(): void;
  before(journal: CentreJournal): CentreJournal;
}
type CentreJournal = CentreOptions["journal"];
type OnOutcome = (outcome: AppendOutcome) => void;

export function createSlowDisk(): SlowDisk {
  let isHung = false;
  let fails: "unwritten" | "written" | null = null;
  const held: (() => void)[] = [];
  const failure: AppendOutcome = { kind: "failed", code: "diskError", why: "EIO" };
  const answer = (outcome: AppendOutcome, onOutcome: OnOutcome): void => {
    const tell = (): void => onOutcome(fails === null ? outcome : failure);
    if (isHung) held.push(tell);
    else tell();
  };
  return {
    hang: () => {
      isHung = true;
    },
    fail: (when) => {
      isHung = false;
      fails = when;
      for (const tell of held.splice(0)) tell();
    },
    goOn: () => {
      isHung = false;
      fails = null;
      for (const tell of held.splice(0)) tell();
    },
    before: (journal) => ({
      ...forwarding(journal),
      append: (entries, onOutcome) =>
        journal.append(fails === "unwritten" ? [] : entries, (outcome) =>
          answer(outcome, onOutcome),
        ),
      appendRows: (append, onOutcome) => {
        const nothing = { entries: [], rows: [], appliedSeq: null };
        return journal.appendRows(fails === "unwritten" ? nothing : append, (outcome) =>
          answer(outcome, onOutcome),
        );
      },
      readAfter: (afterSeq, recordsMax) => journal.readAfter(afterSeq, recordsMax),
      tail: () => journal.tail(),
      health: () => journal.health(),
    }),
  };
}

/** Gives a waybill its documents and its acceptance, through HTTP. */
export async function sendDocuments(
  { server }: Pick<RunningCentre, "server">,
  waybills: readonly string[],
): Promise<void> {
  const { xmls, acceptances } = documentsOf(waybills);
  for (const xml of xmls) {
    const headers = { "content-type": "application/xml" };
    const url = "/api/customs/messages";
    const response = await server.inject({ method: "POST", url, headers, payload: xml });
    if (response.statusCode !== 200 || response.body.includes('"accepted":false')) {
      throw new Error(`documents refused: ${response.body}`);
    }
  }
  for (const acceptance of acceptances) {
    const url = "/api/carrier/acceptances";
    const response = await server.inject({ method: "POST", url, payload: acceptance });
    if (response.statusCode !== 200) throw new Error(`acceptance refused: ${response.body}`);
  }
}

export interface TestAgent<J extends Journal = MemoryJournal> {
  readonly session: ReturnType<typeof startAgentSession>;
  readonly down: SessionDown[];
  readonly journal: J;
  readonly images: Map<string, Uint8Array>;
  /** What the centre has said of the journal's next generation. */
  readonly begun: GenerationBegun[];
  /** Writes facts of line `lineId` into the journal; they travel by themselves. */
  tell(lineId: string, count: number, ...facts: readonly Fact[]): void;
  /** A belt that stands at `count`, so that time does not move it. */
  stand(lineId: string, count: number): void;
}

/** The answers to claims in what has come down, in order. */
export const claimAnswersIn = (down: readonly SessionDown[]): readonly ClaimAnswer[] =>
  down.flatMap((each) =>
    each.kind === "clearance" && each.message.kind === "claimAnswer" ? [each.message.answer] : [],
  );

export const recordsIn = (message: SessionDown): readonly ClearanceRecord[] =>
  message.kind === "clearance" ? recordsToldBy(message.message) : [];

/** What an agent does with what comes down. */
interface AgentCore {
  place(): { readonly stream: string | null; readonly seq: number };
  take(message: SessionDown): void;
}

/** It follows no stream, and confirms nothing. */
const deafCore: AgentCore = { place: () => ({ stream: null, seq: 0 }), take: () => {} };

/** A line agent without devices: a journal of facts and the real session. */
export function openAgent(
  link: MemoryLink,
  clock: Clock,
  lineId: string,
  journal?: MemoryJournal,
  core?: AgentCore,
): TestAgent;
export function openAgent<J extends Journal>(
  link: MemoryLink,
  clock: Clock,
  lineId: string,
  journal: J,
): TestAgent<J>;
export function openAgent(
  link: MemoryLink,
  clock: Clock,
  lineId: string,
  journal: Journal = new MemoryJournal({ chain: `agent-${lineId}`, clock }),
  core = deafCore,
): TestAgent<Journal> {
  const agentId = `agent-${lineId}`;
  const begun: GenerationBegun[] = [];
  const down: SessionDown[] = [];
  const images = new Map<string, Uint8Array>();
  const session = startAgentSession({
    end: link.agent(agentId),
    clock,
    chain: journal.chain,
    lineIds: [lineId],
    journal,
    clearancePlace: () => core.place(),
    readImage: (_passId, sha256) => Promise.resolve(images.get(sha256) ?? null),
    kindOfImage: (sha256) => imageKindOf(images.get(sha256) ?? new Uint8Array()),
    onDown: (message) => {
      down.push(message);
      core.take(message);
    },
    onGeneration: (one) => begun.push(one),
    log: silentLog,
  });
  return {
    session,
    down,
    journal,
    images,
    begun,
    tell: (line, count, ...facts) => {
      const event = { kind: "countReached", at: clock.monotonic(), wallAt: clock.wall(), count };
      journal.append([stepEntry(line, event, { commands: [], facts })], () => {});
    },
    stand: (line, count) => {
      session.motion([
        {
          lineId: line,
          count: beltCount(count),
          speedMmPerS: 1_000,
          isRunning: false,
          emergencyStop: false,
          wallAt: clock.wall(),
        },
      ]);
    },
  };
}

/** The same with the real mirror, which follows the clearance stream and confirms doubt. */
export function openFollower(link: MemoryLink, clock: Clock, lineId: string): Follower {
  const keeper = startMirrorKeeper({
    clock,
    lookAtTime: () => {},
    recorder: { record: () => {} },
    onSnapshotWanted: (why) => agent.session.snapshotWanted(why),
    onAnswerTold: () => {},
    onClaimAnswered: () => {},
    onLearned: () => {},
    onDoubtTaken: (place) => agent.session.clearanceTaken(place),
  });
  const agent = openAgent(link, clock, lineId, undefined, {
    place: () => keeper.place(),
    take: (message) => {
      if (message.kind === "clearance") keeper.learn(message.message);
    },
  });
  return { ...agent, mirror: keeper.mirror };
}

export interface Follower extends TestAgent {
  readonly mirror: ClearanceMirror;
}

/** Opens a panel and looks at it for as long as a decision needs. */
export async function lookAt(
  { post, config, clock }: Pick<RunningCentre, "post" | "config" | "clock">,
  taskId: string,
  by: { readonly officer: string; readonly station: string },
): Promise<void> {
  await post(`/api/officer/tasks/${taskId}/lock`, by);
  const lookMs = config.officers.decisionAfterShownMsMin;
  await passed(clock, lookMs + 20);
}

/** What the centre's documents say of a waybill. */
export const viewOf = ({ centre }: Pick<RunningCentre, "centre">, waybill: string) =>
  new Promise<WaybillView>((resolve, reject) =>
    centre.site.desk.look(waybill, (view) =>
      view === null ? reject(new Error("the disk fails")) : resolve(view),
    ),
  );

export const recordOf = async (
  site: Pick<RunningCentre, "centre">,
  waybill: string,
): Promise<ClearanceRecord | null> => recordIn(await viewOf(site, waybill));

export const isReleased = async (
  site: Pick<RunningCentre, "centre">,
  waybill: string,
): Promise<boolean> => isReleasedIn(await viewOf(site, waybill));

/** Waits for something that the parts do by themselves; never longer than twenty seconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`waited in vain: ${what}`);
}
