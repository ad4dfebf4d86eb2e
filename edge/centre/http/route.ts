import type { WebSocket } from "ws";
import { z } from "zod";
import type { Actor, WhoMay } from "../../../protocols/actor.ts";
import { invariant } from "../../../protocols/bug.ts";
import {
  checkJson,
  decodedOf,
  inPlainWords,
  type Decoded,
} from "../../../protocols/json-message.ts";
import { jsonBytesMax, type BodyCame } from "./bodies.ts";
import { imageFormatOf } from "../../../protocols/xray/image-format.ts";
import { HttpProblem, type ProblemCode } from "./problems.ts";

/** How a body comes: of which media types, how long at most, and what it must be. */
export interface BodySpec<T> {
  readonly mediaTypes: readonly string[];
  readonly bytesMax: number;
  /** Null for what is no JSON. */
  readonly schema: z.ZodType | null;
  read(body: unknown): Decoded<T>;
}

export const jsonBody = <T>(schema: z.ZodType<T>): BodySpec<T> => ({
  mediaTypes: ["application/json"],
  bytesMax: jsonBytesMax,
  schema,
  read: (body) => checkJson(schema, body),
});

/** As they came, whatever they are. */
export const bytesBody = (
  mediaTypes: readonly string[],
  bytesMax: number,
): BodySpec<Uint8Array> => ({
  mediaTypes,
  bytesMax,
  schema: null,
  read: (body) => ({ kind: "ok", value: body instanceof Uint8Array ? body : new Uint8Array() }),
});

export const noBody: BodySpec<null> = {
  mediaTypes: [],
  bytesMax: 0,
  schema: null,
  read: () => ({ kind: "ok", value: null }),
};

/** What a handler's answer becomes on the wire. */
export type Payload =
  | { readonly kind: "json"; readonly body: unknown }
  /** `mediaType`: of this very body, where the route has bodies of several. */
  | { readonly kind: "raw"; readonly body: string | Buffer; readonly mediaType?: string }
  /** A file of the page's folder. */
  | { readonly kind: "file"; readonly name: string };

/** One answer as it is documented. */
export interface AnswerSpec<T> {
  readonly summary: string;
  /** Null for an answer without a body. */
  readonly mediaType: string | null;
  /** Null for what is no JSON. */
  readonly schema: z.ZodType | null;
  payloadOf(body: T): Payload;
}

export const jsonAnswer = <T>(summary: string, schema: z.ZodType<T>): AnswerSpec<T> => ({
  summary,
  mediaType: "application/json",
  schema,
  payloadOf: (body) => ({ kind: "json", body }),
});

export const textAnswer = (summary: string, mediaType: string): AnswerSpec<string> => ({
  summary,
  mediaType,
  schema: null,
  payloadOf: (body) => ({ kind: "raw", body }),
});

export const bytesAnswer = (summary: string): AnswerSpec<Uint8Array> => ({
  summary,
  mediaType: "application/octet-stream",
  schema: null,
  payloadOf: (body) => ({ kind: "raw", body: Buffer.from(body) }),
});

/** A still as the JPEG or PNG that it is, so that a browser shows it; an X-ray's own format as bytes. */
export const imageAnswer = (summary: string): AnswerSpec<Uint8Array> => ({
  summary,
  mediaType: "*/*",
  schema: null,
  payloadOf: (body) => {
    const format = imageFormatOf(body);
    const isPicture = format === "jpeg" || format === "png";
    const mediaType = isPicture ? `image/${format}` : "application/octet-stream";
    return { kind: "raw", body: Buffer.from(body), mediaType };
  },
});

export const fileAnswer = (summary: string, mediaType: string): AnswerSpec<string> => ({
  summary,
  mediaType,
  schema: null,
  payloadOf: (name) => ({ kind: "file", name }),
});

