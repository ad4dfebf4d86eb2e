import { DataType, StatusCodes, Variant, VariantArrayType, type Namespace } from "node-opcua";
import { createOpcuaHost } from "../opcua-host.ts";
import type { ServerSecurity } from "../opcua-security.ts";
import type { PlcMemory, PlcType, PlcVariable } from "./plc-memory.ts";

export interface PlcOpcuaServerOptions {
  readonly memory: PlcMemory;
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  /** Default: unsecured, on loopback. */
  readonly security?: ServerSecurity;
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

/** The OPC UA server of a controller that has nothing but variables. */
export interface PlcOpcuaServer {
  start(as?: PlcOpcuaStart): Promise<void>;
  /** Clients are cut off; the memory goes on. */
  stop(): Promise<void>;
  /** Known once started. */
  endpointUrl(): string;
}

export function createPlcOpcuaServer(options: PlcOpcuaServerOptions): PlcOpcuaServer {
  const host = createOpcuaHost({
    ...options,
    applicationUri: "urn:sortline:plc",
    server: { serverCapabilities: { maxSessions: 20 } },
  });
  return {
    start: (as = {}) =>
      host.start((addressSpace) => {
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
      }),
    stop: () => host.stop(),
    endpointUrl: () => host.endpointUrl(),
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
