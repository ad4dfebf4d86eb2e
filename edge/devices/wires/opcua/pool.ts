import type { Log } from "../../../../protocols/log.ts";
import type { Clock, Entropy } from "../../../../protocols/time.ts";
import { createOpcuaEndpoint, type OpcuaEndpoint } from "./endpoint.ts";
import type { OpcuaReach } from "../../reach.ts";

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
  const certificates = new Map<boolean, ReturnType<Opcua["openCertificates"]>>();

  const open = async (reach: OpcuaReach, onLost: (said: string) => void) => {
    const opcua = await load();
    const trustAnyServer = reach.security.mode !== "none" && reach.security.trustAnyServer;
    let store = certificates.get(trustAnyServer);
    if (store === undefined) {
      store = opcua.openCertificates(options.certificatesFolder, trustAnyServer);
      certificates.set(trustAnyServer, store);
    }
    return opcua.openOpcuaSession({
      reach,
      certificates: store,
      log: options.log.child("opcua"),
      onLost,
    });
  };

  return {
    acquire(reach) {
      const key = JSON.stringify(reach);
      const entry = shared.get(key) ?? {
        endpoint: createOpcuaEndpoint({ ...options, reach, open }),
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

type Opcua = typeof import("./session.ts");
const load = (): Promise<Opcua> => import("./session.ts");
