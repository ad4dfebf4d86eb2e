import {
  DataType,
  EventNotifierFlags,
  StatusCodes,
  Variant,
  VariantArrayType,
  type AddressSpace,
  type UAObject,
  type UAObjectType,
} from "node-opcua";
import { createOpcuaHost } from "./opcua-host.ts";
import type { ServerSecurity } from "./opcua-security.ts";

export interface AutoIdReaderOptions {
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  /** Default: unsecured, on loopback. */
  readonly security?: ServerSecurity;
  /** Of the reader's own object. */
  readonly namespaceUri: string;
  /** Its identifier there, such as `s=Reader1`. */
  readonly node: string;
}

export interface AutoIdReaderFaults {
  /** What `ScanStart` answers; 0 is success, 17 that the device is not ready. */
  readonly startStatus: number;
  /** Tells a result of printed text, as another kind of reader does. */
  readonly isOcr: boolean;
}

/** A label as this reader tells it. Whatever is left out, the event leaves out. */
export interface AutoIdLabel {
  readonly codeType: string;
  readonly text: string;
  /** As bytes and not as a string. */
  readonly isBytes?: boolean;
  readonly grade?: number;
  readonly symbology?: string;
  readonly position?: { readonly positionX: number; readonly positionY: number };
}

/**
 * An optical reader by OPC 30010, made of the companion specification's own node set by a library that
 * encodes what it says: nothing here knows how a body is laid out. It scans from
 * `ScanStart` until the session that has called it is gone, or the server is stopped.
 */
export interface SimulatedAutoIdReader {
  start(): Promise<void>;
  /** Clients are cut off. */
  stop(): Promise<void>;
  endpointUrl(): string;
  /** All labels in the beam at one trigger; told only while it scans. */
  read(labels: readonly AutoIdLabel[]): void;
  setFaults(faults: Partial<AutoIdReaderFaults>): void;
  isScanning(): boolean;
}

const autoIdUri = "http://opcfoundation.org/UA/AutoID/";
const healthy: AutoIdReaderFaults = { startStatus: 0, isOcr: false };

interface Reader {
  readonly object: UAObject;
  readonly eventType: UAObjectType;
  readonly addressSpace: AddressSpace;
}

export function createAutoIdReader(options: AutoIdReaderOptions): SimulatedAutoIdReader {
  const host = createOpcuaHost({
    ...options,
    applicationUri: "urn:sortline:autoid-reader",
    companions: ["di", "autoId"],
    server: { serverCapabilities: { maxSessions: 20 } },
  });
  let faults = healthy;
  let reader: Reader | null = null;
  let isScanning = false;

  const onStart = (): number | "scanning" => {
    if (isScanning) return "scanning";
    isScanning = faults.startStatus === 0;
    return faults.startStatus;
  };

  return {
    start: () =>
      host.start((addressSpace) => {
        isScanning = false;
        reader = buildReader(addressSpace, options, onStart);
      }),
    async stop() {
      reader = null;
      isScanning = false;
      await host.stop();
    },
    endpointUrl: () => host.endpointUrl(),
    read(labels) {
      if (reader !== null && isScanning) tell(reader, labels, faults.isOcr);
    },
    setFaults(changes) {
      faults = { ...faults, ...changes };
    },
    isScanning: () => isScanning,
  };
}

function buildReader(
  addressSpace: AddressSpace,
  { namespaceUri, node }: AutoIdReaderOptions,
  onStart: () => number | "scanning",
): Reader {
  const autoId = addressSpace.getNamespaceIndex(autoIdUri);
  const own = addressSpace.registerNamespace(namespaceUri);
  const type = addressSpace.findObjectType("OpticalReaderDeviceType", autoId);
  const scanEvent = addressSpace.findEventType("OpticalScanEventType", autoId);
  if (type === null || scanEvent === null) throw new Error("the AutoID node set is not there");
  // The type of the specification is abstract: a maker's own stands below it.
  const eventType = own.addObjectType({
    browseName: "LabelEventType",
    subtypeOf: scanEvent,
    isAbstract: false,
  });
  const object = type.instantiate({
    namespace: own,
    nodeId: node,
    browseName: "Reader1",
    organizedBy: addressSpace.rootFolder.objects,
    optionals: ["ScanStart", "ScanStop"],
  });
  object.setEventNotifier(EventNotifierFlags.SubscribeToEvents);
  const start = object.getMethodByName("ScanStart", autoId);
  if (start === null) throw new Error("the reader has no method ScanStart");
  start.bindMethod((_inputs, _context, callback) => {
    const status = onStart();
    if (status === "scanning") return callback(null, { statusCode: StatusCodes.BadInvalidState });
    callback(null, {
      statusCode: StatusCodes.Good,
      outputArguments: [new Variant({ dataType: DataType.Int32, value: status })],
    });
  });
  return { object, eventType, addressSpace };
}

function tell(
  { object, eventType, addressSpace }: Reader,
  labels: readonly AutoIdLabel[],
  isOcr: boolean,
): void {
  const index = addressSpace.getNamespaceIndex(autoIdUri);
  const name = isOcr ? "OcrScanResult" : "OpticalScanResult";
  const dataType = addressSpace.findDataType(name, index);
  if (dataType === null) throw new Error(`the AutoID node set has no ${name}`);
  const results = labels.map(({ codeType, text, isBytes = false, ...more }) =>
    addressSpace.constructExtensionObject(dataType, {
      codeType,
      scanData: isBytes ? { byteString: Buffer.from(text, "latin1") } : { string: text },
      timestamp: new Date(),
      ...more,
    }),
  );
  object.raiseEvent(eventType, {
    scanResult: {
      dataType: DataType.ExtensionObject,
      arrayType: VariantArrayType.Array,
      value: results,
    },
    deviceName: { dataType: DataType.String, value: "Reader1" },
  });
}
