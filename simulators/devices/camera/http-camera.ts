import { hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createCameraView, type SimulatedCamera } from "./camera.ts";

export interface HttpCameraOptions {
  /** Of the loopback; 0 takes any free one. */
  readonly port: number;
  /** Who may ask, and how he is asked for his password; null: everybody may. */
  readonly user: {
    readonly name: string;
    readonly password: string;
    readonly by: "digest" | "basic" | "both";
    /** What it calls itself where it asks for the password; in ASCII if left out. */
    readonly realm?: string;
    /** Whether it says that names are in UTF-8, as RFC 7616 has it and most cameras do not. */
    readonly saysUtf8?: boolean;
  } | null;
}

export interface HttpCamera extends SimulatedCamera {
  readonly url: string;
}

/** What it is asked for. */
const stillPath = "/still";
const realmDefault = "camera";
/** A header has bytes, each of them a character in Node. */
const bytesOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
const textOf = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");

/** A camera that answers a request with what it sees (RFC 9110; RFC 7616 with MD5, as most have it). */
export async function startHttpCamera({ port, user }: HttpCameraOptions): Promise<HttpCamera> {
  const { faults, take, ...view } = createCameraView();
  const nonce = hash("md5", `${port} ${process.pid}`, "hex");

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url !== stillPath) return void response.writeHead(404).end();
    if (user !== null && !isKnown(request, user, nonce)) {
      const realm = bytesOf(user.realm ?? realmDefault);
      const charset = user.saysUtf8 === true ? ", charset=UTF-8" : "";
      const digest = `Digest realm="${realm}", qop="auth", nonce="${nonce}"${charset}`;
      const challenges = [
        ...(user.by === "basic" ? [] : [digest]),
        ...(user.by === "digest" ? [] : [`Basic realm="${realm}"`]),
      ];
      return void response.writeHead(401, { "www-authenticate": challenges }).end();
    }
    const { isSilent, isText, isCut } = faults();
    if (isSilent) return;
    const { bytes, wholeLength } = take();
    const type = isText ? "text/html" : "image/png";
    if (!isCut) return void response.writeHead(200, { "content-type": type }).end(bytes);
    response.writeHead(200, { "content-type": type, "content-length": wholeLength });
    response.write(bytes, () => response.destroy());
  };

  const server = createServer({ keepAlive: false }, answer);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const at = (server.address() as AddressInfo).port;
  return {
    ...view,
    url: `http://127.0.0.1:${at}${stillPath}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type CameraUser = NonNullable<HttpCameraOptions["user"]>;

function isKnown(
  { headers, method = "" }: IncomingMessage,
  user: CameraUser,
  nonce: string,
): boolean {
  const { authorization = "" } = headers;
  const { name, password, by, realm = realmDefault } = user;
  if (authorization.startsWith("Basic ") && by !== "digest") {
    const given = Buffer.from(authorization.slice(6), "base64").toString("utf8");
    return given === `${name}:${password}`;
  }
  if (!authorization.startsWith("Digest ") || by === "basic") return false;
  const said = new Map(
    [...authorization.matchAll(/(\w+\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(
      ([, key = "", quoted, plain]) =>
        [key, quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? ""] as const,
    ),
  );
  const of = (key: string): string => said.get(key) ?? "";
  const md5 = (text: string): string => hash("md5", text, "hex");
  const whoHash = md5(`${name}:${realm}:${password}`);
  const whatHash = md5(`${method}:${of("uri")}`);
  const wanted = md5([whoHash, nonce, of("nc"), of("cnonce"), of("qop"), whatHash].join(":"));
  const given = said.has("username*")
    ? decodeURIComponent(of("username*").replace(/^UTF-8''/, ""))
    : textOf(of("username"));
  return given === name && of("nonce") === nonce && of("response") === wanted;
}
