import {
  MessageSecurityMode,
  SecurityPolicy,
  UserTokenType,
  type EndpointDescription,
} from "node-opcua";
import { deviceReason } from "../../../../protocols/device-reasons.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { addressOfUrl, WireRefusal } from "../../network-reason.ts";
import type { OpcuaReach, OpcuaSecurity, OpcuaUser } from "../../reach.ts";
import { readCertificate, type CertificateFacts } from "../../certificate-facts.ts";
import { connectOpcua, securityModes } from "./client.ts";

/** What a server offers in the security that is wanted of it. */
export interface OfferedServer {
  readonly certificate: CertificateFacts;
  /** What it calls itself; null where it says nothing. */
  readonly announcedUri: string | null;
  readonly users: readonly OfferedUser[];
}

interface OfferedUser {
  readonly type: UserTokenType;
  /** False: a password would travel as it is, unless the connection itself is encrypted. */
  readonly isEncrypted: boolean;
}

export interface AskedServer {
  readonly reach: Pick<OpcuaReach, "endpointUrl" | "security">;
  readonly certificatesFolder: string;
  readonly clock: Clock;
}

/**
 * Asks a server, unsecured, for what it offers: nothing of it is believed but its certificate, which
 * has to be judged, and whose key it then has to have. Throws a `WireRefusal` that says what is
 * offered where what is wanted is not: a weaker one is never taken instead.
 * @see OPC 10000-4, 5.5.4
 */
export async function askServer(asked: AskedServer): Promise<OfferedServer> {
  const { endpointUrl, security } = asked.reach;
  const endpoints = await endpointsOf(asked);
  const endpoint = endpoints.find((each) => isWanted(each, security));
  if (endpoint === undefined) {
    const offered = [...new Set(endpoints.map(securityOf))].join(", ");
    throw notOffered(endpointUrl, `it offers ${offered === "" ? "nothing" : offered}`);
  }
  const shown: unknown = endpoint.serverCertificate;
  if (!(shown instanceof Uint8Array) || shown.length === 0) {
    throw notOffered(endpointUrl, "it shows no certificate");
  }
  return {
    certificate: certificateIn(shown, endpointUrl),
    announcedUri: endpoint.server.applicationUri,
    users: (endpoint.userIdentityTokens ?? []).map(({ tokenType, securityPolicyUri }) => ({
      type: tokenType,
      isEncrypted: securityPolicyUri !== SecurityPolicy.None,
    })),
  };
}

async function endpointsOf(asked: AskedServer): Promise<readonly EndpointDescription[]> {
  const { client, leave } = await connectOpcua({
    ...asked,
    endpointUrl: asked.reach.endpointUrl,
    security: { mode: "none", allowBeyondLoopback: true },
    serverCertificate: null,
  });
  try {
    return await client.getEndpoints();
  } finally {
    await leave();
  }
}

/** Throws a `WireRefusal` where the server takes no such user, or takes a password for all to read. */
export function refuseUntakenUser(
  { endpointUrl, security, user }: Pick<OpcuaReach, "endpointUrl" | "security" | "user">,
  { users }: Pick<OfferedServer, "users">,
): void {
  const { type, name } = userKind(user);
  const taken = users.filter((each) => each.type === type);
  if (taken.length === 0) {
    const kinds = users.map((each) => UserTokenType[each.type]).join(", ");
    const detail = `it takes no ${name}; it takes ${kinds === "" ? "nobody" : kinds}`;
    throw new WireRefusal(
      deviceReason("accessDenied", { address: addressOfUrl(endpointUrl), detail }),
    );
  }
  const isReadable = security.mode !== "signAndEncrypt" && !taken.some((each) => each.isEncrypted);
  if (type === UserTokenType.UserName && isReadable) {
    throw notOffered(
      endpointUrl,
      "it wants the password unencrypted; mode signAndEncrypt hides it",
    );
  }
}

function userKind(user: OpcuaUser | undefined): { type: UserTokenType; name: string } {
  if (user === undefined) return { type: UserTokenType.Anonymous, name: "nameless user" };
  return "passwordFile" in user
    ? { type: UserTokenType.UserName, name: "user name" }
    : { type: UserTokenType.Certificate, name: "user's certificate" };
}

const isWanted = (
  { securityMode, securityPolicyUri }: EndpointDescription,
  security: OpcuaSecurity,
): boolean =>
  security.mode !== "none" &&
  securityMode === securityModes[security.mode] &&
  securityPolicyUri === SecurityPolicy[security.policy];

/** Such as `SignAndEncrypt Basic256Sha256`. */
const securityOf = ({ securityMode, securityPolicyUri }: EndpointDescription): string =>
  securityMode === MessageSecurityMode.None
    ? "None"
    : `${MessageSecurityMode[securityMode]} ${securityPolicyUri?.split("#").at(-1) ?? ""}`;

function certificateIn(shown: Uint8Array, endpointUrl: string): CertificateFacts {
  try {
    return readCertificate(shown);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw notOffered(endpointUrl, `its certificate cannot be read: ${why}`);
  }
}

const notOffered = (endpointUrl: string, detail: string): WireRefusal =>
  new WireRefusal(
    deviceReason("securityNotOffered", { address: addressOfUrl(endpointUrl), detail }),
  );
