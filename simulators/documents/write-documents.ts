import { elementsMax } from "../../protocols/ceb/messages.ts";
import { refusalText } from "../../protocols/ceb/refusals.ts";
import { writeMessage, type MessageToWrite } from "../../protocols/ceb/write-message.ts";
import type { Entropy } from "../../protocols/time.ts";
import { drawGuid } from "./numbers.ts";
import type { ParcelDocuments } from "./parcel-documents.ts";
import { declarant } from "./parties.ts";

const transfer = {
  copCode: declarant.code,
  copName: declarant.name,
  dxpMode: "DXP",
  dxpId: "DXPENT0000000001",
  note: null,
} as const;

/**
 * The XML of a message of the lab. Throws where the schema would refuse it, because that is a bug
 * of the lab.
 */
export function writeOrThrow(message: MessageToWrite): string {
  const written = writeMessage(message);
  if (written.kind === "refused") {
    throw new Error(`lab wrote a bad message: ${refusalText(written.refusal)}`);
  }
  return written.xml;
}

/**
 * The XML messages of up to 100 parcels: one each of CEB303, 403, 505 and 603, in the order in
 * which they come about. Carriers' acceptances go their own way.
 */
export function writeDocuments(
  parcels: readonly ParcelDocuments[],
  entropy: Entropy,
): readonly string[] {
  if (parcels.length === 0 || parcels.length > elementsMax) {
    throw new RangeError(`a message holds 1 to ${elementsMax} elements, not ${parcels.length}`);
  }
  const envelope = () => ({ guid: drawGuid(entropy), transfer });
  const messages: readonly MessageToWrite[] = [
    { type: "CEB303", elements: parcels.map(({ order }) => order), ...envelope() },
    { type: "CEB403", elements: parcels.map(({ receipt }) => receipt), ...envelope() },
    { type: "CEB505", elements: parcels.map(({ waybill }) => waybill), ...envelope() },
    { type: "CEB603", elements: parcels.map(({ manifest }) => manifest), ...envelope() },
  ];
  return messages.map(writeOrThrow);
}
