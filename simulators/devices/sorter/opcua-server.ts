import { Subscription } from "node-opcua";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { buildSorterNodes, type CommandHandler, type SorterNode } from "./opcua-address-space.ts";
import { createOpcuaHost } from "../opcua-host.ts";
import { createWatchedItems, eventServerOptions } from "../opcua-nodes.ts";
import type { OpcuaAnswers } from "../opcua-answers.ts";
import type { ServerSecurity } from "../opcua-security.ts";
import type { SorterWire } from "./wire.ts";

export interface SorterOpcuaServerOptions {
  readonly sorterIds: readonly string[];
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  /** Default: unsecured, on loopback. */
  readonly security?: ServerSecurity;
  /** What it calls itself. Default: one name for all of these servers. */
  readonly applicationUri?: string;
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
  /** Fault: how it answers who calls, from now on. */
  answer(as: OpcuaAnswers): void;
}

/** The library's own floor is 50. */
const publishingIntervalMsMinDefault = 5;

export function createSorterOpcuaServer(options: SorterOpcuaServerOptions): SorterOpcuaServer {
  const handlers = new Map<string, CommandHandler>();
  for (const sorterId of options.sorterIds) handlers.set(sorterId, () => "noLife");
  const watched = createWatchedItems();
  let nodes: ReadonlyMap<string, SorterNode> = new Map();
  const host = createOpcuaHost({
    ...options,
    applicationUri: options.applicationUri ?? "urn:sortline:sorter-server",
    server: eventServerOptions(watched),
  });

  return {
    start() {
      Subscription.minimumPublishingInterval =
        options.publishingIntervalMsMin ?? publishingIntervalMsMinDefault;
      return host.start((addressSpace) => {
        const dispatchers = [...handlers.keys()].map((sorterId) => {
          const dispatch: CommandHandler = (payload) =>
            handlers.get(sorterId)?.(payload) ?? "noLife";
          return [sorterId, dispatch] as const;
        });
        nodes = buildSorterNodes(addressSpace, new Map(dispatchers));
      });
    },
    async stop() {
      nodes = new Map();
      await host.stop();
      watched.forget();
    },
    endpointUrl: () => host.endpointUrl(),
    wire: (sorterId) => ({
      publish: (event: SorterEvent) => nodes.get(sorterId)?.raise(event),
      onCommand(handler) {
        if (!handlers.has(sorterId)) throw new Error(`the OPC UA server has no sorter ${sorterId}`);
        handlers.set(sorterId, handler);
      },
    }),
    sessionCount: () => host.sessionCount(),
    silenceSubscriptions: () => watched.silence(),
    answer: (as) => host.answer(as),
  };
}
