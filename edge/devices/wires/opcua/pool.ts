import { isSameDeviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { Log } from "../../../../protocols/log.ts";
import type { Clock, Entropy } from "../../../../protocols/time.ts";
import { deviceReasonLogText } from "../../../../protocols/words/device-reason.ts";
import { networkReason, WireRefusal } from "../../network-reason.ts";
import type { OpcuaSession } from "./session.ts";
import { createOpcuaEndpoint, type OpcuaEndpoint } from "./endpoint.ts";
import type { OpcuaReach } from "../../reach.ts";
import {
  ownCertificateAdvice,
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
  /**
   * Each is to be closed by whoever acquired it; the last one closes the connection. A server that
   * publishes less often than every `everyMsMax` is refused; null where no events are wanted.
   */
  acquire(reach: OpcuaReach, everyMsMax: number | null): OpcuaEndpoint;
}

/**
 * The OPC UA library is loaded when the first endpoint is acquired and not before: it takes half a
 * second and 100 MB, which an agent without OPC UA devices need not pay.
 */
export function createOpcuaPool(options: OpcuaPoolOptions): OpcuaPool {
  const shared = new Map<string, { readonly endpoint: OpcuaEndpoint; users: number }>();

  const open = async (
    reach: OpcuaReach,
    everyMsMax: number | null,
    onLost: (said: string) => void,
  ): Promise<OpcuaSession> => {
    refuseUnmadeCertificate(reach);
    const { certificatesFolder, clock } = options;
    const { openOpcuaSession } = await load();
    return openOpcuaSession({
      reach,
      everyMsMax,
      certificatesFolder,
      clock,
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
      if (!isSecured(reach) || reason.code !== "ourCertificateRefused") return reason;
      return ownCertificateFault(options.certificatesFolder, options.clock.wall()) ?? reason;
    };

  let certificateSaid: DeviceReason | null = null;
  /** Of the certificate by which a secured server knows us; the log has each thing to say once. */
  const certificateAdvice = (): DeviceReason | null => {
    const advice = ownCertificateAdvice(options.certificatesFolder, options.clock.wall());
    if (advice !== null && !isSameDeviceReason(advice, certificateSaid)) {
      const why = deviceReasonLogText(advice);
      options.log.child("opcua").warn("our own certificate", { why });
    }
    certificateSaid = advice;
    return advice;
  };

  return {
    acquire(reach, everyMsMax) {
      // Before any server has looked at it.
      if (isSecured(reach)) certificateAdvice();
      const key = JSON.stringify([reach, everyMsMax]);
      const entry = shared.get(key) ?? {
        endpoint: createOpcuaEndpoint({
          ...options,
          reach,
          open: (_reach, onLost) => open(reach, everyMsMax, onLost),
          reasonOf: reasonOf(reach),
          ...(isSecured(reach) ? { standingAdvice: certificateAdvice } : {}),
        }),
        users: 0,
      };
      shared.set(key, entry);
      entry.users += 1;
      let isReleased = false;
      return {
        watchEvents: (source, handlers) => entry.endpoint.watchEvents(source, handlers),
        watchVariables: (source, handlers) => entry.endpoint.watchVariables(source, handlers),
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
