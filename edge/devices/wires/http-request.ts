import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { deviceReason, type DeviceReasonCode } from "../../../protocols/device-reasons.ts";
import { readCertificateFile } from "../certificate-file.ts";
import { addressOfUrl, shownPath, shownUrl, WireRefusal } from "../network-reason.ts";
import { isOnLoopback, isTlsUrl, type HttpReach } from "../reach.ts";
import { readPasswordFile } from "../secret-file.ts";
import { digestAnswer, readChallenges, type Challenge } from "./http-digest.ts";

export interface HttpAnswer {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface HttpRequestOptions {
  readonly bytesMax: number;
  readonly signal: AbortSignal;
  readonly clientNonce: string;
}

type Asked = Pick<HttpReach, "url" | "caFile" | "user">;

/** The device was given name and password, and does not take them. */
export class HttpLoginRefusal extends WireRefusal {}

/** It wants to know who asks. */
interface WhoAsks {
  readonly challenges: readonly Challenge[];
}

/**
 * Asks once, and once more where the device wants to know who asks. Rejects with a `WireRefusal` that
 * says why there is no answer, or with what the network says. Certificates and passwords are read at
 * each request anew.
 */
export async function askHttp(reach: Asked, options: HttpRequestOptions): Promise<HttpAnswer> {
  const { url } = reach;
  const ca = reach.caFile === undefined ? null : (await readCertificateFile(reach.caFile)).bytes;
  const ask = async (authorization: string | null): Promise<HttpAnswer | WhoAsks> => {
    const answer = await get(url, { signal: options.signal, ca, authorization });
    try {
      if (answer.statusCode !== 401) return await contentOf(answer, url, options);
      return { challenges: readChallenges(answer.headers["www-authenticate"] ?? "") };
    } finally {
      // What was not read of it ends with its connection, for it may never end by itself.
      answer.destroy();
    }
  };

  const first = await ask(null);
  if (!("challenges" in first)) return first;
  const authorization = await authorizationFor(first.challenges, reach, options.clientNonce);
  const refused = deviceReason("accessDenied", {
    address: addressOfUrl(url),
    detail: "401 Unauthorized",
  });
  const again = await ask(authorization).catch((error: unknown) => {
    const isRefused = error instanceof WireRefusal && error.reason.code === "accessDenied";
    throw isRefused ? new HttpLoginRefusal(error.reason) : error;
  });
  if (!("challenges" in again)) return again;
  // The password was right, and the question too old by the time it was answered.
  throw isStale(again) ? new WireRefusal(refused) : new HttpLoginRefusal(refused);
}

const isStale = ({ challenges }: WhoAsks): boolean =>
  challenges.some(({ params }) => params.get("stale")?.toLowerCase() === "true");

interface Get {
  readonly signal: AbortSignal;
  readonly ca: Buffer | null;
  readonly authorization: string | null;
}

/**
 * The head of an answer. Settled by each way in which a request can end: Node tells of some by its
 * close alone.
 */
const get = (url: string, { signal, ca, authorization }: Get): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options = {
      signal,
      // Each is a moment's matter, and a connection that is kept may be half dead.
      agent: false,
      headers: {
        accept: "image/jpeg, image/png",
        ...(authorization === null ? {} : { authorization }),
      },
    };
    const asked = isTlsUrl(url)
      ? tlsRequest(url, { ...options, ...(ca === null ? {} : { ca }) })
      : plainRequest(url, options);
    asked.on("response", resolve);
    asked.on("upgrade", (answer, socket) => {
      socket.destroy();
      reject(otherProtocol(answer, url));
    });
    asked.on("error", reject);
    // Whatever came before this counts.
    asked.on("close", () => {
      const detail = "it ended without an answer";
      reject(
        new WireRefusal(deviceReason("connectionLost", { address: addressOfUrl(url), detail })),
      );
    });
    asked.end();
  });

