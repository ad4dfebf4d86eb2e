import {
  DataType,
  type AddressSpace,
  type Namespace,
  type UAObject,
  type UAObjectType,
} from "node-opcua";
import {
  sorterEventFields,
  sorterEventTypeName,
  sorterFolderName,
  sorterMethodNodeName,
  sorterMethods,
  sorterNamespaceUri,
  sorterObjectNodeName,
} from "../../../protocols/sorter/sorter-opcua.ts";
import type { SorterEvent } from "../../../protocols/sorter/sorter.ts";
import { addEventType, addMethod } from "../opcua-nodes.ts";
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
  const eventType = addEventType(namespace, sorterEventTypeName, [
    { browseName: sorterEventFields.epoch, dataType: DataType.String },
    { browseName: sorterEventFields.seq, dataType: DataType.Double },
    { browseName: sorterEventFields.payload, dataType: DataType.String },
  ]);
  const folder = namespace.addFolder(addressSpace.rootFolder.objects, sorterFolderName);
  const nodes = new Map<string, SorterNode>();
  for (const [sorterId, handle] of sorters) {
    const object = namespace.addObject({
      nodeId: `s=${sorterObjectNodeName(sorterId)}`,
      browseName: sorterId,
      organizedBy: folder,
      eventNotifier: 1,
    });
    for (const method of sorterMethods) {
      const name = sorterMethodNodeName(sorterId, method.name);
      addMethod(namespace, object, { name, method, answer: handle });
    }
    nodes.set(sorterId, createNode(namespace, object, eventType));
  }
  return nodes;
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
