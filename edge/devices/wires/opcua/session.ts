import {
  AttributeIds,
  CreateMonitoredItemsRequest,
  DataType,
  DeleteMonitoredItemsRequest,
  EventNotificationList,
  MonitoringMode,
  StatusChangeNotification,
  TimestampsToReturn,
  Variant,
  constructEventFilter,
  makeBrowsePath,
  type BrowsePath,
  type BrowsePathResult,
  type ClientSession,
  type ClientSubscription,
  type NotificationMessage,
  type ReadValueIdOptions,
  type StatusCode,
  type WriteValueOptions,
} from "node-opcua";
import { Bug } from "../../../../protocols/bug.ts";
import { deviceReason, type DeviceReason } from "../../../../protocols/device-reasons.ts";
import type { Log } from "../../../../protocols/log.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { addressOfUrl } from "../../network-reason.ts";
import type { OpcuaReach } from "../../reach.ts";
import { connectOpcua } from "./client.ts";
import { namespaceIndex } from "./namespaces.ts";
import type { OpcuaForeignNode, OpcuaMethodName, OpcuaNode } from "./nodes.ts";
import { identityOf, meetSecuredServer } from "./secured-server.ts";
import { createSharedReads } from "./shared-reads.ts";
import { endingOf } from "./server-judgement.ts";
import { grantSubscription, hasRawSubscriptions } from "./subscription.ts";
import { plainValue, structureToSend } from "./structure-coding.ts";
import type { OpcuaStructure } from "./structure.ts";
import { createValueWatches } from "./value-watch.ts";
import { openVariables, type OpcuaVariables, type OpcuaVariableSource } from "./variables.ts";

export interface OpcuaEventSource {
  readonly node: OpcuaNode | OpcuaForeignNode;
  /**
   * Browse names of the wanted fields, in the node's namespace or the other one that is named; with
   * `0:` before it, in OPC UA's own.
   */
  readonly fields: readonly string[];
  readonly fieldsNamespaceUri?: string;
}

export interface OpcuaCall {
  readonly object: OpcuaNode | OpcuaForeignNode;
  /** A node, or the browse name of one of the object's own methods. */
  readonly method: OpcuaNode | OpcuaMethodName;
  readonly inputs: readonly (
    | {
        readonly type: "String" | "Double" | "Boolean";
        readonly value: string | number | boolean;
      }
    | { readonly type: "Structure"; readonly value: OpcuaStructure }
  )[];
  /** Why a call that was carried out has done nothing, by what it has answered; null: it has. */
  readonly refusalIn?: (outputs: readonly unknown[]) => string | null;
}

/** One connection, one session, one subscription where there are events, from their opening until any of them is lost. */
export interface OpcuaSession {
  /** `onFields` gets the values in the order asked for. Rejects if the server refuses. */
  watchEvents(
    source: OpcuaEventSource,
    onFields: (values: readonly unknown[]) => void,
  ): Promise<{ stop(): Promise<void> }>;
  /** Resolves with the method's outputs; rejects with what is wrong. */
  call(call: OpcuaCall): Promise<readonly unknown[]>;
  /** Rejects, naming key and node, where something is not there or not what it is taken for. */
  openVariables(source: OpcuaVariableSource): Promise<OpcuaVariables>;
  /** What time it is at the server; null where it does not say. */
  readTime(): Promise<number | null>;
  /** What a technician should know of it although it works; it changes with the days. */
  readonly advice: DeviceReason | null;
  close(): Promise<void>;
}

export interface OpcuaSessionOptions {
  readonly reach: OpcuaReach;
  /** Keys, certificates and trust lists of this agent as an OPC UA client. */
  readonly certificatesFolder: string;
  readonly clock: Clock;
  /** A server that publishes less often is refused. Null: no events are wanted of it. */
  readonly everyMsMax: number | null;
  readonly log: Log;
  /** Called once at most, and not after `close`. */
  readonly onLost: (said: string) => void;
}

/** Server_ServerStatus_CurrentTime (OPC 10000-5). */
const currentTime = "i=2258";
/** Events that the server keeps for us between two publishings; a burst of a second at least. */
const eventQueueMax = 2_000;
/**
 * Opens all three, or rejects. A connection that is opened anew is the same as the first one. A
 * server that is to be secured is judged each time, before a word is said to it.
 */
