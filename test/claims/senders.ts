import { person, sender } from "../../protocols/actor.ts";
import type { CebElement } from "../../protocols/ceb/messages.ts";
import { manifestReturn, orderReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import type { Centre } from "../../edge/centre/centre.ts";
import { xmlOf } from "../kit/customs-post.ts";
import { documentsOf, later } from "../unit/clearance-kit.ts";
import type { Hold, Papers } from "./schedule.ts";

/**
 * Whoever brings something to the centre brings it as the routes take it: effective at once, and
 * acknowledged when it is durable. Who has not heard that it is brings the same again, to the next
 * centre that runs.
 */
export interface Senders {
  /** `kept` is called once, when it is acknowledged, with the centre that has done so. */
  bring(take: (centre: Centre) => void, kept: (centre: Centre) => void): void;
  /** A centre runs again. */
  bringAgain(): void;
}

interface Brought {
  readonly take: (centre: Centre) => void;
  readonly kept: (centre: Centre) => void;
}

export function createSenders(running: () => Centre | null): Senders {
  const unkept = new Set<Brought>();
  const send = (one: Brought): void => {
    const centre = running();
    if (centre === null) return;
    one.take(centre);
    centre.acts.settle((isDurable) => {
      if (!isDurable || centre !== running() || !unkept.delete(one)) return;
      one.kept(centre);
    });
  };
  return {
    bring: (take, kept) => {
      const one = { take, kept };
      unkept.add(one);
      send(one);
    },
    bringAgain: () => {
      for (const one of unkept) send(one);
    },
  };
}

const bytesOf = (element: CebElement): Uint8Array => new TextEncoder().encode(xmlOf(element));
const customs = sender("customs", "http");

/** All but the receipt of money. */
export function bringPapers({ site: { desk } }: Centre, waybill: string): void {
  const { order, waybill: carriage, manifest, acceptance } = documentsOf(waybill);
  for (const element of [order, carriage, manifest]) {
    desk.takeCustomsMessage(bytesOf(element), customs);
  }
  desk.takeAcceptance(acceptance, sender(acceptance.carrierCode, "http"));
}

export const bringReceipt = (
  { site: { desk } }: Centre,
  { waybill }: Pick<Papers, "waybill">,
): void => void desk.takeCustomsMessage(bytesOf(documentsOf(waybill).receipt), customs);

/** Statuses of customs: to be inspected, not taken, taken. */
const inspection = 500;
const notTaken = 100;
const taken = 120;

/** `id`: under which a control is placed, and said only once. */
export function placeHold({ site: { desk } }: Centre, { waybill, by }: Hold, id: string): void {
  const entropy = createSeededEntropy(1, `${id} ${waybill}`);
  switch (by) {
    case "control": {
      const actor = person("li", "risk", "desk-1");
      desk.placeControl({ controlId: id, waybill, reason: "tip", by: actor });
      return;
    }
    case "customs": {
      const { manifest } = documentsOf(waybill);
      const said = manifestReturn(manifest, { status: inspection, at: later(5) }, entropy);
      desk.takeCustomsMessage(bytesOf(said), customs);
      return;
    }
    case "refusal": {
      const { order } = documentsOf(waybill);
      const said = orderReturn(order, { status: notTaken, at: later(5) }, entropy);
      desk.takeCustomsMessage(bytesOf(said), customs);
    }
  }
}

/** Customs take the order after all. */
export function takeOrder({ site: { desk } }: Centre, { waybill }: Hold): void {
  const entropy = createSeededEntropy(2, waybill);
  const said = orderReturn(documentsOf(waybill).order, { status: taken, at: later(6) }, entropy);
  desk.takeCustomsMessage(bytesOf(said), customs);
}
