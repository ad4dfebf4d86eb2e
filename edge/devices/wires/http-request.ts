import { request as plainRequest, type IncomingMessage } from "node:http";
import { request as tlsRequest } from "node:https";
import { deviceReason } from "../../../protocols/device-reasons.ts";
import { readCertificateFile } from "../certificate-file.ts";
import { addressOfUrl, WireRefusal } from "../network-reason.ts";
import { isOnLoopback, type HttpReach } from "../reach.ts";
import { readPasswordFile } from "../secret-file.ts";
import { digestAnswer, readChallenges } from "./http-digest.ts";

export interface HttpAnswer {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface HttpRequestOptions {
  readonly bytesMax: number;
  readonly signal: AbortSignal;
  readonly clientNonce: string;
}

/**
 * Asks once, and once more where the device wants to know who asks. Rejects with a `WireRefusal` that
 * says why there is no answer, or with what the network says. Certificates and passwords are read at
 * each request anew.
 */
export async function askHttp(
  reach: Pick<HttpReach, "url" | "caFile" | "user">,
  { bytesMax, signal, clientNonce }: HttpRequestOptions,
): Promise<HttpAnswer> {
  const url = new URL(reach.url);
  const ca = reach.caFile === undefined ? null : (await readCertificateFile(reach.caFile)).bytes;
  const get = (authorization: string | null): Promise<IncomingMessage> =>
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
      const asked =
        url.protocol === "https:"
          ? tlsRequest(url, { ...options, ...(ca === null ? {} : { ca }) }, resolve)
          : plainRequest(url, options, resolve);
      asked.on("error", reject);
      asked.end();
    });

  const first = await get(null);
  if (first.statusCode !== 401) return contentOf(first, reach.url, bytesMax);
  first.resume();
  const challenge = first.headers["www-authenticate"] ?? "";
  const again = await get(await authorizationFor(challenge, reach, clientNonce));
  return contentOf(again, reach.url, bytesMax);
}

/**
 * Devices offer Digest, Basic or both. By Basic a password travels as it is, so that it is given only
 * over TLS or within this computer.
 */
async function authorizationFor(
  challenge: string,
  { url, user }: Pick<HttpReach, "url" | "user">,
  clientNonce: string,
): Promise<string> {
  const address = addressOfUrl(url);
  if (user === undefined) {
    const detail = "it wants a name and a password; they go under user";
    throw new WireRefusal(deviceReason("accessDenied", { address, detail }));
  }
  const password = await readPasswordFile(user.passwordFile);
  const { pathname, search, protocol } = new URL(url);
  const { name } = user;
  const challenges = readChallenges(challenge);
  const uri = `${pathname}${search}`;
  const digest = digestAnswer(challenges, { name, password, method: "GET", uri, clientNonce });
  if (digest !== null) return digest;
  if (!challenges.some(({ scheme }) => scheme === "basic")) {
    const ways = challenges.map(({ scheme }) => scheme).join(", ");
    const detail = `it asks in a way that is not known here: ${ways}`;
    throw new WireRefusal(deviceReason("accessDenied", { address, detail }));
  }
  if (protocol !== "https:" && !isOnLoopback(url)) {
    const detail = "it wants the password as it is (Basic): set it to Digest, or to https";
    throw new WireRefusal(deviceReason("securityNotOffered", { address, detail }));
  }
  return `Basic ${Buffer.from(`${user.name}:${password}`, "utf8").toString("base64")}`;
}

async function contentOf(
  answer: IncomingMessage,
  url: string,
  bytesMax: number,
): Promise<HttpAnswer> {
  const { statusCode = 0, statusMessage = "", headers } = answer;
  const refuse = (code: "accessDenied" | "unknownThere" | "requestRefused", detail: string) => {
    answer.destroy();
    return new WireRefusal(deviceReason(code, { address: addressOfUrl(url), detail }));
  };
  const said = `${statusCode} ${statusMessage}`.trim();
  if (statusCode === 401 || statusCode === 403) throw refuse("accessDenied", said);
  if (statusCode === 404) throw refuse("unknownThere", `${said}: ${new URL(url).pathname}`);
  if (statusCode !== 200) throw refuse("requestRefused", said);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) throw refuse("requestRefused", `its answer has over ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  // What a device cuts off ends its connection early, which Node tells as an error before this.
  const bytes = new Uint8Array(Buffer.concat(chunks));
  return { contentType: headers["content-type"] ?? "", bytes };
}
