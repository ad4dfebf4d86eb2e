import { checkWhole } from "./cross-checks.ts";
import { readRoot, readRootOfText, type RootReading } from "./envelope.ts";
import { checkField, type Field, type FieldValue } from "./fields.ts";
import {
  cebNamespace,
  cebTypes,
  elementsMax,
  listRowsMax,
  messageTables,
  otherCebTypes,
  signatureNamespace,
  type CebElement,
  type CebType,
  type MessageTable,
  type OtherCebType,
} from "./messages.ts";
import { senderOfMessage, type MessageSender } from "./message-sender.ts";
import { refuse, refused, type CebRefusal, type CebRefused } from "./refusals.ts";
import { salvageReceipts } from "./salvage.ts";
import { transferFields } from "./tables/common.ts";
import {
  receiptTypeOf,
  unreadReceiptAs,
  unreadReceiptsIn,
  type UnreadReceipt,
} from "./unread-receipts.ts";
import type { XmlElement } from "./xml-tree.ts";

/** One business element of a message: checked, or refused with its guid if that can be read. */
export type ElementReading =
  | { readonly kind: "read"; readonly guid: string; readonly element: CebElement }
  | (CebRefused & {
      readonly guid: string | null;
      /** Receipts of customs that it is or holds: what can be told of them all the same. */
      readonly unread: readonly UnreadReceipt[];
    });

export type MessageReading =
  | (CebRefused & {
      readonly sender: MessageSender;
      /** The receipts of customs that are in it, as far as they can be told. */
      readonly unread: readonly UnreadReceipt[];
    })
  | {
      readonly kind: "read";
      readonly type: CebType | OtherCebType;
      readonly messageGuid: string;
      /** True when it came in an envelope of the exchange. */
      readonly isWrapped: boolean;
      readonly sender: MessageSender;
      /** In the message's order, 1 to 100. */
      readonly elements: readonly ElementReading[];
    };

type Checked<T> = { readonly kind: "read"; readonly value: T } | CebRefused;

type Row = Readonly<Record<string, FieldValue>>;

/** Names out of a message are repeated in answers only up to this length. */
const nameCharsMax = 60;
const nameOf = (element: XmlElement): string => element.name.slice(0, nameCharsMax);

/** Elements that only hold elements may have white space between them, and nothing else. */
const hasStrayText = (element: XmlElement): boolean => /[^\t\n\r ]/.test(element.text);

/** What is wrong with a container before its children are looked at. */
function checkContainer(element: XmlElement, path: string): CebRefusal | null {
  const attribute = element.attributes[0];
  if (attribute !== undefined) {
    return refuse(
      "attributeUnknown",
      `${path}@${attribute.name.slice(0, nameCharsMax)}`,
      "is not known",
    );
  }
  return hasStrayText(element) ? refuse("textUnexpected", path, "has text between elements") : null;
}

function checkLeaf(child: XmlElement, field: Field, path: string): Checked<FieldValue> {
  const attribute = child.attributes[0];
  if (attribute !== undefined) {
    return refused(
      refuse(
        "attributeUnknown",
        `${path}@${attribute.name.slice(0, nameCharsMax)}`,
        "is not known",
      ),
    );
  }
  const inner = child.children[0];
  if (inner !== undefined) {
    return refused(refuse("elementUnexpected", path, `holds an element ${nameOf(inner)}`));
  }
  if (field.presence === "lenient" && child.text === "") return { kind: "read", value: null };
  return checkField(field, child.text, path);
}

/** Why a child does not stand where it should, in the words of the sequence it broke. */
function misplaced(
  child: XmlElement,
  fields: readonly Field[],
  next: number,
  path: string,
): CebRefusal {
  const name = nameOf(child);
  const index = fields.findIndex((field) => field.name === child.name);
  if (index < 0) return refuse("fieldUnknown", `${path}.${name}`, "is not in the schema");
  if (index === next - 1) return refuse("fieldRepeated", `${path}.${name}`, "comes twice");
  return refuse("fieldOrder", `${path}.${name}`, "comes too late in the sequence");
}

