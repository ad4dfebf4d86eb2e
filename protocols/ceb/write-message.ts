import { checkWhole } from "./cross-checks.ts";
import { charsOf, checkField, type Field, type FieldValue, type RowOf } from "./fields.ts";
import {
  cebNamespace,
  elementsMax,
  listRowsMax,
  messageTables,
  type CebElement,
  type CebType,
  type ElementOf,
  type MessageTable,
} from "./messages.ts";
import { refuse, refused, type CebRefusal, type CebRefused } from "./refusals.ts";
import { transferFields } from "./tables/common.ts";
import { escapeXml, isXmlText } from "./xml-text.ts";

type TransferRow = RowOf<typeof transferFields>;

interface MessageOf<T extends CebType> {
  readonly type: T;
  /** 36 characters. */
  readonly guid: string;
  /** 1 to 100. */
  readonly elements: readonly ElementOf<T>[];
  /** Needed by messages of enterprises (303, 403, 505, 603), not written in others. */
  readonly transfer: TransferRow | null;
}
export type MessageToWrite = { [T in CebType]: MessageOf<T> }[CebType];

export type Writing = { readonly kind: "written"; readonly xml: string } | CebRefused;

/** Leaves the writer at the first value that the schema would refuse. Never leaves this file. */
class Refused extends Error {
  readonly refusal: CebRefusal;
  constructor(refusal: CebRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

const stop = (refusal: CebRefusal): never => {
  throw new Refused(refusal);
};

function writeField(field: Field, value: FieldValue | undefined, path: string): string {
  if (value === null || value === undefined) {
    return field.presence === "optional"
      ? ""
      : stop(refuse("fieldMissing", `${path}.${field.name}`, "is missing"));
  }
  const raw = String(value);
  if (!isXmlText(raw)) {
    const words = "has characters that XML forbids";
    stop(refuse("charactersForbidden", `${path}.${field.name}`, words));
  }
  const checked = checkField(field, raw, `${path}.${field.name}`);
  if (checked.kind === "refused") stop(checked.refusal);
  return `<ceb:${field.name}>${escapeXml(raw)}</ceb:${field.name}>`;
}

const writeRow = (
  row: Readonly<Record<string, FieldValue>>,
  fields: readonly Field[],
  path: string,
): string => fields.map((field) => writeField(field, row[field.name], path)).join("");

function writeElement(element: CebElement, index: number): string {
  const table: MessageTable = messageTables[element.type];
  const path = `${table.element}[${index + 1}]`;
  const whole = checkWhole(element, path);
  if (whole !== null) stop(whole);
  const { headName, listName } = table;
  if (headName === null || listName === null) {
    return `<ceb:${table.element}>${writeRow(element.head, table.head, path)}</ceb:${table.element}>\n`;
  }
  if (element.list.length === 0 || element.list.length > listRowsMax) {
    stop(refuse("tooManyElements", `${path}.${listName}`, `has not 1 to ${listRowsMax} rows`));
  }
  const head = writeRow(element.head, table.head, `${path}.${headName}`);
  const rows = element.list.map((row, at) => {
    const fields = writeRow(row, table.list, `${path}.${listName}[${at + 1}]`);
    return `<ceb:${listName}>${fields}</ceb:${listName}>`;
  });
  return (
    `<ceb:${table.element}><ceb:${headName}>${head}</ceb:${headName}>` +
    `${rows.join("")}</ceb:${table.element}>\n`
  );
}

function writeAll(message: MessageToWrite): string {
  const { type, guid, elements, transfer } = message;
  if (charsOf(guid) !== 36 || !isXmlText(guid)) {
    stop(refuse("formWrong", `${type}Message@guid`, "is not 36 characters"));
  }
  if (elements.length === 0 || elements.length > elementsMax) {
    stop(refuse("tooManyElements", `${type}Message`, `has not 1 to ${elementsMax} elements`));
  }
  const body = elements.map((element, index) => writeElement(element, index)).join("");
  const table: MessageTable = messageTables[type];
  const tail = table.hasTransfer
    ? `<ceb:BaseTransfer>${writeRow(transfer ?? {}, transferFields, "BaseTransfer")}</ceb:BaseTransfer>\n`
    : "";
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<ceb:${type}Message guid="${escapeXml(guid)}" version="1.0" xmlns:ceb="${cebNamespace}">\n` +
    `${body}${tail}</ceb:${type}Message>\n`
  );
}

/** Writes a message that the XSD accepts, or says which value stands against it. */
export function writeMessage(message: MessageToWrite): Writing {
  try {
    return { kind: "written", xml: writeAll(message) };
  } catch (error) {
    if (error instanceof Refused) return refused(error.refusal);
    throw error;
  }
}
