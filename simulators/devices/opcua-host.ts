import {
  OPCUAServer,
  ReadRequest,
  nodesets,
  setErrorLogger,
  setWarningLogger,
  type AddressSpace,
  type OPCUAServerOptions,
} from "node-opcua";
import { spoilAnswers, type OpcuaAnswers } from "./opcua-answers.ts";
import { securityOptions, unsecured, type ServerSecurity } from "./opcua-security.ts";

export interface OpcuaHostOptions {
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  readonly applicationUri: string;
  /** Companion specifications beside OPC UA itself, each behind those that it builds on. */
  readonly companions?: readonly ("di" | "autoId")[];
  /** Default: unsecured, on loopback. */
  readonly security?: ServerSecurity;
  /** What else differs from one simulated server to the other. */
  readonly server: OPCUAServerOptions;
}

/** An OPC UA server on loopback that is started and stopped again and again, as its device is. */
export interface OpcuaHost {
  /** `fill` builds what is in it, anew at each start. Nothing happens while it runs. */
  start(fill: (addressSpace: AddressSpace) => void): Promise<void>;
  /** Clients are cut off. */
  stop(): Promise<void>;
  /** Known once started. */
  endpointUrl(): string;
  sessionCount(): number;
  /** Requests to read, of all clients and since the first start. */
  readsTotal(): number;
  /** Fault: how it answers who writes or calls, from now on. */
  answer(as: OpcuaAnswers): void;
}

const host = "127.0.0.1";

// Refused and lost connections are what these servers are for; they are no news on their console.
setWarningLogger(() => {});
setErrorLogger(() => {});

export function createOpcuaHost(options: OpcuaHostOptions): OpcuaHost {
  let server: OPCUAServer | null = null;
  let port = options.port;
  let endpointUrl = "";
  let readsTotal = 0;
  let answers: OpcuaAnswers = "whole";
  return {
    async start(fill) {
      if (server !== null) return;
      const next = await createServer(options, port);
      await next.initialize();
      next.on("request", (request) => {
        if (request instanceof ReadRequest) readsTotal += 1;
      });
      spoilAnswers(next, () => answers);
      const { addressSpace } = next.engine;
      if (addressSpace === null) throw new Error("the OPC UA server has no address space");
      fill(addressSpace);
      await next.start();
      endpointUrl = next.getEndpointUrl();
      port = Number(new URL(endpointUrl).port);
      server = next;
    },
    async stop() {
      const last = server;
      server = null;
      await last?.shutdown(0);
    },
    endpointUrl: () => endpointUrl,
    sessionCount: () => server?.currentSessionCount ?? 0,
    readsTotal: () => readsTotal,
    answer(as) {
      answers = as;
    },
  };
}

async function createServer(
  { certificatesFolder, applicationUri, companions = [], security, server }: OpcuaHostOptions,
  port: number,
): Promise<OPCUAServer> {
  return new OPCUAServer({
    ...server,
    ...(await securityOptions(security ?? unsecured, certificatesFolder)),
    port,
    host,
    hostname: host,
    nodesets: [nodesets.standard, ...companions.map((name) => nodesets[name])],
    serverInfo: { applicationUri, productUri: "urn:sortline" },
  });
}
