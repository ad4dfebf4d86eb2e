import {
  DataType,
  StatusCodes,
  Subscription,
  Variant,
  VariantArrayType,
  type AddressSpace,
  type Namespace,
} from "node-opcua";
import type { OpcuaAnswers } from "../opcua-answers.ts";
import { takePartsOf, type WrittenRange } from "../opcua-array-writes.ts";
import { createOpcuaHost } from "../opcua-host.ts";
import { createWatchedItems } from "../opcua-nodes.ts";
import type { ServerSecurity } from "../opcua-security.ts";
import type { PlcType, PlcValue } from "./plc-variables.ts";
import type { PlcBrowseName, PlcNode } from "./plc-nodes.ts";

export interface PlcOpcuaServerOptions {
  readonly nodes: readonly PlcNode[];
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  /** Default: unsecured, on loopback. */
  readonly security?: ServerSecurity;
  /** What the server calls itself, if not as all of its kind. */
  readonly applicationUri?: string;
  /** The fastest that clients may ask for. Default 50; it samples no value more often than that. */
  readonly publishingIntervalMsMin?: number;
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
  /** Fault: variables beside which there is another one of the same browse name. */
  readonly twice?: readonly string[];
  /** Fault: the most variables that a subscription may watch. */
  readonly watchedMax?: number;
}

/** The OPC UA server of a controller that has nothing but variables. */
export interface PlcOpcuaServer {
  start(as?: PlcOpcuaStart): Promise<void>;
  /** Clients are cut off; the memory goes on. */
  stop(): Promise<void>;
  /** Known once started. */
  endpointUrl(): string;
  /** Requests to read, of all clients. */
  readsTotal(): number;
  /** Fault: how it answers who writes, from now on. */
  answer(as: OpcuaAnswers): void;
  /** Variables that are watched, by all clients. */
  watchedTotal(): number;
  /** Fault: every subscription that exists now goes on living and never delivers another value. */
  silenceSubscriptions(): void;
}

/** The library's own floor. */
const publishingIntervalMsMinDefault = 50;

export function createPlcOpcuaServer(options: PlcOpcuaServerOptions): PlcOpcuaServer {
  const watched = createWatchedItems();
  let watchedMax: number | undefined;
  const host = createOpcuaHost({
    applicationUri: "urn:sortline:plc",
    ...options,
    server: {
      ...watched.options,
      // Looked at for each start.
      get serverCapabilities() {
        return {
          maxSessions: 20,
          ...(watchedMax === undefined ? {} : { maxMonitoredItemsPerSubscription: watchedMax }),
        };
      },
    },
  });
  let startsTotal = 0;
  return {
    start(as = {}) {
      watchedMax = as.watchedMax;
      Subscription.minimumPublishingInterval =
        options.publishingIntervalMsMin ?? publishingIntervalMsMinDefault;
      return host.start((addressSpace) => {
        startsTotal += 1;
        for (const uri of as.namespacesBefore ?? []) addressSpace.registerNamespace(uri);
        // In a namespace of the server's, since its number may be one that a map has given away.
        const root = addressSpace.rootFolder.objects;
        const folder = addressSpace.getOwnNamespace().addFolder(root, "DB");
        const folderAt = createFolders(addressSpace);
        for (const node of options.nodes) {
          const { name, namespaceUri } = node;
          if (as.missing?.includes(name) === true) continue;
          const namespace = addressSpace.registerNamespace(namespaceUri);
          const type = as.types?.[name] ?? node.type;
          const isWritable = node.isWritable && as.readOnly?.includes(name) !== true;
          const { at } = node;
          const place =
            typeof at === "string"
              ? { namespace, folder, nodeId: at, browseName: name }
              : {
                  namespace,
                  folder: folderAt(at.slice(0, -1)),
                  nodeId: `s=start ${startsTotal}${name}`,
                  browseName: at.at(-1)?.name ?? "",
                };
          const shown = { ...node, type, isWritable };
          addVariable(place, shown);
          if (as.twice?.includes(name) !== true) continue;
          addVariable({ ...place, nodeId: `${place.nodeId} again` }, shown);
        }
      });
    },
    async stop() {
      await host.stop();
      watched.forget();
    },
    endpointUrl: () => host.endpointUrl(),
    readsTotal: () => host.readsTotal(),
    answer: (as) => host.answer(as),
    watchedTotal: () => watched.total(),
    silenceSubscriptions: () => watched.silence(),
  };
}

