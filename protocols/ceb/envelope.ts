import { cebNamespace, dxpNamespace } from "./messages.ts";
import { refuse, type CebRefusal } from "./refusals.ts";
import { readXmlTree, type XmlElement } from "./xml-tree.ts";
import { escapeXml } from "./xml-text.ts";

/** Largest message that is looked at, in bytes, envelope included. */
export const messageBytesMax = 8 * 1_024 * 1_024;

export type RootReading =
  | { readonly ok: true; readonly root: XmlElement; readonly isWrapped: boolean }
  | { readonly ok: false; readonly refusal: CebRefusal };

type TextReading =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly refusal: CebRefusal };

const failed = (refusal: CebRefusal): { readonly ok: false; readonly refusal: CebRefusal } => ({
  ok: false,
  refusal,
});

/** Strict UTF-8. A byte order mark at the start is allowed and left out. */
function decodeUtf8(bytes: Uint8Array): TextReading {
  if (bytes.length === 0) return failed(refuse("empty", null, "is empty"));
  if (bytes.length > messageBytesMax) {
    return failed(refuse("tooLarge", null, `is over ${messageBytesMax} bytes`));
  }
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return failed(refuse("notUtf8", null, "is not UTF-8"));
  }
}

/** Base64 with white space allowed, as `xs:base64Binary`; null for anything else. */
function decodeBase64(text: string): Uint8Array | null {
  const compact = text.replace(/[\t\n\r ]+/g, "");
  if (compact === "" || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    return null;
  }
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

/** The business message inside a terminal envelope (`DxpMsg`). One layer only. */
function unwrap(envelope: XmlElement): RootReading {
  const broken = (field: string, words: string): RootReading =>
    failed(refuse("envelopeBroken", field, words));
  if (!envelope.attributes.some((each) => each.name === "ver" && each.value === "1.0")) {
    return broken("DxpMsg@ver", "is not 1.0");
  }
  if (childOf(envelope, "TransInfo") === undefined) return broken("DxpMsg.TransInfo", "is missing");
  const data = childOf(envelope, "Data");
  if (data === undefined) return broken("DxpMsg.Data", "is missing");
  const bytes = decodeBase64(data.text);
  if (bytes === null) return broken("DxpMsg.Data", "is not Base64");
  const decoded = decodeUtf8(bytes);
  if (!decoded.ok) return failed({ ...decoded.refusal, field: "DxpMsg.Data" });
  const inner = readXmlTree(decoded.text);
  if (!inner.ok) return failed({ ...inner.refusal, field: "DxpMsg.Data" });
  if (inner.root.namespace === dxpNamespace) return broken("DxpMsg.Data", "is an envelope again");
  return { ok: true, root: inner.root, isWrapped: true };
}

/** From a body's bytes to the root of its business message, out of its envelope if it has one. */
export function readRoot(bytes: Uint8Array): RootReading {
  const decoded = decodeUtf8(bytes);
  if (!decoded.ok) return decoded;
  const tree = readXmlTree(decoded.text);
  if (!tree.ok) return tree;
  const { root } = tree;
  if (root.namespace === dxpNamespace && root.name === "DxpMsg") return unwrap(root);
  if (root.namespace !== cebNamespace) {
    const where = root.namespace === "" ? "in no namespace" : "in another namespace";
    return failed(refuse("notCeb", null, `root element ${root.name.slice(0, 40)} is ${where}`));
  }
  return { ok: true, root, isWrapped: false };
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