/** Reads the fields of one row in the schema's sequence. */
function readRow(
  children: readonly XmlElement[],
  fields: readonly Field[],
  path: string,
): Checked<Row> {
  const row: Record<string, FieldValue> = {};
  let next = 0;
  const skipTo = (end: number): CebRefusal | null => {
    for (; next < end; next += 1) {
      const field = fields[next];
      if (field === undefined) break;
      if (field.presence === "required") {
        return refuse("fieldMissing", `${path}.${field.name}`, "is missing");
      }
      row[field.name] = null;
    }
    return null;
  };
  for (const child of children) {
    if (child.namespace !== cebNamespace) {
      return refused(
        refuse("fieldNamespace", `${path}.${nameOf(child)}`, "is in another namespace"),
      );
    }
    let index = next;
    while (index < fields.length && fields[index]?.name !== child.name) index += 1;
    const field = fields[index];
    if (field === undefined) return refused(misplaced(child, fields, next, path));
    const missing = skipTo(index);
    if (missing !== null) return refused(missing);
    const value = checkLeaf(child, field, `${path}.${field.name}`);
    if (value.kind === "refused") return value;
    row[field.name] = value.value;
    next = index + 1;
  }
  const missing = skipTo(fields.length);
  return missing === null ? { kind: "read", value: row } : refused(missing);
}

function readHeadAndList(
  element: XmlElement,
  table: MessageTable,
  path: string,
): Checked<{ readonly head: Row; readonly list: readonly Row[] }> {
  const [head, ...rows] = element.children;
  const { headName, listName } = table;
  if (head === undefined || head.name !== headName || head.namespace !== cebNamespace) {
    return refused(refuse("fieldMissing", `${path}.${headName ?? ""}`, "does not come first"));
  }
  const headPath = `${path}.${head.name}`;
  const headFault = checkContainer(head, headPath);
  if (headFault !== null) return refused(headFault);
  const headRow = readRow(head.children, table.head, headPath);
  if (headRow.kind === "refused") return headRow;
  if (rows.length === 0)
    return refused(refuse("fieldMissing", `${path}.${listName ?? ""}`, "is missing"));
  if (rows.length > listRowsMax) {
    return refused(
      refuse("tooManyElements", `${path}.${listName ?? ""}`, `has over ${listRowsMax} rows`),
    );
  }
  const list: Row[] = [];
  for (const [index, row] of rows.entries()) {
    const rowPath = `${path}.${nameOf(row)}[${index + 1}]`;
    if (row.name !== listName || row.namespace !== cebNamespace) {
      return refused(refuse("fieldUnknown", rowPath, "is not in the schema"));
    }
    const fault = checkContainer(row, rowPath);
    if (fault !== null) return refused(fault);
    const read = readRow(row.children, table.list, rowPath);
    if (read.kind === "refused") return read;
    list.push(read.value);
  }
  return { kind: "read", value: { head: headRow.value, list } };
}

/** The guid of an element whose other parts may be broken: its own, or its head's. */
function findGuid(element: XmlElement): string | null {
  const own = element.children.find((child) => child.name === "guid");
  const inHead = element.children[0]?.children.find((child) => child.name === "guid");
  const raw = (own ?? inHead)?.text.slice(0, nameCharsMax) ?? "";
  return raw === "" ? null : raw;
}

function refuseElement(
  element: XmlElement,
  refusal: CebRefusal,
  type: CebType | OtherCebType,
): ElementReading {
  const named = unreadReceiptsIn(element, refusal);
  const receiptType = named.length > 0 || isTrailer(element) ? null : receiptTypeOf(type);
  // Under another name it is a receipt all the same.
  const unread = receiptType === null ? named : [unreadReceiptAs(receiptType, element, refusal)];
  return { ...refused(refusal), guid: findGuid(element), unread };
}

