import { z } from "zod";
import {
  sorterEventFields,
  sorterMethodNodeName,
  sorterNamespaceUri,
  sorterObjectNodeName,
  toSorterCall,
} from "../../../protocols/sorter/sorter-opcua.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { zId } from "../../../protocols/sorting.ts";
import { speak, type Dialect } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createOpcuaEventWire } from "../wires/opcua/event-wire.ts";
import type { OpcuaNode } from "../wires/opcua/nodes.ts";
import type { OpcuaCall } from "../wires/opcua/session.ts";
import { counterSetting } from "../counter.ts";
import { sorterHeardOf, type SorterHeard } from "./heard.ts";

export const zSorterOpcuaDialect = z.strictObject({
  kind: z
    .literal("sortline-opcua")
    .describe("Our own events and methods of one sorter object of an OPC UA server."),
  sorterId: zId
    .optional()
    .describe("Which of the server's sorters: the name of its object; left out: the device's id."),
  ...counterSetting,
});

export const sorterOpcuaCarriers = (sorterId: string) =>
  ({
    opcua(endpoint, clock) {
      const node = nodeOf(sorterObjectNodeName(sorterId));
      const wire = createOpcuaEventWire(endpoint, { node, fields: [sorterEventFields.payload] });
      return speak(createDialect(sorterId), wire, clock);
    },
  }) satisfies Carriers<SorterHeard, SorterCommand>;

/**
 * Events and method calls of one sorter object (`protocols/sorter/sorter-opcua.ts`). What became of
 * a command is told by the numbered events, in order with everything else; the call's own answer
 * only shows whether it arrived.
 */
function createDialect(
  sorterId: string,
): Dialect<readonly unknown[], OpcuaCall, SorterHeard, SorterCommand> {
  const object = nodeOf(sorterObjectNodeName(sorterId));
  const utf8 = new TextEncoder();
  return {
    read([payload], _at, out) {
      // Anything but text, such as the null of an overflow notice, is an unreadable event.
      out.tell(sorterHeardOf(utf8.encode(typeof payload === "string" ? payload : "")));
    },
    write(command) {
      const { method, inputs } = toSorterCall(command);
      return { object, method: nodeOf(sorterMethodNodeName(sorterId, method)), inputs };
    },
  };
}

const nodeOf = (name: string): OpcuaNode => ({ namespaceUri: sorterNamespaceUri, name });