function otherProtocol(answer: IncomingMessage, url: string): WireRefusal {
  const { upgrade } = answer.headers;
  const detail = `${statusOf(answer)}${upgrade === undefined ? "" : `, to ${upgrade}`}`;
  return new WireRefusal(deviceReason("requestRefused", { address: addressOfUrl(url), detail }));
}

const statusOf = ({ statusCode = 0, statusMessage = "" }: IncomingMessage): string =>
  `${statusCode} ${statusMessage}`.trim();

/**
 * Devices offer Digest, Basic or both. By Basic a password travels as it is, so that it is given only
 * over TLS or within this computer.
 */
async function authorizationFor(
  challenges: readonly Challenge[],
  { url, user }: Asked,
  clientNonce: string,
): Promise<string> {
  const refuse = (code: DeviceReasonCode, detail: string): WireRefusal =>
    new WireRefusal(deviceReason(code, { address: addressOfUrl(url), detail }));
  if (user === undefined) {
    throw refuse("accessDenied", "it wants a name and a password; they go under user");
  }
  const password = await readPasswordFile(user.passwordFile);
  const { pathname, search } = new URL(url);
  const { name } = user;
  const uri = `${pathname}${search}`;
  const digest = digestAnswer(challenges, { name, password, method: "GET", uri, clientNonce });
  if (digest !== null) return digest;
  if (!challenges.some(({ scheme }) => scheme === "basic")) {
    const ways = challenges.map(wayOf).join(", ");
    throw refuse(
      "accessDenied",
      ways === ""
        ? "it wants to know who asks, and does not say in which way"
        : `it asks in a way that is not known here: ${ways}`,
    );
  }
  if (!isTlsUrl(url) && !isOnLoopback(url)) {
    const detail = "it wants the password as it is (Basic): set it to Digest, or to https";
    throw refuse("securityNotOffered", detail);
  }
  return `Basic ${Buffer.from(`${name}:${password}`, "utf8").toString("base64")}`;
}

/** Of Digest there are some that cannot be answered. */
function wayOf({ scheme, params }: Challenge): string {
  const details = ["algorithm", "qop"].flatMap((key) => params.get(key) ?? []);
  return details.length === 0 ? scheme : `${scheme} (${details.join(", ")})`;
}

/** How the detail of a refusal begins, for whoever looks for a hint. */
export const videoStreamSaid = "a video stream";
export const endsEarlySaid = "its answer ends early";

async function contentOf(
  answer: IncomingMessage,
  url: string,
  { bytesMax, signal }: Pick<HttpRequestOptions, "bytesMax" | "signal">,
): Promise<HttpAnswer> {
  const { statusCode = 0, headers } = answer;
  const refuse = (code: DeviceReasonCode, detail: string): WireRefusal =>
    new WireRefusal(deviceReason(code, { address: addressOfUrl(url), detail }));
  const said = statusOf(answer);
  if (statusCode === 403) throw refuse("accessDenied", said);
  if (statusCode === 404) throw refuse("unknownThere", `${said}: ${shownPath(url)}`);
  if (statusCode >= 300 && statusCode < 400) {
    throw refuse("requestRefused", `${said}, which leads to ${leadsTo(headers.location, url)}`);
  }
  if (statusCode !== 200) throw refuse("requestRefused", said);
  const contentType = headers["content-type"] ?? "";
  if (/^\s*(?:multipart|video)\//i.test(contentType)) {
    throw refuse("badMessage", `${videoStreamSaid}, ${contentType}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    const whole = headers["content-length"];
    const of = whole === undefined ? "" : ` of ${whole}`;
    throw refuse("badMessage", `${endsEarlySaid}, after ${length}${of} bytes`);
  }
  if (length > bytesMax) throw refuse("requestRefused", `its answer has over ${bytesMax} bytes`);
  return { contentType, bytes: new Uint8Array(Buffer.concat(chunks)) };
}

/** Without what may be secret in it. */
function leadsTo(location: string | undefined, from: string): string {
  const to = location === undefined ? null : URL.parse(location, from);
  return to === null ? "no address" : shownUrl(to.href);
}
