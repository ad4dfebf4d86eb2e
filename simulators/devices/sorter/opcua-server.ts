import {
  MessageSecurityMode,
  MonitoredItem,
  MonitoringMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  Subscription,
  nodesets,
  setErrorLogger,
  setWarningLogger,
} from "node-opcua";
import { join } from "node:path";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { buildSorterNodes, type CommandHandler, type SorterNode } from "./opcua-address-space.ts";
import type { SorterWire } from "./wire.ts";

export interface SorterOpcuaServerOptions {
  readonly sorterIds: readonly string[];
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  /** Default `none`, on loopback. Clients' certificates are trusted as they come. */
  readonly security?: "none" | "signAndEncrypt";
  /** The fastest that clients may ask for. Default 5; a PLC may have 500. */
  readonly publishingIntervalMsMin?: number;
}

/** One OPC UA server with any number of simulated sorters. */
export interface SorterOpcuaServer {
  start(): Promise<void>;
  /** Clients are cut off. The wires stay; what is published meanwhile is lost, as on any wire. */
  stop(): Promise<void>;
  /** Known once started. */
  endpointUrl(): string;
  wire(sorterId: string): SorterWire;
  sessionCount(): number;
  /**
   * Fault: every subscription that exists now goes on living and never delivers another event.
   * The client sees a healthy connection with keep-alives.
   */
  silenceSubscriptions(): void;
}

const host = "127.0.0.1";
/** The library's own floor is 50. */
const publishingIntervalMsMinDefault = 5;

// Refused and lost connections are what this server is for; they are no news on its console.
setWarningLogger(() => {});
setErrorLogger(() => {});

export function createSorterOpcuaServer(options: SorterOpcuaServerOptions): SorterOpcuaServer {
  const handlers = new Map<string, CommandHandler>();
  for (const sorterId of options.sorterIds) handlers.set(sorterId, () => "noLife");
  const monitoredItems = new Set<MonitoredItem>();
  let server: OPCUAServer | null = null;
  let nodes: ReadonlyMap<string, SorterNode> = new Map();
  let port = options.port;
  let endpointUrl = "";

  return {
    async start() {
      if (server !== null) return;
      Subscription.minimumPublishingInterval =
        options.publishingIntervalMsMin ?? publishingIntervalMsMinDefault;
      const next = createServer(options, port, monitoredItems);
      await next.initialize();
      const { addressSpace } = next.engine;
      if (addressSpace === null) throw new Error("the OPC UA server has no address space");
      const dispatchers = [...handlers.keys()].map((sorterId) => {
        const dispatch: CommandHandler = (payload) => handlers.get(sorterId)?.(payload) ?? "noLife";
        return [sorterId, dispatch] as const;
      });
      nodes = buildSorterNodes(addressSpace, new Map(dispatchers));
      await next.start();
      endpointUrl = next.getEndpointUrl();
      port = Number(new URL(endpointUrl).port);
      server = next;
    },
    async stop() {
      const last = server;
      server = null;
      nodes = new Map();
      await last?.shutdown(0);
      monitoredItems.clear();
    },
    endpointUrl: () => endpointUrl,
    wire: (sorterId) => ({
      publish: (event: SorterEvent) => nodes.get(sorterId)?.raise(event),
      onCommand(handler) {
        if (!handlers.has(sorterId)) throw new Error(`the OPC UA server has no sorter ${sorterId}`);
        handlers.set(sorterId, handler);
      },
    }),
    sessionCount: () => server?.currentSessionCount ?? 0,
    silenceSubscriptions() {
      for (const item of monitoredItems) item.setMonitoringMode(MonitoringMode.Disabled);
      monitoredItems.clear();
    },
  };
}

function createServer(
  options: SorterOpcuaServerOptions,
  port: number,
  monitoredItems: Set<MonitoredItem>,
): OPCUAServer {
  const isOpen = (options.security ?? "none") === "none";
  const certificates = (name: string) =>
    new OPCUACertificateManager({
      rootFolder: join(options.certificatesFolder, name),
      automaticallyAcceptUnknownCertificate: true,
      disableFileWatchers: true,
    });
  return new OPCUAServer({
    port,
    host,
    hostname: host,
    nodesets: [nodesets.standard],
    serverInfo: { applicationUri: "urn:sortline:sorter-server", productUri: "urn:sortline" },
    serverCertificateManager: certificates("server"),
    userCertificateManager: certificates("users"),
    securityPolicies: [isOpen ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256],
    securityModes: [isOpen ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt],
    // A secured server must let clients ask, unsecured, for its certificate.
    disableDiscovery: isOpen,
    onCreateMonitoredItem: async (_subscription, item) => {
      if (item instanceof MonitoredItem) monitoredItems.add(item);
      return StatusCodes.Good;
    },
    onDeleteMonitoredItem: async (_subscription, item) => {
      if (item instanceof MonitoredItem) monitoredItems.delete(item);
      return StatusCodes.Good;
    },
    // Without this the library samples at 50 ms and loses what changes in between.
    serverCapabilities: { minSupportedSampleRate: 0, maxSessions: 100 },
  });
}