function readElement(element: XmlElement, type: CebType, path: string): ElementReading {
  const table: MessageTable = messageTables[type];
  const fault = checkContainer(element, path);
  if (fault !== null) return refuseElement(element, fault, type);
  let head: Row;
  let list: readonly Row[] = [];
  if (table.headName === null) {
    const row = readRow(element.children, table.head, path);
    if (row.kind === "refused") return refuseElement(element, row.refusal, type);
    head = row.value;
  } else {
    const both = readHeadAndList(element, table, path);
    if (both.kind === "refused") return refuseElement(element, both.refusal, type);
    ({ head, list } = both.value);
  }
  // The tables that were just applied are what the type is derived from.
  const read = { type, head, list } as unknown as CebElement;
  const whole = checkWhole(read, path);
  return whole === null
    ? { kind: "read", guid: read.head.guid, element: read }
    : refuseElement(element, whole, type);
}

const trailerNames = ["BaseTransfer", "BaseSubscribe", "Signature", "ExtendMessage"] as const;
const trailerMax = { BaseTransfer: 1, BaseSubscribe: 5, Signature: 1, ExtendMessage: 1 } as const;

/** What follows the business elements in an enterprise's message. Signatures are not looked into. */
function checkTrailer(trailer: readonly XmlElement[]): CebRefusal | null {
  let last = 0;
  const seen = { BaseTransfer: 0, BaseSubscribe: 0, Signature: 0, ExtendMessage: 0 };
  for (const part of trailer) {
    const index = trailerNames.findIndex((name) => name === part.name);
    const name = trailerNames[index];
    if (name === undefined) continue;
    if (index < last) return refuse("fieldOrder", name, "comes too late in the message");
    last = index;
    seen[name] += 1;
    if (seen[name] > trailerMax[name]) return refuse("fieldRepeated", name, "comes too often");
    if (name !== "BaseTransfer") continue;
    const fault = checkContainer(part, name);
    if (fault !== null) return fault;
    const row = readRow(part.children, transferFields, name);
    if (row.kind === "refused") return row.refusal;
  }
  return seen.BaseTransfer === 0 ? refuse("fieldMissing", "BaseTransfer", "is missing") : null;
}

const isTrailer = (child: XmlElement): boolean =>
  child.name === "Signature"
    ? child.namespace === signatureNamespace
    : child.namespace === cebNamespace && trailerNames.some((name) => name === child.name);

function readRootAttributes(root: XmlElement): Checked<string> {
  let guid: string | null = null;
  let version: string | null = null;
  for (const attribute of root.attributes) {
    if (attribute.namespace === "" && attribute.name === "guid") guid = attribute.value;
    else if (attribute.namespace === "" && attribute.name === "version") version = attribute.value;
    else {
      const name = attribute.name.slice(0, nameCharsMax);
      return refused(refuse("attributeUnknown", `${nameOf(root)}@${name}`, "is not known"));
    }
  }
  if (guid === null) return refused(refuse("fieldMissing", `${nameOf(root)}@guid`, "is missing"));
  if (!/^[0-9A-Za-z-]{36}$/.test(guid)) {
    return refused(
      refuse("formWrong", `${nameOf(root)}@guid`, "is not 36 letters, digits and '-'"),
    );
  }
  if (version === null)
    return refused(refuse("fieldMissing", `${nameOf(root)}@version`, "is missing"));
  if (version !== "1.0")
    return refused(refuse("versionUnknown", `${nameOf(root)}@version`, "is not 1.0"));
  return { kind: "read", value: guid };
}

