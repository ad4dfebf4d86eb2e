import { elementsMax } from "../../protocols/ceb/messages.ts";
import { createCentreClient } from "../../simulators/site/centre-client.ts";
import { documentsOf } from "../kit/plain-documents.ts";

/** A number of its own for each, which no parcel of the lab bears. */
const waybillOf = (index: number): string => `77${String(index).padStart(9, "0")}`;

/**
 * Gives a centre the papers of so many parcels that never come to a line, whole and accepted by their
 * carrier, as everybody does: over HTTP. Rejects when one of them is refused.
 */
export async function sendManifests(centreUrl: string, total: number): Promise<void> {
  const refused: string[] = [];
  const client = createCentreClient(centreUrl, (reason) => refused.push(reason));
  for (let from = 0; from < total; from += elementsMax) {
    const count = Math.min(elementsMax, total - from);
    const waybills = Array.from({ length: count }, (_, index) => waybillOf(from + index));
    const { xmls, acceptances } = documentsOf(waybills);
    for (const xml of xmls) await client.postXml(xml);
    await Promise.all(acceptances.map((acceptance) => client.postAcceptance(acceptance)));
    const [reason] = refused;
    if (reason !== undefined) throw new Error(`documents were refused: ${reason}`);
  }
}
