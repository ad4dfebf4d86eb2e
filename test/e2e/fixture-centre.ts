import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { WebSocketServer, type WebSocket } from "ws";
import type { z } from "zod";
import {
  fixtureEpoch,
  fixtureScene,
  imageKeyOf,
  indexOfWaybill,
  inductedAt,
  type FixtureKind,
} from "../../control-ui/fixtures/site.ts";
import {
  archivedStory,
  archivedWaybill,
  panelOf,
  storyOf,
  type StoryAt,
} from "../../control-ui/fixtures/stories.ts";
import {
  zControlRequest,
  zDecisionRequest,
  zLockRequest,
  type HeldBack,
} from "../../protocols/ui/http.ts";
import type { AlarmView, Scene, TaskView } from "../../protocols/ui/scene.ts";
import {
  zClientMessage,
  zSceneOp,
  type ClientMessage,
  type SceneOp,
  type ServerMessage,
} from "../../protocols/ui/socket.ts";
import type { TraceFrame } from "../../protocols/trace.ts";
import { zTraceRequest, type TraceView } from "../../protocols/ui/trace.ts";
import { epochMs } from "../../protocols/units.ts";
import { fixtureImages, fixtureStills } from "./fixture-images.ts";

type Delta = Extract<ServerMessage, { kind: "delta" }>;

/** As strict as the centre's own: a page that needs more would fail there. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; " +
  "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

const deltaMs = 100;
const heartbeatMs = 1_000;
const messagesKeptMax = 600;

/**
 * A centre for the page's own tests: it serves the built page and answers exactly as
 * `protocols/ui` says, from a scene that is a function of time. Tests can cut its sockets, silence
 * it, drop a delta and read what the page sent. The real centre is tested with the lab.
 */
export class FixtureCentre {
  readonly decisions: z.output<typeof zDecisionRequest>[] = [];
  readonly controls: z.output<typeof zControlRequest>[] = [];
  /** What the lines have said of the control that is placed next. */
  heldBack: HeldBack = { confirmed: [], unconfirmed: [], cannotRelease: [] };
  readonly clientMessages: ClientMessage[] = [];
  /** Who has switched a trace on, and of which device. */
  readonly traced: (readonly [string, z.output<typeof zTraceRequest>])[] = [];
  /** What its wire has carried since. */
  readonly traceFrames: TraceFrame[] = [];
  traceRemainingMs = 300_000;
  traceToldMsAgo = 100;
  /** How often frames were asked for. */
  traceAsksTotal = 0;
  url = "";
  kind: FixtureKind;
  /** The server hears and says nothing, with its sockets open. */
  isSilent = false;
  /** New sockets are refused. */
  isUnreachable = false;
  /** The problem with which every request that asks for something to be done is refused. */
  refuses: string | null = null;
  /** The next delta is numbered but not sent. */
  losesNextDelta = false;
  readonly #pageDir: string;
  readonly #startedAt = Date.now();
  readonly #images = fixtureImages();
  readonly #stills = fixtureStills();
  readonly #answered = new Set<string>();
  readonly #locks = new Map<string, string>();
  readonly #sockets = new Set<WebSocket>();
  readonly #sent: Delta[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #socketServer = new WebSocketServer({ server: this.#server, path: "/ws" });
  readonly #timers: NodeJS.Timeout[] = [];
  #scene: Scene;
  readonly #told = new EventEmitter();
  #seq = 0;
  #recordSeq = 0;

  constructor(options: { readonly pageDir: string; readonly kind: FixtureKind }) {
    this.#pageDir = options.pageDir;
    this.kind = options.kind;
    this.#scene = this.#sceneNow();
  }

