import {
  sorterEventFields,
  sorterMethodNodeName,
  sorterNamespaceUri,
  sorterObjectNodeName,
  toSorterCall,
} from "../../../protocols/sorter/sorter-opcua.ts";
import { notConnected } from "../../../protocols/transport.ts";
import type { OpcuaEndpoint, OpcuaWatch } from "../wires/opcua/endpoint.ts";
import type { SorterTransport } from "./transport.ts";

/**
 * The dialect as events and method calls of one sorter object (`protocols/sorter/sorter-opcua.ts`). What
 * became of a command is told by the numbered events, in order with everything else; the call's
 * own answer only shows whether it arrived. Closes its endpoint.
 */
export function createSorterOpcuaTransport(
  endpoint: OpcuaEndpoint,
  sorterId: string,
): SorterTransport {
  const object = {
    namespaceUri: sorterNamespaceUri,
    name: sorterObjectNodeName(sorterId),
  };
  const utf8 = new TextEncoder();
  let watch: OpcuaWatch | null = null;
  let onCommandFailed: (detail: string) => void = () => {};
  let isUp = false;

  return {
    open(handlers) {
      onCommandFailed = (detail) => handlers.onCommandFailed(detail);
      watch = endpoint.watchEvents(
        { node: object, fields: [sorterEventFields.payload] },
        {
          onState(next, reason) {
            isUp = next;
            handlers.onState(next, reason);
          },
          onFields([payload]) {
            // Anything but text, such as the null of an overflow notice, is an unreadable event.
            handlers.onPayload(utf8.encode(typeof payload === "string" ? payload : ""));
          },
        },
      );
    },
    send(command) {
      if (!isUp) return notConnected;
      const { method, inputs } = toSorterCall(command);
      const node = {
        namespaceUri: sorterNamespaceUri,
        name: sorterMethodNodeName(sorterId, method),
      };
      return endpoint.call({ object, method: node, inputs }, (detail) => onCommandFailed(detail));
    },
    revive: () => watch?.revive(),
    async close() {
      isUp = false;
      onCommandFailed = () => {};
      watch?.stop();
      await endpoint.close();
    },
  };
}
