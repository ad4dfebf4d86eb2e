import {
  DataType,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  Variant,
  VariantArrayType,
  nodesets,
  type Namespace,
} from "node-opcua";
import { join } from "node:path";
import type { PlcMemory, PlcType, PlcVariable } from "./plc-memory.ts";

export interface PlcOpcuaServerOptions {
  readonly memory: PlcMemory;
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  /** Of the variables' nodes. */
  readonly namespaceUri: string;
}

/** What can be different at a start, from what was there before. */
export interface PlcOpcuaStart {
  /** Namespaces that stand before the variables' own, and so change its number. */
  readonly namespacesBefore?: readonly string[];
  /** Fault: types that differ from the variables' own. */
  readonly types?: Readonly<Record<string, PlcType>>;
  /** Fault: variables that nobody may write. */
  readonly readOnly?: readonly string[];
  /** Fault: variables that are not there. */
  readonly missing?: readonly string[];
}

/** The OPC UA server of a controller that has nothing but variables: unsecured, on loopback. */
export interface PlcOpcuaServer {
  start(as?: PlcOpcuaStart): Promise<void>;
  /** Clients are cut off; the memory goes on. */
  stop(): Promise<void>;
  /** Known once started. */
  endpointUrl(): string;
}

const host = "127.0.0.1";

export function createPlcOpcuaServer(options: PlcOpcuaServerOptions): PlcOpcuaServer {
  let server: OPCUAServer | null = null;
  let port = options.port;
  let endpointUrl = "";
  return {
    async start(as = {}) {
      if (server !== null) return;
      const next = createServer(options, port);
      await next.initialize();
      const { addressSpace } = next.engine;
      if (addressSpace === null) throw new Error("the OPC UA server has no address space");
      for (const uri of as.namespacesBefore ?? []) addressSpace.registerNamespace(uri);
      const namespace = addressSpace.registerNamespace(options.namespaceUri);
      const folder = namespace.addFolder(addressSpace.rootFolder.objects, "DB");
      const missing = as.missing ?? [];
      for (const variable of options.memory.variables) {
        if (missing.includes(variable.name)) continue;
        const type = as.types?.[variable.name] ?? variable.type;
        const isWritable = variable.isWritable && as.readOnly?.includes(variable.name) !== true;
        addVariable(namespace, folder, { ...variable, type, isWritable }, options.memory);
      }
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
  };
}

function addVariable(
  namespace: Namespace,
  folder: ReturnType<Namespace["addFolder"]>,
  { name, type, isWritable }: PlcVariable,
  memory: PlcMemory,
): void {
  const access = isWritable ? "CurrentRead | CurrentWrite" : "CurrentRead";
  const dataType = DataType[type];
  const first = memory.read(name);
  namespace.addVariable({
    nodeId: `s=${name}`,
    browseName: name,
    organizedBy: folder,
    dataType,
    accessLevel: access,
    userAccessLevel: access,
    ...(Array.isArray(first) ? { valueRank: 1, arrayDimensions: [first.length] } : {}),
    minimumSamplingInterval: 10,
    value: {
      get() {
        const value = memory.read(name);
        if (value === null) return StatusCodes.BadSensorFailure;
        if (!Array.isArray(value)) {
          return new Variant({ dataType, value: type === "Boolean" ? value : Number(value) });
        }
        const list = type === "UInt32" ? Uint32Array.from(value) : Uint16Array.from(value);
        return new Variant({ dataType, arrayType: VariantArrayType.Array, value: list });
      },
      set(variant: Variant) {
        memory.write(name, variant.value);
        return StatusCodes.Good;
      },
    },
  });
}

function createServer(options: PlcOpcuaServerOptions, port: number): OPCUAServer {
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
    serverInfo: { applicationUri: "urn:sortline:plc", productUri: "urn:sortline" },
    serverCertificateManager: certificates("server"),
    userCertificateManager: certificates("users"),
    securityPolicies: [SecurityPolicy.None],
    securityModes: [MessageSecurityMode.None],
    disableDiscovery: true,
    serverCapabilities: { maxSessions: 20 },
  });
}
