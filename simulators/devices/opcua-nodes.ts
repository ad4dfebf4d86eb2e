import {
  DataType,
  MonitoredItem,
  MonitoringMode,
  StatusCodes,
  Variant,
  type Namespace,
  type OPCUAServerOptions,
  type UAObject,
  type UAObjectType,
} from "node-opcua";
import { fromOpcuaCall, opcuaAnswerName, type OpcuaMethod } from "../../protocols/opcua-methods.ts";

/** What machines with methods and events have in common in their servers' address spaces. */
interface EventField {
  readonly browseName: string;
  readonly dataType: DataType;
}

export function addEventType(
  namespace: Namespace,
  name: string,
  fields: readonly EventField[],
): UAObjectType {
  const eventType = namespace.addObjectType({
    nodeId: `s=${name}`,
    browseName: name,
    subtypeOf: "BaseEventType",
    isAbstract: false,
  });
  for (const field of fields) {
    namespace.addVariable({ ...field, propertyOf: eventType, modellingRule: "Mandatory" });
  }
  return eventType;
}

/** Adds the method under this node id; `answer` is given each call as JSON of its command. */
export function addMethod(
  namespace: Namespace,
  object: UAObject,
  {
    name,
    method,
    answer,
  }: {
    readonly name: string;
    readonly method: OpcuaMethod;
    readonly answer: (payload: Uint8Array) => string;
  },
): void {
  const node = namespace.addMethod(object, {
    nodeId: `s=${name}`,
    browseName: method.name,
    inputArguments: method.inputs.map((input) => ({
      name: input.name,
      dataType: DataType[input.type],
    })),
    outputArguments: [{ name: opcuaAnswerName, dataType: DataType.String }],
  });
  node.bindMethod((inputs, _context, callback) => {
    const values = inputs.map((input): unknown => input.value);
    const word = answer(fromOpcuaCall(method, values));
    callback(null, {
      statusCode: StatusCodes.Good,
      outputArguments: [new Variant({ dataType: DataType.String, value: word })],
    });
  });
}

/** What clients watch at a server, so that it can be made to deliver nothing any more. */
export interface WatchedItems {
  readonly options: Pick<OPCUAServerOptions, "onCreateMonitoredItem" | "onDeleteMonitoredItem">;
  /**
   * Fault: every subscription that exists now goes on living and never delivers another event.
   * The client sees a healthy connection with keep-alives.
   */
  silence(): void;
  forget(): void;
  /** As many as are delivered. */
  total(): number;
}

export function createWatchedItems(): WatchedItems {
  const items = new Set<MonitoredItem>();
  return {
    options: {
      onCreateMonitoredItem: async (_subscription, item) => {
        if (item instanceof MonitoredItem) items.add(item);
        return StatusCodes.Good;
      },
      onDeleteMonitoredItem: async (_subscription, item) => {
        if (item instanceof MonitoredItem) items.delete(item);
        return StatusCodes.Good;
      },
    },
    silence() {
      for (const item of items) item.setMonitoringMode(MonitoringMode.Disabled);
      items.clear();
    },
    forget: () => items.clear(),
    total: () => items.size,
  };
}

/** What a server of events needs beside its address space. */
export function eventServerOptions(watched: WatchedItems): OPCUAServerOptions {
  return {
    ...watched.options,
    // Without this the library samples at 50 ms and loses what changes in between.
    serverCapabilities: { minSupportedSampleRate: 0, maxSessions: 100 },
  };
}
