// The controller's OPC UA server: plain variables in a namespace of its own, with strict types and
// rights, and with the slow subscriptions that small controllers have.

import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSubscriptionRequest,
  DataType,
  DataValue,
  MessageSecurityMode,
  ModifySubscriptionRequest,
  nodesets,
  OPCUACertificateManager,
  OPCUAServer,
  RegisterServerMethod,
  SecurityPolicy,
  StatusCodes,
  Variant,
  VariantArrayType,
  WriteRequest,
} from "node-opcua";
import type { INamespace, UAObject } from "node-opcua";
import type { ForeignPlc } from "./foreign-plc.ts";
import type { PlcType, PlcValue, PlcVariable } from "./foreign-db.ts";

export const foreignNamespaceUri = "http://www.example.com/plc/DB";

export interface ForeignServerOptions {
  port: number;
  /**
   * The namespaces in the order in which they are registered, behind the two that every server
   * has. Where the controller's own is not among them, it comes last.
   */
  namespaces: readonly string[];
  publishingFloorMs?: number;
  samplingFloorMs?: number;
  /** Where the server's certificate is kept from one start to the next. */
  certificateFolder?: string;
  /** As some controllers do: a written value comes without status and timestamps. */
  refusesTimestamps?: boolean;
}

export interface ForeignServer {
  readonly endpointUrl: string;
  /** The index of the controller's namespace at this start. */
  readonly namespaceIndex: number;
  stop(): Promise<void>;
}

const dataTypes: Readonly<Record<PlcType, DataType>> = {
  Boolean: DataType.Boolean,
  Byte: DataType.Byte,
  UInt16: DataType.UInt16,
  UInt32: DataType.UInt32,
};

/** The library wants arrays of numbers in the form that it sends them in. */
const typedArrays: Readonly<Record<PlcType, (values: number[]) => unknown>> = {
  Boolean: (values) => values,
  Byte: (values) => Uint8Array.from(values),
  UInt16: (values) => Uint16Array.from(values),
  UInt32: (values) => Uint32Array.from(values),
};

export async function startForeignServer(
  plc: ForeignPlc,
  options: ForeignServerOptions,
): Promise<ForeignServer> {
  const { port, publishingFloorMs = 100, samplingFloorMs = 50 } = options;
  const server = createServer(options, samplingFloorMs);
  floorPublishing(server, publishingFloorMs);
  const refusesTimestamps = options.refusesTimestamps ?? true;
  const stamped = refusesTimestamps ? watchStamped(server) : new WeakSet<DataValue>();
  await server.initialize();
  const { addressSpace } = server.engine;
  if (addressSpace === null) throw new Error("the server has no address space");
  const uris = options.namespaces.includes(foreignNamespaceUri)
    ? options.namespaces
    : [...options.namespaces, foreignNamespaceUri];
  for (const uri of uris) addressSpace.registerNamespace(uri);
  const namespace = addressSpace.getNamespace(foreignNamespaceUri);
  const folder = namespace.addObject({
    organizedBy: addressSpace.rootFolder.objects,
    nodeId: 's="Sorter"',
    browseName: "Sorter",
  });
  for (const variable of plc.variables) {
    addVariable({ namespace, folder, variable, samplingFloorMs, stamped });
  }
  await server.start();
  return {
    endpointUrl: `opc.tcp://127.0.0.1:${port}`,
    namespaceIndex: namespace.index,
    stop: () => server.shutdown(0),
  };
}

