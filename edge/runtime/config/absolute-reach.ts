import { resolve } from "node:path";
import type { BrokerReach, HttpReach, OpcuaUser, Reach } from "../../devices/reach.ts";
import type { AgentFile } from "./agent-file.ts";

type Devices = AgentFile["lines"][number]["devices"];

/** Files and folders that a device's reach names start at the folder of the configuration. */
export function withAbsoluteReaches(devices: Devices, folder: string): Devices {
  const absolute = <Device extends { readonly reach: Reach }>(device: Device): Device => ({
    ...device,
    reach: withAbsoluteReach(device.reach, folder),
  });
  const { scanner, witness, scale, xray, sorter, annunciator, cameras } = devices;
  return {
    scanner: absolute(scanner),
    witness: witness === null ? null : absolute(witness),
    scale: scale === null ? null : absolute(scale),
    xray: xray === null ? null : absolute(xray),
    sorter: absolute(sorter),
    annunciator: annunciator === null ? null : absolute(annunciator),
    cameras: cameras.map(absolute),
  };
}

function withAbsoluteReach(reach: Reach, folder: string): Reach {
  if (reach.kind === "mqtt") return { ...reach, ...withAbsoluteFiles(reach, folder) };
  if (reach.kind === "folder") {
    const { path, tellPath } = reach;
    return {
      ...reach,
      path: resolve(folder, path),
      ...(tellPath === undefined ? {} : { tellPath: resolve(folder, tellPath) }),
    };
  }
  if (reach.kind === "http") return withAbsoluteHttp(reach, folder);
  if (reach.kind !== "opcua" || reach.user === undefined) return reach;
  return { ...reach, user: ofUser(reach.user, folder) };
}

const withAbsoluteHttp = (reach: HttpReach, folder: string): HttpReach => {
  const { caFile, user } = reach;
  return {
    ...reach,
    ...(caFile === undefined ? {} : { caFile: resolve(folder, caFile) }),
    ...(user === undefined ? {} : { user: ofNamed(user, folder) }),
  };
};

const ofNamed = <User extends { readonly passwordFile: string }>(
  user: User,
  folder: string,
): User => ({ ...user, passwordFile: resolve(folder, user.passwordFile) });

const ofUser = (user: OpcuaUser, folder: string): OpcuaUser =>
  "passwordFile" in user
    ? ofNamed(user, folder)
    : {
        certificateFile: resolve(folder, user.certificateFile),
        keyFile: resolve(folder, user.keyFile),
      };

/** Of a broker, whether a device's or the link's. */
export function withAbsoluteFiles(
  { tls, user }: BrokerReach,
  folder: string,
): Pick<BrokerReach, "tls" | "user"> {
  const at = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(folder, path);
  return {
    ...(tls === undefined
      ? {}
      : {
          tls: {
            caFile: at(tls.caFile),
            certificateFile: at(tls.certificateFile),
            keyFile: at(tls.keyFile),
          },
        }),
    ...(user === undefined ? {} : { user: ofNamed(user, folder) }),
  };
}