export async function openOpcuaSession(options: OpcuaSessionOptions): Promise<OpcuaSession> {
  const { reach } = options;
  const identity = await identityOf(reach.user);
  const isSecured = reach.security.mode !== "none";
  const shown = isSecured ? await meetSecuredServer(options) : null;
  let isOver = false;
  const lose = (said: string): void => {
    if (isOver) return;
    isOver = true;
    options.onLost(said);
  };
  const { client, leave } = await connectOpcua({
    ...options,
    endpointUrl: reach.endpointUrl,
    security: reach.security,
    serverCertificate: shown?.der ?? null,
  });
  client.on("connection_lost", () => lose("connection lost"));
  client.on("close", (error?: Error | null) => lose(error?.message ?? "connection closed"));
  try {
    const session = await client.createSession(identity);
    session.on("session_closed", (status) => lose(`session closed: ${status.toString()}`));
    session.on("keepalive_failure", () => lose("no answer to keep-alive"));
    const namespaceUris = await session.readNamespaceArray();
    const address = addressOfUrl(reach.endpointUrl);
    const { everyMsMax, clock } = options;
    const askedMs = reach.publishingIntervalMs;
    const wanted = { client, session, identity, askedMs, address, clock };
    const granted = everyMsMax === null ? null : await grantSubscription({ ...wanted, everyMsMax });
    granted?.subscription.on("terminated", () => lose("subscription ended"));
    const routeEvents = granted === null ? null : createEventRouter(session, granted.subscription);
    const nodeId = (node: OpcuaNode | OpcuaForeignNode): string =>
      `ns=${namespaceIndex(node.namespaceUri, namespaceUris)};${"id" in node ? node.id : `s=${node.name}`}`;
    const methods = createMethods(session, namespaceUris);
    const reads = createSharedReads(
      (nodes) => session.read(nodes, 0),
      (error) =>
        options.log.info("lines are read apart, since all at once were refused", { error }),
    );
    const variables = {
      read: (nodes: readonly ReadValueIdOptions[]) => reads.read(nodes),
      write: (nodes: WriteValueOptions[]): Promise<StatusCode[]> => session.write(nodes),
      translate: (paths: BrowsePath[]): Promise<BrowsePathResult[]> =>
        session.translateBrowsePath(paths),
      // Whoever watches judges by itself what it is granted.
      ...createValueWatches(session, () =>
        grantSubscription({ ...wanted, everyMsMax: Number.POSITIVE_INFINITY }),
      ),
    };
    return {
      async watchEvents(source, onFields) {
        if (routeEvents === null) throw new Bug("a session without events was asked for some");
        const id = nodeId(source.node);
        const uri = source.fieldsNamespaceUri ?? source.node.namespaceUri;
        const index = namespaceIndex(uri, namespaceUris);
        const fields = source.fields.map((field) =>
          field.startsWith("0:") ? field : `${index}:${field}`,
        );
        return routeEvents(id, fields, (values) =>
          onFields(values.map((value) => plainValue(value, namespaceUris))),
        );
      },
      async call({ object, method, inputs, refusalIn }) {
        const objectId = nodeId(object);
        const results = await session.call([
          {
            objectId,
            methodId: "browseName" in method ? await methods(objectId, method) : nodeId(method),
            inputArguments: inputs.map((input) => variantOf(input, namespaceUris)),
          },
        ]);
        const [result] = results;
        if (result === undefined || results.length > 1) {
          throw new Error(`${results.length} results for one call`);
        }
        if (result.statusCode.isNotGood()) throw new Error(result.statusCode.toString());
        const outputs = (result.outputArguments ?? []).map((output): unknown => output.value);
        const refusal = refusalIn?.(outputs) ?? null;
        if (refusal !== null) throw new Error(refusal);
        return outputs;
      },
      openVariables: (source) => openVariables({ session: variables, source, address, clock }),
      async readTime() {
        const { statusCode, value } = await session.read({ nodeId: currentTime });
        const told: unknown = statusCode.isGood() ? value.value : null;
        return told instanceof Date ? told.getTime() : null;
      },
      get advice() {
        const ending = shown && endingOf(shown, clock.wall());
        if (ending !== null) return deviceReason(ending.code, { address, detail: ending.detail });
        return granted && slownessOf(askedMs, granted.everyMs);
      },
      async close() {
        isOver = true;
        await leave();
      },
    };
  } catch (error) {
    isOver = true;
    await leave().catch((left: unknown) => {
      options.log.debug("not left in order", { error: left });
    });
    throw error;
  }
}