function createServer(options: ForeignServerOptions, samplingFloorMs: number): OPCUAServer {
  const { port } = options;
  const certificates = new OPCUACertificateManager({
    rootFolder: options.certificateFolder ?? join(tmpdir(), `foreign-plc-${port}`),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  return new OPCUAServer({
    port,
    host: "127.0.0.1",
    hostname: "127.0.0.1",
    alternateHostname: ["127.0.0.1"],
    nodeset_filename: [nodesets.standard],
    serverCertificateManager: certificates,
    userCertificateManager: certificates,
    registerServerMethod: RegisterServerMethod.HIDDEN,
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256],
    allowAnonymous: true,
    serverInfo: {
      applicationUri: "urn:127.0.0.1:foreign-plc",
      productUri: "http://www.example.com/plc",
      applicationName: { text: "Foreign PLC" },
    },
    buildInfo: { productName: "Foreign PLC", manufacturerName: "Example" },
    serverCapabilities: { minSupportedSampleRate: samplingFloorMs },
  });
}

/**
 * The library has one floor for all servers of a process. This one is the controller's alone, so
 * what a client asks for is raised before the library sees it.
 */
function floorPublishing(server: OPCUAServer, floorMs: number): void {
  server.on("request", (request) => {
    const isAsking =
      request instanceof CreateSubscriptionRequest || request instanceof ModifySubscriptionRequest;
    if (!isAsking) return;
    const asked = request.requestedPublishingInterval;
    request.requestedPublishingInterval = asked > floorMs ? asked : floorMs;
  });
}

/**
 * What was written together with a status or timestamps. It is looked at when the request comes,
 * since the library puts timestamps of its own to every value before it is set.
 */
function watchStamped(server: OPCUAServer): WeakSet<DataValue> {
  const stamped = new WeakSet<DataValue>();
  server.on("request", (request) => {
    if (!(request instanceof WriteRequest)) return;
    for (const { value } of request.nodesToWrite ?? []) {
      const isPlain =
        value.statusCode.isGood() &&
        value.sourceTimestamp === null &&
        value.serverTimestamp === null;
      if (!isPlain) stamped.add(value);
    }
  });
  return stamped;
}

interface Placed {
  namespace: INamespace;
  folder: UAObject;
  variable: PlcVariable;
  samplingFloorMs: number;
  /** Which values must not be written, because of what came with them. */
  stamped: WeakSet<DataValue>;
}

function addVariable({ namespace, folder, variable, samplingFloorMs, stamped }: Placed): void {
  const access = variable.isWritable ? "CurrentRead | CurrentWrite" : "CurrentRead";
  const node = namespace.addVariable({
    organizedBy: folder,
    nodeId: `s=${variable.id}`,
    browseName: variable.id.replaceAll('"', ""),
    dataType: dataTypes[variable.type],
    ...(variable.length === undefined
      ? { valueRank: -1 }
      : { valueRank: 1, arrayDimensions: [variable.length] }),
    accessLevel: access,
    userAccessLevel: access,
    minimumSamplingInterval: samplingFloorMs,
  });
  node.bindVariable({
    timestamped_get: () => readNow(variable),
    ...(variable.isWritable
      ? {
          timestamped_set: (written, callback) => {
            callback(null, writeNow(variable, written, stamped));
          },
        }
      : {}),
  });
}

/** The value at this very moment; nothing is kept that could be older. */
function readNow(variable: PlcVariable): DataValue {
  return new DataValue({
    value: toVariant(variable, variable.read()),
    statusCode: StatusCodes.Good,
    sourceTimestamp: new Date(),
    serverTimestamp: new Date(),
  });
}

function toVariant(variable: PlcVariable, value: PlcValue): Variant {
  const dataType = dataTypes[variable.type];
  if (!Array.isArray(value)) return new Variant({ dataType, value });
  return new Variant({
    dataType,
    arrayType: VariantArrayType.Array,
    value: typedArrays[variable.type](value as number[]),
  });
}

function writeNow(variable: PlcVariable, written: DataValue, stamped: WeakSet<DataValue>) {
  const { value } = written;
  if (value.dataType !== dataTypes[variable.type]) return StatusCodes.BadTypeMismatch;
  if (value.arrayType !== VariantArrayType.Scalar) return StatusCodes.BadTypeMismatch;
  if (stamped.has(written)) return StatusCodes.BadWriteNotSupported;
  variable.write(value.value as PlcValue);
  return StatusCodes.Good;
}
