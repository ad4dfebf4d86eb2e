import type { Log } from "../../../protocols/log.ts";
import { tsapOf } from "../../../protocols/iso-tcp.ts";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import type { ByteLink, MessageBus, Will } from "../../../protocols/transport.ts";
import type { DeviceTap } from "../device-tap.ts";
import { addressOf } from "../network-reason.ts";
import { openMqttBus } from "./mqtt-bus.ts";
import type {
  ByteReach,
  FolderReach,
  HttpReach,
  MqttReach,
  OpcuaReach,
  TcpListenReach,
  TcpReach,
} from "../reach.ts";
import type { Wire } from "../wire.ts";
import { overIsoTcp } from "./iso-tcp-link.ts";
import { openFolderWire, type FolderNews, type FolderOrder } from "./folder-wire.ts";
import { openHttpWire, type HttpAsk, type HttpNews } from "./http-wire.ts";
import type { OpcuaEndpoint } from "./opcua/endpoint.ts";
import { createOpcuaPool } from "./opcua/pool.ts";
import { openSerialLink } from "./serial-link.ts";
import { openTcpLink } from "./tcp-link.ts";
import { openTcpListenLink } from "./tcp-listen-link.ts";

/** Where drivers get their wires from: real ones, or in virtual time ones in memory. */
export interface Wires {
  byteLink(reach: ByteReach): ByteLink;
  /** A connection of its own for one device, so that closing it closes nothing else. */
  messageBus(reach: MqttReach, deviceId: string, will?: Will): MessageBus;
  /**
   * Shared by all devices that reach a server in the same way; each closes its own. A server that
   * publishes less often than every `everyMsMax` is refused; null where no events are wanted.
   */
  opcuaEndpoint(reach: OpcuaReach, everyMsMax: number | null): OpcuaEndpoint;
  folder(reach: FolderReach): Wire<FolderNews, FolderOrder>;
  http(reach: HttpReach): Wire<HttpNews, HttpAsk>;
}

/** What every driver is given. */
export interface DriverDeps {
  readonly wires: Wires;
  readonly clock: Clock;
  /** What a person types to trust the OPC UA server of a device; told with whatever it mends. */
  readonly trustCommandOf?: (deviceId: string) => string;
  /** Looks on at the one device that is opened with these. */
  readonly tap?: DeviceTap;
  /** True while a test keeps our life from a sorter. Default: it is told as long as we see. */
  readonly isLifeHeld?: () => boolean;
}

export interface RealWiresOptions {
  /** The name of a device's connection at its MQTT broker; unique there. */
  readonly clientIdOf: (deviceId: string) => string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Keys, certificates and trust lists of this agent as an OPC UA client. */
  readonly certificatesFolder: string;
  readonly log: Log;
  /** Of watched folders nothing is taken, and nothing put there. Default: it is. */
  readonly onlyLooksAtFolders?: boolean;
}

export function realWires(options: RealWiresOptions): Wires {
  const { clientIdOf, clock, entropy, certificatesFolder, log, onlyLooksAtFolders } = options;
  const opcua = createOpcuaPool({ clock, entropy, certificatesFolder, log });
  return {
    byteLink(reach) {
      switch (reach.kind) {
        case "serial":
          return openSerialLink({ reach, clock, entropy, log });
        case "tcp":
          return withIsoTcp(openTcpLink({ reach, clock, entropy, log }), reach, clock);
        case "tcp-listen":
          return withIsoTcp(openTcpListenLink({ reach, clock, entropy, log }), reach, clock);
      }
    },
    messageBus: ({ brokerUrl, tls, user }, deviceId, will) =>
      openMqttBus({
        brokerUrl,
        tls,
        user,
        clientId: clientIdOf(deviceId),
        clock,
        entropy,
        log,
        ...(will === undefined ? {} : { will }),
      }),
    opcuaEndpoint: (reach, everyMsMax) => opcua.acquire(reach, everyMsMax),
    folder: (reach) =>
      openFolderWire({ reach, clock, log, onlyLooks: onlyLooksAtFolders ?? false }),
    http: (reach) => openHttpWire({ reach, clock, entropy, log }),
  };
}

/** The caller is whoever opens the socket. */
function withIsoTcp(link: ByteLink, reach: TcpReach | TcpListenReach, clock: Clock): ByteLink {
  if (reach.isoTcp === undefined) return link;
  const [own, device] = [tsapOf(reach.isoTcp.own), tsapOf(reach.isoTcp.device)];
  const isCalling = reach.kind === "tcp";
  const tsaps = isCalling ? { calling: own, called: device } : { calling: device, called: own };
  return overIsoTcp(link, { clock, address: addressOf(reach.host, reach.port), isCalling, tsaps });
}
