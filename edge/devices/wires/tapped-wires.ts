import type { DeviceReason } from "../../../protocols/device-reasons.ts";
import type { ByteLink, MessageBus, Sending } from "../../../protocols/transport.ts";
import type { DeviceTap } from "../device-tap.ts";
import type { Wire } from "../wire.ts";
import type { FolderNews, FolderOrder } from "./folder-wire.ts";
import type { HttpAsk, HttpNews } from "./http-wire.ts";
import type { OpcuaEndpoint } from "./opcua/endpoint.ts";
import type { Wires } from "./wires.ts";

/** The same wires, with somebody who looks on at all that goes over them. */
export const tappedWires = (wires: Wires, tap: DeviceTap): Wires => ({
  byteLink: (reach) => tappedLink(wires.byteLink(reach), tap),
  messageBus: (reach, deviceId, will) => tappedBus(wires.messageBus(reach, deviceId, will), tap),
  opcuaEndpoint: (reach, everyMsMax) => tappedEndpoint(wires.opcuaEndpoint(reach, everyMsMax), tap),
  folder: (reach) => tappedFolder(wires.folder(reach), tap),
  http: (reach) => tappedRequests(wires.http(reach), tap),
});

/** The same wire of a dialect, with somebody who looks on at what it hears and says. */
export const tappedDialect = <Heard, Said>(
  wire: Wire<Heard, Said>,
  tap: DeviceTap,
): Wire<Heard, Said> => ({
  ...wire,
  open: (handlers) =>
    wire.open({
      ...handlers,
      onMessage(heard) {
        if (tap.isLooking) tap.onDialect("in", heard);
        handlers.onMessage(heard);
      },
      onDropped(reason) {
        if (tap.isLooking) tap.onDialect("in", { kind: "dropped", reason });
        handlers.onDropped(reason);
      },
    }),
  send(said) {
    const sending = wire.send(said);
    if (tap.isLooking) tap.onDialect("out", said);
    return sending;
  },
});

const tellState =
  (tap: DeviceTap) =>
  (isOpen: boolean, reason?: DeviceReason): void => {
    if (tap.isLooking) tap.onWire({ kind: "state", isOpen, reason: reason ?? null });
  };

/** What was not sent has not gone over the wire. */
function onceSent(tap: DeviceTap, sending: Sending, tell: () => void): Sending {
  if (sending.kind === "sent" && tap.isLooking) tell();
  return sending;
}

function tappedLink(link: ByteLink, tap: DeviceTap): ByteLink {
  const state = tellState(tap);
  return {
    ...link,
    open: (handlers) =>
      link.open({
        onOpen() {
          state(true);
          handlers.onOpen();
        },
        onBytes(bytes) {
          if (tap.isLooking) tap.onWire({ kind: "bytes", direction: "in", bytes });
          handlers.onBytes(bytes);
        },
        onClose(reason) {
          state(false, reason);
          handlers.onClose(reason);
        },
      }),
    write: (bytes) =>
      onceSent(tap, link.write(bytes), () =>
        tap.onWire({ kind: "bytes", direction: "out", bytes }),
      ),
  };
}

function tappedBus(bus: MessageBus, tap: DeviceTap): MessageBus {
  const state = tellState(tap);
  return {
    ...bus,
    onState: (handler) =>
      bus.onState((isConnected, reason) => {
        state(isConnected, reason);
        handler(isConnected, reason);
      }),
    subscribe: (filter, handler) =>
      bus.subscribe(filter, (topic, payload, isRetained) => {
        if (tap.isLooking) {
          tap.onWire({ kind: "message", direction: "in", topic, payload, isRetained });
        }
        handler(topic, payload, isRetained);
      }),
    publish: (topic, payload, options) =>
      onceSent(tap, bus.publish(topic, payload, options), () => {
        const isRetained = options?.retain === true;
        tap.onWire({ kind: "message", direction: "out", topic, payload, isRetained });
      }),
  };
}

function tappedEndpoint(endpoint: OpcuaEndpoint, tap: DeviceTap): OpcuaEndpoint {
  const state = tellState(tap);
  return {
    watchEvents: (source, handlers) =>
      endpoint.watchEvents(source, {
        ...handlers,
        onState(isUp, reason) {
          state(isUp, reason);
          handlers.onState(isUp, reason);
        },
        onFields(values) {
          if (tap.isLooking) {
            const fields = source.fields.map((name, index) => [name, values[index]] as const);
            tap.onWire({ kind: "event", fields });
          }
          handlers.onFields(values);
        },
      }),
    watchVariables(source, handlers) {
      const watch = endpoint.watchVariables(source, {
        ...handlers,
        onState(isUp, reason) {
          state(isUp, reason);
          handlers.onState(isUp, reason);
        },
        onFound(variables) {
          if (tap.isLooking) tap.onWire({ kind: "found", variables });
        },
        onReadings(readings) {
          if (tap.isLooking) tap.onWire({ kind: "readings", values: readings.values });
          handlers.onReadings(readings);
        },
      });
      return {
        revive: () => watch.revive(),
        stop: () => watch.stop(),
        write: (steps, onFailed) =>
          onceSent(tap, watch.write(steps, onFailed), () => {
            const values = steps.flat().map(({ key, value }) => [key, value] as const);
            tap.onWire({ kind: "write", values });
          }),
      };
    },
    call: (call, onFailed) =>
      onceSent(tap, endpoint.call(call, onFailed), () => {
        const inputs = call.inputs.map(({ value }) => value);
        const { method } = call;
        const name = "browseName" in method ? method.browseName : method.name;
        tap.onWire({ kind: "call", method: name, inputs });
      }),
    close: () => endpoint.close(),
  };
}

/** What has a name and bytes of its own, as a message. */
interface Named {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A wire of whose news and orders some are shown; null: this one is not. */
function tappedNews<In, Out>(
  wire: Wire<In, Out>,
  tap: DeviceTap,
  shown: { readonly in: (news: In) => Named | null; readonly out: (order: Out) => Named | null },
): Wire<In, Out> {
  const state = tellState(tap);
  const show = (direction: "in" | "out", named: Named | null): void => {
    if (named === null) return;
    const { name: topic, bytes: payload } = named;
    tap.onWire({ kind: "message", direction, topic, payload, isRetained: false });
  };
  return {
    ...wire,
    open: (handlers) =>
      wire.open({
        ...handlers,
        onState(isOpen, reason) {
          state(isOpen, reason);
          handlers.onState(isOpen, reason);
        },
        onMessage(news) {
          if (tap.isLooking) show("in", shown.in(news));
          handlers.onMessage(news);
        },
      }),
    send: (order) => onceSent(tap, wire.send(order), () => show("out", shown.out(order))),
  };
}

/** Files are messages, by their names. */
const tappedFolder = (
  folder: Wire<FolderNews, FolderOrder>,
  tap: DeviceTap,
): Wire<FolderNews, FolderOrder> =>
  tappedNews(folder, tap, {
    in: (news) => (news.kind === "file" ? news : null),
    out: (order) => (order.kind === "put" ? order : null),
  });

/** An answer is a message, by what kind of content it says that it has. */
const tappedRequests = (http: Wire<HttpNews, HttpAsk>, tap: DeviceTap): Wire<HttpNews, HttpAsk> =>
  tappedNews(http, tap, {
    in: (news) => (news.kind === "answer" ? { name: news.contentType, bytes: news.bytes } : null),
    out: () => null,
  });
