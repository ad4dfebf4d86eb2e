import { DataType, Subscription, type AddressSpace } from "node-opcua";
import type { Clock, Entropy } from "../../../protocols/time.ts";
import {
  xrayEventFields,
  xrayEventTypeName,
  xrayFolderName,
  xrayMethodNodeName,
  xrayMethods,
  xrayNamespaceUri,
  xrayObjectNodeName,
} from "../../../protocols/xray/xray-opcua.ts";
import { createOpcuaHost } from "../opcua-host.ts";
import { addEventType, addMethod, createWatchedItems, eventServerOptions } from "../opcua-nodes.ts";
import type { ServerSecurity } from "../opcua-security.ts";
import { createXrayOpcuaWire, type XrayOpcuaEvent, type XrayOpcuaWire } from "./opcua-wire.ts";

export interface XrayOpcuaServerOptions {
  readonly xrayIds: readonly string[];
  /** 0 takes any free one; a restart takes the same again. */
  readonly port: number;
  /** Key, certificate and trust lists live here, and nowhere else. */
  readonly certificatesFolder: string;
  readonly clock: Clock;
  /** Draws the names of the machines' epochs. */
  readonly entropy: Entropy;
  /** Default: unsecured, on loopback. */
  readonly security?: ServerSecurity;
  /** What it calls itself. Default: one name for all of these servers. */
  readonly applicationUri?: string;
  /** Of an image, in bytes. Default and most: 16,384. */
  readonly pieceBytes?: number;
}

/** One OPC UA server with any number of simulated X-ray machines. */
export interface XrayOpcuaServer {
  start(): Promise<void>;
  /** Clients are cut off. The wires stay; what is said meanwhile is lost, as on any wire. */
  stop(): Promise<void>;
  /** Known once started. */
  endpointUrl(): string;
  wire(xrayId: string): XrayOpcuaWire;
  /** Raises an event that no machine would. */
  raise(xrayId: string, event: XrayOpcuaEvent): void;
  /** Fault: see `WatchedItems`. */
  silenceSubscriptions(): void;
}

/** The library's own floor is 50. */
const publishingIntervalMsMin = 5;

export function createXrayOpcuaServer(options: XrayOpcuaServerOptions): XrayOpcuaServer {
  const watched = createWatchedItems();
  let raisers: ReadonlyMap<string, (event: XrayOpcuaEvent) => void> = new Map();
  const raise = (xrayId: string, event: XrayOpcuaEvent): void => raisers.get(xrayId)?.(event);
  const wires = new Map(
    options.xrayIds.map((xrayId) => [
      xrayId,
      createXrayOpcuaWire({ ...options, raise: (event) => raise(xrayId, event) }),
    ]),
  );
  const host = createOpcuaHost({
    ...options,
    applicationUri: options.applicationUri ?? "urn:sortline:xray-server",
    server: eventServerOptions(watched),
  });

  return {
    start() {
      Subscription.minimumPublishingInterval = publishingIntervalMsMin;
      return host.start((addressSpace) => {
        raisers = buildNodes(addressSpace, wires);
      });
    },
    async stop() {
      raisers = new Map();
      await host.stop();
      watched.forget();
    },
    endpointUrl: () => host.endpointUrl(),
    wire(xrayId) {
      const wire = wires.get(xrayId);
      if (wire === undefined) throw new Error(`the OPC UA server has no X-ray machine ${xrayId}`);
      return wire;
    },
    raise,
    silenceSubscriptions: () => watched.silence(),
  };
}

/** Builds the address space of `protocols/xray/xray-opcua.ts`. */
function buildNodes(
  addressSpace: AddressSpace,
  wires: ReadonlyMap<string, XrayOpcuaWire>,
): ReadonlyMap<string, (event: XrayOpcuaEvent) => void> {
  const namespace = addressSpace.registerNamespace(xrayNamespaceUri);
  const eventType = addEventType(namespace, xrayEventTypeName, [
    { browseName: xrayEventFields.epoch, dataType: DataType.String },
    { browseName: xrayEventFields.seq, dataType: DataType.Double },
    { browseName: xrayEventFields.topic, dataType: DataType.String },
    { browseName: xrayEventFields.payload, dataType: DataType.String },
    { browseName: xrayEventFields.piece, dataType: DataType.ByteString },
  ]);
  const folder = namespace.addFolder(addressSpace.rootFolder.objects, xrayFolderName);
  const raisers = new Map<string, (event: XrayOpcuaEvent) => void>();
  for (const [xrayId, wire] of wires) {
    const object = namespace.addObject({
      nodeId: `s=${xrayObjectNodeName(xrayId)}`,
      browseName: xrayId,
      organizedBy: folder,
      eventNotifier: 1,
    });
    for (const method of xrayMethods) {
      const name = xrayMethodNodeName(xrayId, method.name);
      addMethod(namespace, object, { name, method, answer: (payload) => wire.take(payload) });
    }
    raisers.set(xrayId, ({ epoch, seq, topic, payload, piece }) =>
      object.raiseEvent(eventType, {
        epoch: { dataType: DataType.String, value: epoch },
        seq: { dataType: DataType.Double, value: seq },
        topic: { dataType: DataType.String, value: topic },
        payload: { dataType: DataType.String, value: payload },
        piece: {
          dataType: DataType.ByteString,
          value: piece === null ? null : Buffer.from(piece),
        },
      }),
    );
  }
  return raisers;
}