function variantOf(input: OpcuaCall["inputs"][number], uris: readonly string[]): Variant {
  if (input.type !== "Structure") {
    return new Variant({ dataType: DataType[input.type], value: input.value });
  }
  const { value } = input;
  return new Variant({
    dataType: DataType.ExtensionObject,
    value: structureToSend(value, namespaceIndex(value.namespaceUri, uris)),
  });
}

/** An object's methods by their browse names, each looked up once a session. */
function createMethods(session: ClientSession, uris: readonly string[]) {
  const found = new Map<string, string>();
  return async (objectId: string, method: OpcuaMethodName): Promise<string> => {
    const path = `/${namespaceIndex(method.namespaceUri, uris)}:${method.browseName}`;
    const known = found.get(objectId + path);
    if (known !== undefined) return known;
    const { statusCode, targets } = await session.translateBrowsePath(
      makeBrowsePath(objectId, path),
    );
    const target = targets?.[0]?.targetId.toString();
    if (target === undefined) {
      throw new Error(`${objectId} has no method ${method.browseName}: ${statusCode.name}`);
    }
    found.set(objectId + path, target);
    return target;
  };
}

/** A server publishes less often than asked: every event is late by so much. */
function slownessOf(askedMs: number, everyMs: number): DeviceReason | null {
  return everyMs > askedMs ? deviceReason("publishesSlowly", { everyMs, askedMs }) : null;
}

/**
 * Gives the events of a subscription to whoever asked for them. The library's own way to do so
 * throws, outside any caller's reach, when a server sends an event for an item that was just
 * deleted or never existed; here such an event is nobody's.
 */
function createEventRouter(session: ClientSession, subscription: ClientSubscription) {
  if (!hasRawSubscriptions(session)) throw new Bug("the OPC UA library lacks subscriptions");
  const receivers = new Map<number, (values: readonly unknown[]) => void>();
  let nextClientHandle = 1;

  subscription.on("raw_notification", (message: NotificationMessage) => {
    const data = message.notificationData ?? [];
    // What stays is the library's: news of the subscription itself.
    message.notificationData = data.filter((part) => part instanceof StatusChangeNotification);
    const events = data.flatMap((part) =>
      part instanceof EventNotificationList ? (part.events ?? []) : [],
    );
    // Handled in a turn of its own, because the library swallows what a listener throws.
    queueMicrotask(() => {
      for (const { clientHandle, eventFields } of events) {
        receivers.get(clientHandle)?.((eventFields ?? []).map((field): unknown => field.value));
      }
    });
  });

  return async (
    nodeId: string,
    fields: readonly string[],
    onFields: (values: readonly unknown[]) => void,
  ): Promise<{ stop(): Promise<void> }> => {
    const clientHandle = nextClientHandle;
    nextClientHandle += 1;
    // Entered before the server is asked, because its first event may arrive before its answer.
    receivers.set(clientHandle, onFields);
    const request = new CreateMonitoredItemsRequest({
      subscriptionId: subscription.subscriptionId,
      timestampsToReturn: TimestampsToReturn.Neither,
      itemsToCreate: [
        {
          itemToMonitor: { nodeId, attributeId: AttributeIds.EventNotifier },
          monitoringMode: MonitoringMode.Reporting,
          requestedParameters: {
            clientHandle,
            samplingInterval: 0,
            queueSize: eventQueueMax,
            discardOldest: true,
            filter: constructEventFilter([...fields]),
          },
        },
      ],
    });
    const answer = await session.createMonitoredItems(request).catch((error: unknown) => {
      receivers.delete(clientHandle);
      throw error;
    });
    const result = answer.results?.[0];
    if (result?.statusCode.isGood() !== true) {
      receivers.delete(clientHandle);
      throw new Error(`${nodeId}: ${result?.statusCode.toString() ?? "no answer"}`);
    }
    const { monitoredItemId } = result;
    return {
      async stop() {
        receivers.delete(clientHandle);
        await session.deleteMonitoredItems(
          new DeleteMonitoredItemsRequest({
            subscriptionId: subscription.subscriptionId,
            monitoredItemIds: [monitoredItemId],
          }),
        );
      },
    };
  };
}
