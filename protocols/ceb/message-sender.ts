import { zName } from "../sorting.ts";
import { trimXml } from "./decimal.ts";
import type { XmlElement } from "./xml-tree.ts";

/** Who sends a message, by what the message itself says. Null where it does not say. */
export interface MessageSender {
  /** The enterprise that transmits it: `copCode` of `BaseTransfer`. Customs' receipts have none. */
  readonly code: string | null;
  /** Its place at the exchange: the envelope's `SenderId`, else `dxpId` of `BaseTransfer`. */
  readonly node: string | null;
}

/** A name that can be signed with; null for anything else. */
const nameOf = (text: string | undefined): string | null =>
  text === undefined ? null : (zName.safeParse(trimXml(text)).data ?? null);

const childText = (element: XmlElement | undefined, name: string): string | undefined =>
  element?.children.find((child) => child.name === name)?.text;

/** Reads the sender out of a message that need not be whole; `envelope` is what it came in. */
export function senderOfMessage(
  root: XmlElement | null,
  envelope: XmlElement | null,
): MessageSender {
  const transfer = root?.children.find((child) => child.name === "BaseTransfer");
  const info = envelope?.children.find((child) => child.name === "TransInfo");
  return {
    code: nameOf(childText(transfer, "copCode")),
    node: nameOf(childText(info, "SenderId")) ?? nameOf(childText(transfer, "dxpId")),
  };
}
