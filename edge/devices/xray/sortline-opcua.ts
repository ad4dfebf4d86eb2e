import { z } from "zod";
import { decodeJson } from "../../../protocols/json-message.ts";
import { toOpcuaCall } from "../../../protocols/opcua-methods.ts";
import { isId, zId } from "../../../protocols/sorting.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import {
  xrayEventFields,
  xrayMethodNodeName,
  xrayMethods,
  xrayNamespaceUri,
  xrayObjectNodeName,
  xrayPieceBytesMax,
  zXrayPiece,
  type XrayOrder,
} from "../../../protocols/xray/xray-opcua.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { speak, unreadable, type Dialect, type DialectOutlet } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createOpcuaEventWire } from "../wires/opcua/event-wire.ts";
import type { OpcuaNode } from "../wires/opcua/nodes.ts";
import type { OpcuaCall } from "../wires/opcua/session.ts";
import type { XrayHeard } from "./heard.ts";
import { createPieces } from "./pieces.ts";
import { xrayMessageHeard } from "./sortline-json.ts";

export const zXrayOpcuaDialect = z.strictObject({
  kind: z
    .literal("sortline-opcua")
    .describe("Events and methods of an object of an OPC UA server; images come in pieces."),
  xrayId: zId
    .optional()
    .describe("Which of the server's machines: the name of its object. Default: the device's id."),
});

export const xrayOpcuaCarriers = (xrayId: string): Carriers<XrayHeard, XrayAnnounce> => ({
  opcua(endpoint, clock) {
    const { epoch, seq, topic, payload, piece } = xrayEventFields;
    const source = {
      node: nodeOf(xrayObjectNodeName(xrayId)),
      fields: [epoch, seq, topic, payload, piece],
    };
    return speak(createDialect(xrayId), createOpcuaEventWire(endpoint, source), clock);
  },
});

const nodeOf = (name: string): OpcuaNode => ({ namespaceUri: xrayNamespaceUri, name });

const lifeEveryMs = 500;
const pieceTextBytesMax = 256;
const utf8 = new TextEncoder();

type Outlet = DialectOutlet<XrayHeard, OpcuaCall>;

/** One event as its fields say. */
interface XrayEventRead {
  readonly epoch: string;
  readonly seq: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Empty for all but pieces. */
  readonly piece: Uint8Array;
}

/** Events and calls of one machine's object (`protocols/xray/xray-opcua.ts`). */
function createDialect(
  xrayId: string,
): Dialect<readonly unknown[], OpcuaCall, XrayHeard, XrayAnnounce> {
  const object = nodeOf(xrayObjectNodeName(xrayId));
  const images = createImages();
  const order = createOrder();
  let lifeAt: MonotonicMs | null = null;

  const callOf = (said: XrayOrder): OpcuaCall => {
    const { method, inputs } = toOpcuaCall(xrayMethods, said);
    return { object, method: nodeOf(xrayMethodNodeName(xrayId, method)), inputs };
  };

  const sayLife = (at: MonotonicMs, out: Outlet): void => {
    lifeAt = monotonicMs(at + lifeEveryMs);
    const epoch = order.epoch();
    if (epoch !== null) out.answer(callOf({ kind: "life", epoch }));
  };

  /** Whether this event is the next one, or at least a later one, of the machine's. */
  const isNew = (event: XrayEventRead, at: MonotonicMs, out: Outlet): boolean => {
    const place = order.judge(event);
    if (place.kind === "repeated") out.tell(noted("repeatedEventsTotal"));
    if (place.kind === "later") out.tell(noted("missedEventsTotal", place.missed));
    if (place.kind === "anew") {
      images.cut(out);
      out.tell(noted("sessionsTotal"));
      sayLife(at, out);
    }
    return place.kind !== "repeated";
  };

  return {
    begin: (at, out) => sayLife(at, out),
    read(fields, at, out) {
      const event = readFields(fields);
      // Anything else, such as the nulls of an overflow notice, is an unreadable event.
      if (event === null) return out.tell(unreadable("event without its fields"));
      if (!isNew(event, at, out)) return;
      const { epoch, seq, topic } = event;
      if (topic === "left") return out.tell(noted("itemsOutTotal"));
      if (topic !== "image") return out.tell(xrayMessageHeard(event));
      out.answer(callOf({ kind: "received", epoch, seq }));
      images.take(event, out);
    },
    refuses: () => (lifeAt !== null && order.epoch() === null ? "noSession" : null),
    write: (announcement) =>
      callOf({ kind: "announce", epoch: order.epoch() ?? noEpoch, ...announcement }),
    wakeAt: () => lifeAt,
    wake(at, out) {
      if (lifeAt !== null && lifeAt <= at) sayLife(at, out);
    },
    lose(out) {
      lifeAt = null;
      order.forget();
      images.cut(out);
    },
  };
}

type Place =
  | { readonly kind: "next" | "repeated" }
  | { readonly kind: "later"; readonly missed: number }
  /** Of an epoch that was not heard before: how many came ahead of it is not known. */
  | { readonly kind: "anew" };

/** Where an event stands among those of its epoch. */
function createOrder() {
  let epoch: string | null = null;
  let heardSeq = 0;
  return {
    epoch: () => epoch,
    forget() {
      epoch = null;
    },
    judge(event: XrayEventRead): Place {
      const missed = event.seq - heardSeq - 1;
      if (event.epoch === epoch && missed < 0) return { kind: "repeated" };
      const isAnew = event.epoch !== epoch;
      epoch = event.epoch;
      heardSeq = event.seq;
      if (isAnew) return { kind: "anew" };
      return missed === 0 ? { kind: "next" } : { kind: "later", missed };
    },
  };
}

/** Images, made whole of their pieces. */
function createImages() {
  const pieces = createPieces<null>();
  const tellWhy = (why: string | null, out: Outlet): void => {
    if (why !== null) out.tell(unreadable(why));
  };
  return {
    cut: (out: Outlet): void => tellWhy(pieces.cut(), out),
    take({ payload, piece }: XrayEventRead, out: Outlet): void {
      const decoded = decodeJson(zXrayPiece, payload, pieceTextBytesMax);
      if (decoded.kind === "invalid") return tellWhy(`image ${decoded.why}`, out);
      if (piece.length > xrayPieceBytesMax) {
        return tellWhy(`image a piece of ${piece.length} bytes`, out);
      }
      const { itemSequence, fromByte, totalBytes } = decoded.value;
      if (fromByte === 0) tellWhy(pieces.begin(null, itemSequence, totalBytes), out);
      const taken = pieces.add(itemSequence, fromByte, piece);
      if (taken.kind === "more") return out.tell(noted("picturePiecesTotal"));
      if (taken.kind === "broken") return tellWhy(taken.why, out);
      const heard = xrayMessageHeard({ topic: "image", payload: taken.bytes });
      const isOthers = heard.kind === "image" && heard.itemSequence !== itemSequence;
      out.tell(isOthers ? unreadable(`image of item ${itemSequence} is another's`) : heard);
    },
  };
}

/** On a wire that is down nothing goes out, under whatever name. */
const noEpoch = "none";

function readFields([epoch, seq, topic, payload, piece]: readonly unknown[]): XrayEventRead | null {
  if (!isId(epoch) || typeof topic !== "string" || typeof payload !== "string") return null;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) return null;
  const bytes = piece instanceof Uint8Array ? piece : new Uint8Array(0);
  return { epoch, seq, topic, payload: utf8.encode(payload), piece: bytes };
}

const noted = (counter: string, by = 1): XrayHeard => ({
  kind: "noted",
  counts: { [counter]: by },
});