type AnswerSpecs = Readonly<Record<number, AnswerSpec<unknown>>>;
type BodyOf<Spec> = Spec extends AnswerSpec<infer T> ? T : never;
type Answer<Specs extends AnswerSpecs> = {
  [Status in keyof Specs & number]: {
    readonly status: Status;
    readonly body: BodyOf<Specs[Status]>;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof Specs & number];

/** How the request names who asks. */
export interface Named {
  readonly name: string;
  readonly station: string;
}

interface RouteFacts {
  readonly method: "GET" | "POST";
  /** With parameters in braces; `{*}` at the end stands for all that follows. */
  readonly path: string;
  /** Unique, for those who make a client from the document. */
  readonly id: string;
  readonly summary: string;
  /**
   * Of several roles the first is the one that the route is made for: whoever names no role is
   * taken in it, until there are accounts.
   */
  readonly whoMay: WhoMay;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** The interface is documented; the page's own files are not. */
  readonly isDocumented: boolean;
  /** A WebSocket may be opened here. */
  readonly onSocket: ((socket: WebSocket, actor: Actor) => void) | null;
}

/** What is asked of a route, read and checked. */
interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly bytes: Uint8Array;
  readonly actor: Actor;
  readonly came: BodyCame;
}

type Handled<Specs extends AnswerSpecs, Code extends ProblemCode> =
  | Answer<Specs>
  | HttpProblem<Code>;

interface RouteSpec<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body,
  Specs extends AnswerSpecs,
  Code extends ProblemCode,
> extends Omit<RouteFacts, "params" | "query" | "isDocumented" | "onSocket"> {
  readonly params: Params;
  readonly query: Query;
  readonly body: BodySpec<Body>;
  /** Default true. */
  readonly isDocumented?: boolean;
  readonly onSocket?: (socket: WebSocket, actor: Actor) => void;
  readonly answers: Specs;
  /** What it may say instead, besides what every route may. */
  readonly problems: readonly Code[];
  readonly named?: (body: Body) => Named;
  readonly handle: (
    asked: Asked<z.output<Params>, z.output<Query>, Body>,
  ) => Handled<NoInfer<Specs>, NoInfer<Code>> | Promise<Handled<NoInfer<Specs>, NoInfer<Code>>>;
}

/** As it came, before it is read. */
interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly came: BodyCame;
  /** The body as it came; empty where it was not read, or is given in bytes. */
  readonly bytes: Uint8Array;
  /** Who asks, by how the request names them. */
  readonly actorOf: (named: Named | null) => Actor;
}

export interface RawAnswer {
  readonly status: number;
  readonly payload: Payload;
  readonly mediaType: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** One row of the table. */
export interface Route extends RouteFacts {
  readonly body: BodySpec<unknown>;
  readonly answers: AnswerSpecs;
  readonly problems: readonly ProblemCode[];
  answer(request: RawRequest): Promise<RawAnswer | HttpProblem>;
}

/** For rows that take neither parameters nor a body. */
export const asksNothing = { params: z.object({}), query: z.object({}), body: noBody };

/** Makes a row: its handler sees only what its schemas have read, and answers only what it says. */
export function route<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body,
  Specs extends AnswerSpecs,
  const Code extends ProblemCode,
>(spec: RouteSpec<Params, Query, Body, Specs, Code>): Route {
  const answers: AnswerSpecs = spec.answers;
  const read = (request: RawRequest): Asked<z.output<Params>, z.output<Query>, Body> => {
    const params = taken(decodedOf(spec.params.safeParse(request.params, inPlainWords)), "url");
    const query = taken(decodedOf(spec.query.safeParse(request.query, inPlainWords)), "url");
    const body = taken(spec.body.read(request.body), "body");
    const actor = request.actorOf(spec.named?.(body) ?? null);
    const { bytes, came } = request;
    return { params, query, body, bytes, actor, came };
  };
  return {
    ...spec,
    isDocumented: spec.isDocumented ?? true,
    onSocket: spec.onSocket ?? null,
    answer: async (request) => {
      const answer = await spec.handle(read(request));
      if (answer instanceof HttpProblem) return answer;
      const { status, body, headers = {} } = answer;
      const said = answers[status];
      invariant(said !== undefined, `${spec.id} has no answer ${status}`);
      return { status, payload: said.payloadOf(body), mediaType: said.mediaType, headers };
    },
  };
}

function taken<T>(read: Decoded<T>, whole: string): T {
  if (read.kind === "ok") return read.value;
  throw new HttpProblem("badField", read.message, read.field ?? whole);
}