  async start(): Promise<void> {
    this.#socketServer.on("connection", (socket) => this.#connected(socket));
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#timers.push(
      setInterval(() => this.#publish(), deltaMs),
      setInterval(() => {
        this.#broadcast({ kind: "heartbeat", seq: this.#seq, now: this.#now() });
      }, heartbeatMs),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.cutSockets();
    this.#socketServer.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  cutSockets(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  alarm(code: string, lineId: string, change: Partial<AlarmView> = {}): void {
    this.#recordSeq += 1;
    const alarm: AlarmView = {
      id: `a${this.#recordSeq}`,
      lineId,
      code,
      passId: null,
      params: {},
      at: this.#now(),
      state: "notice",
      endedAt: null,
      ...change,
    };
    this.#broadcast({ kind: "record", recordSeq: this.#recordSeq, alarm });
  }

  /** Resolves once the page has sent so many decisions. */
  async untilDecided(total: number): Promise<void> {
    while (this.decisions.length < total) await once(this.#told, "decision");
  }

  tasks(): readonly TaskView[] {
    return Object.values(this.#scene.task);
  }

  #now(): ReturnType<typeof epochMs> {
    return epochMs(fixtureEpoch + Date.now() - this.#startedAt);
  }

  #sceneNow(): Scene {
    const scene = fixtureScene(this.kind, this.#now());
    const tasks = Object.entries(scene.task)
      .filter(([taskId]) => !this.#answered.has(taskId))
      .map(([taskId, task]) => {
        return [taskId, { ...task, lockedBy: this.#locks.get(taskId) ?? null }] as const;
      });
    return { ...scene, task: Object.fromEntries(tasks) };
  }

  #publish(): void {
    const next = this.#sceneNow();
    const ops = changes(this.#scene, next);
    this.#scene = next;
    if (ops.length === 0) return;
    this.#seq += 1;
    const delta: Delta = { kind: "delta", seq: this.#seq, now: this.#now(), ops: [...ops] };
    this.#sent.push(delta);
    if (this.#sent.length > messagesKeptMax) this.#sent.shift();
    if (this.losesNextDelta) this.losesNextDelta = false;
    else this.#broadcast(delta);
  }

  #broadcast(message: ServerMessage): void {
    if (this.isSilent) return;
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  #connected(socket: WebSocket): void {
    if (this.isUnreachable) return socket.terminate();
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("message", (data: Buffer) => {
      const message = zClientMessage.parse(JSON.parse(data.toString("utf8")));
      this.clientMessages.push(message);
      if (message.kind === "hello" && !this.isSilent) this.#hello(socket, message);
    });
  }

  #hello(socket: WebSocket, hello: Extract<ClientMessage, { kind: "hello" }>): void {
    const epoch = `run-${this.#startedAt}`;
    const say = (message: ServerMessage): void => socket.send(JSON.stringify(message));
    const missed = this.#sent.filter(({ seq }) => seq > (hello.lastSeq ?? 0));
    const now = this.#now();
    if (hello.epoch === epoch && hello.lastSeq !== null) {
      say({ kind: "resumed", epoch, seq: this.#seq, now });
      for (const delta of missed) say(delta);
    } else {
      say({ kind: "snapshot", epoch, seq: this.#seq, now, scene: this.#scene });
    }
    this.#sockets.add(socket);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.url);
    try {
      const answer = pathname.startsWith("/api/")
        ? await this.#api(request, pathname)
        : await this.#file(pathname);
      response.writeHead(answer.status, {
        "content-type": answer.type,
        "content-security-policy": contentSecurityPolicy,
      });
      response.end(answer.body);
    } catch (error) {
      response.writeHead(500, { "content-type": "text/plain" });
      response.end(String(error));
    }
  }

  async #file(pathname: string): Promise<Reply> {
    const isPage = !extname(pathname);
    const path = join(this.#pageDir, isPage ? "index.html" : normalize(pathname));
    const type = types[extname(path)] ?? "application/octet-stream";
    try {
      return { status: 200, type, body: await readFile(path) };
    } catch {
      return { status: 404, type: "text/plain", body: "not found" };
    }
  }

  async #api(request: IncomingMessage, pathname: string): Promise<Reply> {
    const [, , collection = "", id = "", part = ""] = pathname.split("/").map(decodeURIComponent);
    const body: unknown = request.method === "POST" ? JSON.parse(await textOf(request)) : null;
    if (request.method === "POST" && this.refuses !== null) {
      return problem(409, this.refuses, "words for whoever programs against it");
    }
    if (collection === "images") {
      const still = this.#stills.get(id);
      if (still !== undefined) return { status: 200, type: "image/png", body: still };
      const image = this.#images.get(id);
      if (image === undefined) return problem(404, "unknownImage", id);
      return { status: 200, type: "application/octet-stream", body: image.bytes };
    }
    if (collection === "parcels" || collection === "passes") return this.#story(collection, id);
    if (collection === "officer" && id === "tasks") {
      const taskId = part;
      return this.#lock(taskId, zLockRequest.parse(body));
    }
    if (collection === "officer" && id === "decisions") {
      const decision = zDecisionRequest.parse(body);
      this.decisions.push(decision);
      this.#told.emit("decision");
      this.#answered.add(decision.taskId);
      return json({ cmdId: decision.cmdId, accepted: true, why: null });
    }
    if (collection === "devices" && part === "trace") {
      if (body !== null) return this.#beginTrace(id, zTraceRequest.parse(body));
      return this.#viewTrace(new URL(request.url ?? "/", this.url));
    }
    if (collection === "controls") {
      const control = zControlRequest.parse(body);
      this.controls.push(control);
      return json({ cmdId: control.cmdId, accepted: true, effect: "waiting", ...this.heldBack });
    }
    return problem(404, "notFound", pathname);
  }

  #beginTrace(deviceId: string, by: z.output<typeof zTraceRequest>): Reply {
    this.traced.push([deviceId, by]);
    return json({ trace: this.traced.length, remainingMs: this.traceRemainingMs });
  }

  #viewTrace({ searchParams }: URL): Reply {
    this.traceAsksTotal += 1;
    const after = Number(searchParams.get("after"));
    const hasBegun = this.traced.length > 0;
    const view: TraceView = {
      trace: hasBegun ? this.traced.length : null,
      remainingMs: hasBegun ? this.traceRemainingMs : 0,
      toldMsAgo: this.traceToldMsAgo,
      lastSeq: this.traceFrames.at(-1)?.seq ?? 0,
      frames: this.traceFrames.filter(({ seq }) => seq > after),
    };
    return json(view);
  }

  #story(collection: "parcels" | "passes", id: string): Reply {
    if (id === archivedWaybill) return json(archivedStory());
    const index = collection === "passes" ? indexOf(id) : indexOfWaybill(id);
    const lineId = collection === "passes" ? (id.split("-p")[0] ?? "") : "L1";
    const at = index === null ? null : this.#storyAt(lineId, index);
    return at === null ? problem(404, "unknownParcel", id) : json(storyOf(at));
  }

  #lock(taskId: string, by: z.output<typeof zLockRequest>): Reply {
    const task = this.#scene.task[taskId];
    if (task === undefined) return problem(404, "unknownTask", taskId);
    this.#locks.set(taskId, by.officer);
    const at = this.#storyAt(task.lineId, indexOf(taskId));
    if (at === null) return problem(404, "unknownTask", taskId);
    return json(panelOf(at, task.lastUsefulCount));
  }

  #storyAt(lineId: string, index: number): StoryAt | null {
    const since = inductedAt(this.kind, lineId, index);
    if (since === null || since > this.#now()) return null;
    const boxes = this.#images.get(imageKeyOf(index))?.boxes ?? [];
    return { lineId, index, kind: this.kind, inductedAt: since, now: this.#now(), boxes };
  }
}

const indexOf = (passId: string): number => Number(passId.split("-p")[1]);

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

const json = (value: unknown): Reply => ({
  status: 200,
  type: "application/json",
  body: JSON.stringify(value),
});

const problem = (status: number, error: string, message: string): Reply => ({
  ...json({ error, field: null, message }),
  status,
});

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const kinds = ["line", "device", "parcel", "task"] as const;

function changes(before: Scene, after: Scene): readonly SceneOp[] {
  return kinds.flatMap((kind): SceneOp[] => {
    const old: Readonly<Record<string, unknown>> = before[kind];
    const puts = Object.entries(after[kind])
      .filter(([key, value]) => !isSame(old[key], value))
      .map(([, value]): unknown => ({ put: kind, value }));
    const gone = Object.keys(old).filter((key) => !Object.hasOwn(after[kind], key));
    return [...zSceneOp.array().parse(puts), ...gone.map((key): SceneOp => ({ drop: kind, key }))];
  });
}

/** A belt that moves as its motion says is no change: the page works out where it is by itself. */
function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(still(one), still(other));
}

const motionEveryMs = 1_000;

function still(record: unknown): unknown {
  if (typeof record !== "object" || record === null || !("motion" in record)) return record;
  const { at } = record.motion as { at: number };
  return { ...record, motion: Math.floor(at / motionEveryMs) };
}
