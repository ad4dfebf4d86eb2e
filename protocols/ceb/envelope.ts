import { cebNamespace, dxpNamespace } from "./messages.ts";
import { refuse, refused, type CebRefusal, type CebRefused } from "./refusals.ts";
import { readXmlTree, type XmlElement } from "./xml-tree.ts";
import { escapeXml } from "./xml-text.ts";

/** Largest message that is looked at, in bytes, envelope included. */
export const messageBytesMax = 8 * 1_024 * 1_024;

export type RootReading =
  | {
      readonly kind: "read";
      readonly root: XmlElement;
      /** The terminal envelope (`DxpMsg`) it came in; null for none. */
      readonly envelope: XmlElement | null;
    }
  | (CebRefused & {
      /** As much of the business message and of its envelope as could be read. */
      readonly root: XmlElement | null;
      readonly envelope: XmlElement | null;
    });

type TextReading = { readonly kind: "read"; readonly text: string } | CebRefused;

/** Strict UTF-8. A byte order mark at the start is allowed and left out. */
function decodeUtf8(bytes: Uint8Array): TextReading {
  if (bytes.length === 0) return refused(refuse("empty", null, "is empty"));
  if (bytes.length > messageBytesMax) {
    return refused(refuse("tooLarge", null, `is over ${messageBytesMax} bytes`));
  }
  try {
    return { kind: "read", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return refused(refuse("notUtf8", null, "is not UTF-8"));
  }
}

/**
 * Bytes that are not UTF-8, with a mark for each that is not: a receipt's numbers are ASCII and can
 * be told all the same. Nothing of a body that is too large is looked at.
 */
const readableText = (bytes: Uint8Array): string =>
  bytes.length > messageBytesMax ? "" : new TextDecoder("utf-8").decode(bytes);

/** Base64 with white space allowed, as `xs:base64Binary`; null for anything else. */
export function decodeBase64(text: string): Uint8Array | null {
  const compact = text.replace(/[\t\n\r ]+/g, "");
  if (compact === "" || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    return null;
  }
  return bytesOfBase64(compact);
}

/** Of characters that are all Base64's; throws for what is none. */
export function bytesOfBase64(compact: string): Uint8Array {
  const binary = atob(compact);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Base64 of a text's UTF-8. */
function encodeBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name && child.namespace === dxpNamespace);

type Envelopes = { readonly kind: "found"; readonly envelope: XmlElement } | CebRefused;

const broken = (field: string, words: string): CebRefusal => refuse("envelopeBroken", field, words);

/**
 * The terminal envelope (`DxpMsg`) of a root in the exchange's namespace: itself, or the one inside
 * a transport node's envelope (`DxpMsgSv`), which third-party platforms use among themselves.
 */
function findEnvelope(root: XmlElement): Envelopes {
  if (root.name === "DxpMsg") return { kind: "found", envelope: root };
  if (root.name !== "DxpMsgSv") {
    const words = "is no envelope of the exchange that is known here";
    return refused(broken(root.name.slice(0, 40), words));
  }
  const inside = root.children.filter(
    (child) => child.name === "DxpMsg" && child.namespace === dxpNamespace,
  );
  const [envelope] = inside;
  if (envelope !== undefined && inside.length === 1) return { kind: "found", envelope };
  const words = `of the transport-node envelope (DxpMsgSv) is there ${inside.length} times, not once`;
  return refused(broken("DxpMsgSv.DxpMsg", words));
}

/** Why a terminal envelope's frame is not as it should be; null when it is. */
function frameFault(envelope: XmlElement): CebRefusal | null {
  if (!envelope.attributes.some((each) => each.name === "ver" && each.value === "1.0")) {
    return broken("DxpMsg@ver", "is not 1.0");
  }
  if (childOf(envelope, "TransInfo") === undefined) {
    return broken("DxpMsg.TransInfo", "is missing");
  }
  const dataTotal = envelope.children.filter(({ name }) => name === "Data").length;
  return dataTotal > 1 ? broken("DxpMsg.Data", `is there ${dataTotal} times, not once`) : null;
}

/** The business message inside a terminal envelope (`DxpMsg`). One layer only. */
function unwrap(envelope: XmlElement): RootReading {
  const no = (refusal: CebRefusal, root: XmlElement | null = null): RootReading => ({
    ...refused(refusal),
    root,
    envelope,
  });
  const fault = frameFault(envelope);
  const data = childOf(envelope, "Data");
  if (data === undefined) return no(fault ?? broken("DxpMsg.Data", "is missing"));
  const bytes = decodeBase64(data.text);
  if (bytes === null) return no(fault ?? broken("DxpMsg.Data", "is not Base64"));
  const decoded = decodeUtf8(bytes);
  const text = decoded.kind === "read" ? decoded.text : readableText(bytes);
  const inner = readXmlTree(text);
  const root = inner.kind === "read" ? inner.root : inner.partial;
  if (fault !== null) return no(fault, root);
  if (decoded.kind === "refused") return no({ ...decoded.refusal, field: "DxpMsg.Data" }, root);
  if (inner.kind === "refused") return no({ ...inner.refusal, field: "DxpMsg.Data" }, root);
  if (inner.root.namespace === dxpNamespace) {
    return no(broken("DxpMsg.Data", "is an envelope again"));
  }
  return { kind: "read", root: inner.root, envelope };
}

/** From a body's bytes to the root of its business message, out of its envelope if it has one. */
export function readRoot(bytes: Uint8Array): RootReading {
  const decoded = decodeUtf8(bytes);
  if (decoded.kind === "read") return readTextRoot(decoded.text);
  const tree = readXmlTree(readableText(bytes));
  return { ...decoded, root: tree.kind === "read" ? tree.root : tree.partial, envelope: null };
}

/** In UTF-8 no character of a text takes more bytes. */
const bytesPerCharMax = 3;
const byteOrderMark = "\uFEFF";

/** The same of the text that those bytes say, without writing it as bytes first. */
export function readRootOfText(text: string): RootReading {
  const isSurelyTaken = text !== "" && text.length * bytesPerCharMax <= messageBytesMax;
  if (!isSurelyTaken || !text.isWellFormed()) return readRoot(new TextEncoder().encode(text));
  return readTextRoot(text.startsWith(byteOrderMark) ? text.slice(1) : text);
}

function readTextRoot(text: string): RootReading {
  const tree = readXmlTree(text);
  if (tree.kind === "refused") {
    return { ...refused(tree.refusal), root: tree.partial, envelope: null };
  }
  return readWhole(tree.root);
}

function readWhole(root: XmlElement): RootReading {
  if (root.namespace === dxpNamespace) {
    const found = findEnvelope(root);
    return found.kind === "found"
      ? unwrap(found.envelope)
      : { ...found, root: null, envelope: null };
  }
  if (root.namespace === cebNamespace) return { kind: "read", root, envelope: null };
  const where = root.namespace === "" ? "in no namespace" : "in another namespace";
  const words = `root element ${root.name.slice(0, 40)} is ${where}`;
  return { ...refused(refuse("notCeb", null, words)), root, envelope: null };
}

export interface EnvelopeInfo {
  /** The sender's own number of this transmission, 1 to 255 characters. */
  readonly copMsgId: string;
  /** Ids at the exchange, 1 to 16 characters each; 1 to 5 receivers. */
  readonly senderId: string;
  readonly receiverIds: readonly string[];
  /** `yyyy-MM-ddTHH:mm:ss`. */
  readonly createdAt: string;
  /** For instance `CEB603Message`. */
  readonly msgType: string;
}

/** Puts a business message into a terminal envelope. */
export function wrapMessage(xml: string, info: EnvelopeInfo): string {
  const receivers = info.receiverIds
    .map((id) => `<ReceiverId>${escapeXml(id)}</ReceiverId>`)
    .join("");
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<DxpMsg xmlns="${dxpNamespace}" ver="1.0"><TransInfo>` +
    `<CopMsgId>${escapeXml(info.copMsgId)}</CopMsgId>` +
    `<SenderId>${escapeXml(info.senderId)}</SenderId>` +
    `<ReceiverIds>${receivers}</ReceiverIds>` +
    `<CreatTime>${escapeXml(info.createdAt)}</CreatTime>` +
    `<MsgType>${escapeXml(info.msgType)}</MsgType>` +
    `</TransInfo><Data>${encodeBase64(xml)}</Data></DxpMsg>\n`
  );
}
