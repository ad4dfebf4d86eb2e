import {
  DataType,
  StatusCodes,
  Variant,
  type AddressSpace,
  type CallMethodResultOptions,
  type Namespace,
  type UAObjectType,
  type UAObject,
} from "node-opcua";
import {
  fromSorterCall,
  sorterEventFields,
  sorterEventTypeName,
  sorterFolderName,
  sorterMethodAnswerName,
  sorterMethodNodeName,
  sorterMethods,
  sorterNamespaceUri,
  sorterObjectNodeName,
  type SorterMethod,
} from "../../../protocols/sorter/sorter-opcua.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import type { SorterAnswer } from "./sorter-model.ts";

/** One sorter in the address space. */
export interface SorterNode {
  raise(event: SorterEvent): void;
}

export type CommandHandler = (payload: Uint8Array) => SorterAnswer;

/** Builds the address space of `protocols/sorter/sorter-opcua.ts`. */
export function buildSorterNodes(
  addressSpace: AddressSpace,
  sorters: ReadonlyMap<string, CommandHandler>,
): ReadonlyMap<string, SorterNode> {
  const namespace = addressSpace.registerNamespace(sorterNamespaceUri);
  const eventType = addEventType(namespace);
  const folder = namespace.addFolder(addressSpace.rootFolder.objects, sorterFolderName);
  const nodes = new Map<string, SorterNode>();
  for (const [sorterId, handle] of sorters) {
    const object = namespace.addObject({
      nodeId: `s=${sorterObjectNodeName(sorterId)}`,
      browseName: sorterId,
      organizedBy: folder,
      eventNotifier: 1,
    });
    for (const method of sorterMethods) addMethod(namespace, object, { sorterId, method, handle });
    nodes.set(sorterId, createNode(namespace, object, eventType));
  }
  return nodes;
}

function addEventType(namespace: Namespace): UAObjectType {
  const eventType = namespace.addObjectType({
    nodeId: `s=${sorterEventTypeName}`,
    browseName: sorterEventTypeName,
    subtypeOf: "BaseEventType",
    isAbstract: false,
  });
  const fields = [
    { browseName: sorterEventFields.epoch, dataType: DataType.String },
    { browseName: sorterEventFields.seq, dataType: DataType.Double },
    { browseName: sorterEventFields.payload, dataType: DataType.String },
  ];
  for (const field of fields) {
    namespace.addVariable({ ...field, propertyOf: eventType, modellingRule: "Mandatory" });
  }
  return eventType;
}

function addMethod(
  namespace: Namespace,
  object: UAObject,
  given: { sorterId: string; method: SorterMethod; handle: CommandHandler },
): void {
  const { sorterId, method, handle } = given;
  const node = namespace.addMethod(object, {
    nodeId: `s=${sorterMethodNodeName(sorterId, method.name)}`,
    browseName: method.name,
    inputArguments: method.inputs.map(({ name, type }) => ({ name, dataType: DataType[type] })),
    outputArguments: [{ name: sorterMethodAnswerName, dataType: DataType.String }],
  });
  node.bindMethod((inputs, _context, callback) => {
    const values = inputs.map((input): unknown => input.value);
    const result: CallMethodResultOptions = {
      statusCode: StatusCodes.Good,
      outputArguments: [
        new Variant({ dataType: DataType.String, value: handle(fromSorterCall(method, values)) }),
      ],
    };
    callback(null, result);
  });
}

function createNode(namespace: Namespace, object: UAObject, eventType: UAObjectType): SorterNode {
  const packml = namespace.addVariable({
    nodeId: `s=${sorterMethodNodeName(object.browseName.name ?? "", "State")}`,
    browseName: "State",
    componentOf: object,
    dataType: DataType.String,
    value: { dataType: DataType.String, value: "Stopped" },
  });
  let state = "Stopped";
  return {
    raise(event) {
      if (event.kind === "belt" && packmlState(event) !== state) {
        state = packmlState(event);
        packml.setValueFromSource({ dataType: DataType.String, value: state });
      }
      object.raiseEvent(eventType, {
        epoch: { dataType: DataType.String, value: event.epoch },
        seq: { dataType: DataType.Double, value: event.seq },
        payload: { dataType: DataType.String, value: JSON.stringify(event) },
      });
    },
  };
}

/** What can be told of a PackML state from outside; for people's OPC UA clients. */
const packmlState = (belt: { isRunning: boolean; emergencyStop: boolean }): string => {
  if (belt.emergencyStop) return "Aborted";
  return belt.isRunning ? "Execute" : "Held";
};
