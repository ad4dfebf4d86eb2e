import type { DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { Log } from "../../../../protocols/log.ts";
import type { Clock, Entropy } from "../../../../protocols/time.ts";
import { deviceReasonLogText } from "../../../../protocols/words/device-reason.ts";
import { networkReason, WireRefusal } from "../../network-reason.ts";
import { createOpcuaEndpoint, type OpcuaEndpoint } from "./endpoint.ts";
import type { OpcuaReach } from "../../reach.ts";
import {
  ownCertificateEnding,
  ownCertificateFault,
  readOwnCertificate,
} from "./own-certificate.ts";

export interface OpcuaPoolOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Keys, certificates and trust lists of this agent as an OPC UA client. */
  readonly certificatesFolder: string;
}

/** Endpoints shared by all devices that reach the same server in the same way. */
export interface OpcuaPool {
  /** Each is to be closed by whoever acquired it; the last one closes the connection. */
  acquire(reach: OpcuaReach): OpcuaEndpoint;
}

/**
 * The OPC UA library is loaded when the first endpoint is acquired and not before: it takes half a
 * second and 100 MB, which an agent without OPC UA devices need not pay.
 */
export function createOpcuaPool(options: OpcuaPoolOptions): OpcuaPool {
  const shared = new Map<string, { readonly endpoint: OpcuaEndpoint; users: number }>();

  const open = async (reach: OpcuaReach, onLost: (said: string) => void) => {
    refuseUnmadeCertificate(reach);
    const { certificatesFolder, clock } = options;
    const { openOpcuaSession } = await load();
    const certificateAdvice = isSecured(reach)
      ? ownCertificateEnding(certificatesFolder, clock.wall())
      : null;
    return openOpcuaSession({
      reach,
      certificatesFolder,
      clock,
      certificateAdvice,
      log: options.log.child("opcua"),
      onLost,
    });
  };

  /** The library would make a certificate under whatever the calendar shows. */
  const refuseUnmadeCertificate = (reach: OpcuaReach): void => {
    if (!isSecured(reach) || readOwnCertificate(options.certificatesFolder).kind !== "missing") {
      return;
    }
    const fault = ownCertificateFault(options.certificatesFolder, options.clock.wall());
    if (fault !== null) throw new WireRefusal(fault);
  };

  /** A server that refuses us may be right: our own certificate is looked at first. */
  const reasonOf =
    (reach: OpcuaReach) =>
    (error: unknown, address: string): DeviceReason => {
      const reason = networkReason(error, address);
      if (!isSecured(reach) || reason.code !== "notTrusted") return reason;
      return ownCertificateFault(options.certificatesFolder, options.clock.wall()) ?? reason;
    };

  let isCertificateSeen = false;
  /** At the first secured connection, before any server has looked at it. */
  const seeCertificate = (reach: OpcuaReach): void => {
    if (isCertificateSeen || !isSecured(reach)) return;
    isCertificateSeen = true;
    const [folder, now] = [options.certificatesFolder, options.clock.wall()];
    const known = ownCertificateFault(folder, now) ?? ownCertificateEnding(folder, now);
    if (known === null) return;
    options.log.child("opcua").warn("our own certificate", { why: deviceReasonLogText(known) });
  };

  return {
    acquire(reach) {
      seeCertificate(reach);
      const key = JSON.stringify(reach);
      const entry = shared.get(key) ?? {
        endpoint: createOpcuaEndpoint({ ...options, reach, open, reasonOf: reasonOf(reach) }),
        users: 0,
      };
      shared.set(key, entry);
      entry.users += 1;
      let isReleased = false;
      return {
        watchEvents: (source, handlers) => entry.endpoint.watchEvents(source, handlers),
        call: (call, onFailed) => entry.endpoint.call(call, onFailed),
        async close() {
          if (isReleased) return;
          isReleased = true;
          entry.users -= 1;
          if (entry.users > 0) return;
          shared.delete(key);
          await entry.endpoint.close();
        },
      };
    },
  };
}

const isSecured = ({ security }: OpcuaReach): boolean => security.mode !== "none";

const load = (): Promise<typeof import("./session.ts")> => import("./session.ts");