function readElements(
  root: XmlElement,
  type: CebType | OtherCebType,
): Checked<readonly ElementReading[]> {
  const table: MessageTable | null = isCebType(type) ? messageTables[type] : null;
  const hasTrailer = table?.hasTransfer ?? true;
  const business = root.children.filter((child) => !(hasTrailer && isTrailer(child)));
  if (business.length > elementsMax) {
    const words = `has ${business.length} business elements, at most ${elementsMax}`;
    return refused(refuse("tooManyElements", nameOf(root), words));
  }
  if (business.length === 0)
    return refused(refuse("noElements", nameOf(root), "has no business element"));
  const trailer = root.children.filter((child) => hasTrailer && isTrailer(child));
  if (table?.hasTransfer === true) {
    const fault = checkTrailer(trailer);
    if (fault !== null) return refused(fault);
  }
  const firstTrailer = root.children.findIndex((child) => hasTrailer && isTrailer(child));
  const elements = business.map((child, index): ElementReading => {
    const path = `${nameOf(child)}[${index + 1}]`;
    if (!isCebType(type)) {
      const refusal = refuse("messageTypeNotTaken", path, `${type} is not taken here`);
      return refuseElement(child, refusal, type);
    }
    if (child.name !== table?.element || child.namespace !== cebNamespace) {
      return refuseElement(child, refuse("fieldUnknown", path, "is not in the schema"), type);
    }
    if (firstTrailer >= 0 && root.children.indexOf(child) > firstTrailer) {
      return refuseElement(child, refuse("fieldOrder", path, "comes after BaseTransfer"), type);
    }
    return readElement(child, type, path);
  });
  return { kind: "read", value: elements };
}

const isCebType = (type: string): type is CebType => cebTypes.some((each) => each === type);

/** A message as its root tells it: read, or refused as a whole. */
type RootMessage =
  | {
      readonly kind: "read";
      readonly type: CebType | OtherCebType;
      readonly messageGuid: string;
      readonly elements: readonly ElementReading[];
    }
  | CebRefused;

function readRootMessage(root: XmlElement): RootMessage {
  const name = /^(CEB\d{3})Message$/.exec(root.name)?.[1];
  const type = [...cebTypes, ...otherCebTypes].find((each) => each === name);
  if (type === undefined) {
    return refused(refuse("messageTypeUnknown", nameOf(root), "is no message of the catalogue"));
  }
  const guid = readRootAttributes(root);
  if (guid.kind === "refused") return guid;
  if (hasStrayText(root)) {
    return refused(refuse("textUnexpected", nameOf(root), "has text between elements"));
  }
  const elements = readElements(root, type);
  if (elements.kind === "refused") return elements;
  return { kind: "read", type, messageGuid: guid.value, elements: elements.value };
}

const sayingOf = ({ type, names, status }: UnreadReceipt): string =>
  JSON.stringify([type, names, status]);

/** Those that were read before the message broke, and those that can be told from its bytes. */
function unreadReceipts(
  bytes: Uint8Array,
  root: XmlElement | null,
  refusal: CebRefusal,
): readonly UnreadReceipt[] {
  const read = root === null ? [] : unreadReceiptsIn(root, refusal);
  const told = new Set(read.map(sayingOf));
  const salvaged = salvageReceipts(bytes, refusal).filter((each) => {
    const saying = sayingOf(each);
    const isNew = !told.has(saying);
    told.add(saying);
    return isNew;
  });
  return [...read, ...salvaged];
}

/**
 * Reads a customs message from the bytes of an HTTP body. A broken message is refused as a whole;
 * a broken element costs only itself. Never throws.
 */
export const readMessage = (bytes: Uint8Array): MessageReading =>
  messageOf(readRoot(bytes), () => bytes);

/** The same from the text that those bytes say, as a journal holds it. */
export const readMessageText = (text: string): MessageReading =>
  messageOf(readRootOfText(text), () => new TextEncoder().encode(text));

function messageOf(read: RootReading, bytesOf: () => Uint8Array): MessageReading {
  const { root, envelope } = read;
  const sender = senderOfMessage(root, envelope);
  const refuseWhole = (refusal: CebRefusal): MessageReading => ({
    ...refused(refusal),
    sender,
    unread: unreadReceipts(bytesOf(), root, refusal),
  });
  if (read.kind === "refused") return refuseWhole(read.refusal);
  const message = readRootMessage(read.root);
  if (message.kind === "refused") return refuseWhole(message.refusal);
  return { ...message, isWrapped: envelope !== null, sender };
}
