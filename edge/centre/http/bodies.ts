import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpProblem, quotedCharsMax } from "./problems.ts";

/** What a body may be: its media type, its length, and how it is written. */
export const customsPath = "/api/customs/messages";
export const customsMediaTypes = [
  "application/xml",
  "text/xml",
  "text/plain",
  "application/octet-stream",
];
export const jsonBytesMax = 64 * 1024;

/** A route's answer to a media type that nothing there reads. */
export function badMediaType({
  routeOptions,
  headers,
}: FastifyRequest): HttpProblem<"badMediaType"> {
  const types = routeOptions.url === customsPath ? customsMediaTypes : ["application/json"];
  const came = (headers["content-type"] ?? "no media type").slice(0, quotedCharsMax);
  const message = `a body here is ${types.join(", ")}; it came as ${came}`;
  return new HttpProblem("badMediaType", message, "content-type");
}

export const tooBig = ({ routeOptions }: FastifyRequest): HttpProblem =>
  new HttpProblem("tooBig", `a body here is at most ${routeOptions.bodyLimit} bytes`, "body");

/** How a body came, besides its bytes. */
export interface BodyCame {
  /** As long as it said it was; 0 where it did not say. */
  readonly bytesTotal: number;
  /** `Content-Encoding`. */
  readonly coding: string;
  /** Why it is not to be read as it says itself; null when it is. */
  readonly problem: HttpProblem<"badMediaType" | "badRequest"> | null;
  /** There was more of it, which never came. */
  readonly isCutOff: boolean;
}

/** One that comes in chunks does not say how long it is. */
export const hasBody = ({ headers }: FastifyRequest, bytesTotal: number): boolean =>
  headers["transfer-encoding"] !== undefined || bytesTotal > 0;

/** `isCutOff` is known to who has read it. */
export function bodyCame(request: FastifyRequest, isCutOff = false): BodyCame {
  const { headers } = request;
  const bytesTotal = Number(headers["content-length"]) || 0;
  const coding = headers["content-encoding"] ?? "identity";
  const problem = isCutOff
    ? cutOff
    : hasBody(request, bytesTotal)
      ? problemOf(request, coding)
      : null;
  return { bytesTotal, coding, problem, isCutOff };
}

const cutOff = new HttpProblem("badRequest", "the body was cut off", "body");

function problemOf(request: FastifyRequest, coding: string): HttpProblem<"badMediaType"> | null {
  const { headers, routeOptions } = request;
  if (coding.toLowerCase() !== "identity") return packedBody(coding);
  const [type = "", ...parameters] = (headers["content-type"] ?? "").split(";");
  const isCustoms = routeOptions.url === customsPath;
  if (isCustoms && !customsMediaTypes.includes(type.trim().toLowerCase())) {
    return badMediaType(request);
  }
  const charset = /^\s*charset\s*=\s*"?([^";\s]*)/i;
  const said = parameters.flatMap((each) => charset.exec(each)?.[1] ?? [])[0];
  if (said === undefined || /^utf-?8$/i.test(said)) return null;
  const message = `the only charset is utf-8; it came as ${said.slice(0, quotedCharsMax)}`;
  return new HttpProblem("badMediaType", message, "content-type");
}

export function packedBody(coding: string): HttpProblem<"badMediaType"> {
  const message = `a body is taken without Content-Encoding; it came as ${coding.slice(0, quotedCharsMax)}`;
  return new HttpProblem("badMediaType", message, "content-encoding");
}

/**
 * Packed or in another charset, its bytes would be read as what they are not. A customs message is
 * read all the same, and refused by the desk: receipts that are in it are doubt.
 */
export const refusalOfCoding = (request: FastifyRequest): HttpProblem | null =>
  request.routeOptions.url === customsPath ? null : bodyCame(request).problem;

/**
 * Reads the beginning of a body, of whatever type, and lets the rest of it go by. What came of one
 * that is cut off is a body all the same: its sender may never send it again.
 */
export const readBeginning = (
  payload: Readable,
  { bytesMax, onCutOff }: { readonly bytesMax: number; readonly onCutOff: () => void },
): Promise<Buffer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk.subarray(0, bytesMax - total));
      total += chunk.length;
      if (total < bytesMax) return;
      payload.off("data", onData);
      payload.resume();
      resolve(Buffer.concat(chunks));
    };
    payload.on("data", onData);
    payload.once("end", () => resolve(Buffer.concat(chunks)));
    payload.once("error", () => {
      onCutOff();
      resolve(Buffer.concat(chunks));
    });
  });

/** The bytes of a body as they came, where a reader of this server has read them. */
export type RawBodies = WeakMap<FastifyRequest, Uint8Array>;

/** The framework's JSON, but for a key that it forbids it says that this is no JSON. */
export function addJsonReader(server: FastifyInstance, raw: RawBodies): void {
  const read = server.getDefaultJsonParser("error", "error");
  // Else a body of text would be read as a string and refused for not being an object.
  server.removeContentTypeParser(["application/json", "text/plain"]);
  server.addContentTypeParser<Buffer>(
    "application/json",
    { parseAs: "buffer" },
    (request, bytes, done) => {
      raw.set(request, bytes);
      const text = bytes.toString("utf8");
      void read(request, text, (error, value) => {
        const key = error === null ? null : forbiddenKeyIn(text);
        if (key === null) done(error, value);
        else done(new HttpProblem("badRequest", `the key ${key} is forbidden`, "body"));
      });
    },
  );
  addReaderOfOthers(server, raw);
}

/** What comes in a media type that nothing reads is refused only when its bytes are known. */
function addReaderOfOthers(server: FastifyInstance, raw: RawBodies): void {
  server.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, bytes, done) => {
    raw.set(request, bytes);
    done(badMediaType(request));
  });
}

/** The first key of those by which an object could become another one; null in what is no JSON. */
function forbiddenKeyIn(text: string): string | null {
  let found: string | null = null;
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (key === "__proto__" || key === "constructor") found ??= key;
      return value;
    });
  } catch {
    return null;
  }
  return found;
}
