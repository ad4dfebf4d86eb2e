import type { FastifyInstance, FastifyRequest } from "fastify";
import { messageBytesMax } from "../../../protocols/ceb/envelope.ts";
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
export function badMediaType({ routeOptions, headers }: FastifyRequest): HttpProblem {
  const types = routeOptions.url === customsPath ? customsMediaTypes : ["application/json"];
  const came = (headers["content-type"] ?? "no media type").slice(0, quotedCharsMax);
  const message = `a body here is ${types.join(", ")}; it came as ${came}`;
  return new HttpProblem("badMediaType", message, "content-type");
}

export function tooBig({ routeOptions }: FastifyRequest): HttpProblem {
  // Of customs' messages one byte more is read, so that the desk itself says which is too long.
  const bytesMax = routeOptions.url === customsPath ? messageBytesMax : routeOptions.bodyLimit;
  return new HttpProblem("tooBig", `a body here is at most ${bytesMax} bytes`, "body");
}

/** The charset that a request gives its body, where that is none that is read here. */
export function foreignCharsetOf(headers: FastifyRequest["headers"]): string | null {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers["content-type"] ?? "")?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset) ? null : charset;
}

export const foreignCharsetWords = (charset: string): string =>
  `the only charset is utf-8; it came as ${charset.slice(0, quotedCharsMax)}`;

/**
 * Packed or in another charset, its bytes would be read as what they are not. A customs message in
 * another charset is refused by the desk: receipts that are in it are doubt.
 */
export function refusalOfCoding({ headers, routeOptions }: FastifyRequest): HttpProblem | null {
  const isBody =
    headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
  if (!isBody) return null;
  const coding = headers["content-encoding"] ?? "identity";
  if (coding.toLowerCase() !== "identity") {
    const message = `a body is taken without Content-Encoding; it came as ${coding.slice(0, quotedCharsMax)}`;
    return new HttpProblem("badMediaType", message, "content-encoding");
  }
  const charset = foreignCharsetOf(headers);
  if (charset === null || routeOptions.url === customsPath) return null;
  return new HttpProblem("badMediaType", foreignCharsetWords(charset), "content-type");
}

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
export function addReaderOfOthers(server: FastifyInstance, raw: RawBodies): void {
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
