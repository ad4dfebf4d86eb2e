import { hash } from "node:crypto";
import { messageTables, type CebElement, type MessageTable } from "../../protocols/ceb/messages.ts";

/**
 * The content of a document as one text: values in the tables' order, the guid in capitals. Two
 * documents with the same text say the same, however their XML was written.
 */
function contentOf(element: CebElement): string {
  const table: MessageTable = messageTables[element.type];
  const head: Readonly<Record<string, string | number | null>> = element.head;
  const list: readonly Readonly<Record<string, string | number | null>>[] = element.list;
  return JSON.stringify([
    element.type,
    element.head.guid.toUpperCase(),
    table.head.map(({ name }) => (name === "guid" ? null : head[name])),
    list.map((row) => table.list.map(({ name }) => row[name])),
  ]);
}

/** SHA-256 of the content, lower-case hexadecimal: what activation freezes. */
export const contentHash = (element: CebElement): string =>
  hash("sha256", contentOf(element), "hex");