type Folder = ReturnType<Namespace["addFolder"]>;

interface Place {
  readonly namespace: Namespace;
  readonly folder: Folder;
  readonly nodeId: string;
  readonly browseName: string;
}

/** Folders by the names that lead to them from Objects, each made when it is first asked for. */
function createFolders(addressSpace: AddressSpace) {
  const made = new Map<string, Folder>();
  const folderAt = (path: readonly PlcBrowseName[]): Folder => {
    const last = path.at(-1);
    if (last === undefined) return addressSpace.rootFolder.objects;
    const known = made.get(JSON.stringify(path));
    if (known !== undefined) return known;
    const namespace = addressSpace.registerNamespace(last.namespaceUri);
    const folder = namespace.addFolder(folderAt(path.slice(0, -1)), last.name);
    made.set(JSON.stringify(path), folder);
    return folder;
  };
  return folderAt;
}

function addVariable({ namespace, folder, nodeId, browseName }: Place, node: PlcNode): void {
  const { type, size } = node;
  const access = node.isWritable ? "CurrentRead | CurrentWrite" : "CurrentRead";
  const dataType = DataType[type];
  const shown = (): (boolean | number | number[])[] | null => {
    const value = node.read();
    return typeof value === "object" ? (value?.map((each) => coded(type, each)) ?? null) : null;
  };
  let written: WrittenRange | null = null;
  const variable = namespace.addVariable({
    nodeId,
    browseName,
    organizedBy: folder,
    dataType,
    accessLevel: access,
    userAccessLevel: access,
    ...(size === null ? {} : { valueRank: 1, arrayDimensions: [size] }),
    minimumSamplingInterval: 10,
    value: {
      get() {
        const value = node.read();
        if (value === null) return StatusCodes.BadSensorFailure;
        if (typeof value !== "object") return new Variant({ dataType, value: coded(type, value) });
        return new Variant({
          dataType,
          arrayType: VariantArrayType.Array,
          value: typed(type, shown()),
        });
      },
      set(variant: Variant) {
        node.write(decoded(type, variant.value), written);
        return StatusCodes.Good;
      },
    },
  });
  if (size === null || !node.isWritable) return;
  takePartsOf(variable, {
    shown,
    onRange: (range) => {
      written = range;
    },
  });
}

/** As the library has it: 64 bits are two halves, the high one first. */
function coded(type: PlcType, value: boolean | number): boolean | number | number[] {
  if (type === "Boolean") return Boolean(value);
  const number = Number(value);
  return type === "Int64" || type === "UInt64"
    ? [Math.floor(number / 2 ** 32) >>> 0, number >>> 0]
    : number;
}

/**
 * As the library keeps arrays of this type. For a plain one of more than ten elements node-opcua works
 * out a call stack for a warning, each time and also where warnings are switched off, which costs more
 * than all the rest of a read.
 */
function typed(type: PlcType, list: readonly (boolean | number | number[])[] | null): unknown {
  const arrays = arraysOf[type];
  return list === null || arrays === undefined ? list : arrays.from(list, Number);
}

const arraysOf: Partial<
  Record<PlcType, { from(list: readonly unknown[], each: typeof Number): object }>
> = {
  Int16: Int16Array,
  UInt16: Uint16Array,
  Int32: Int32Array,
  UInt32: Uint32Array,
  Double: Float64Array,
};

function decoded(type: PlcType, value: unknown): PlcValue {
  const isLong = type === "Int64" || type === "UInt64";
  if (!isLong)
    return Array.isArray(value) || ArrayBuffer.isView(value) ? listOf(value) : one(value);
  const halves: readonly unknown[] = Array.isArray(value) ? value : [];
  return Array.isArray(halves[0]) ? halves.map(joined) : joined(halves);
}

const listOf = (value: unknown): (boolean | number)[] => [...(value as Iterable<unknown>)].map(one);
const one = (value: unknown): boolean | number =>
  typeof value === "boolean" ? value : Number(value);

function joined(halves: unknown): number {
  const [high = 0, low = 0] = Array.isArray(halves) ? halves.map(Number) : [];
  return (high | 0) * 2 ** 32 + (low >>> 0);
}
