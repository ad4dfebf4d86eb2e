import { person, sender } from "../../protocols/actor.ts";
import type { CebElement } from "../../protocols/ceb/messages.ts";
import { manifestReturn, orderReturn } from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import type { Centre } from "../../edge/centre/centre.ts";
import type { CustomsMessage } from "../../edge/centre/documents/desk.ts";
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
  bring(take: Take, kept: (centre: Centre) => void): void;
  /** A centre runs again. */
  bringAgain(): void;
}

/** Says with `then` whether the centre has acknowledged all of it. */
type Take = (centre: Centre, then: (isKept: boolean) => void) => void;

interface Brought {
  readonly take: Take;
  readonly kept: (centre: Centre) => void;
}

export function createSenders(running: () => Centre | null): Senders {
  const unkept = new Set<Brought>();
  const send = (one: Brought): void => {
    const centre = running();
    if (centre === null) return;
    one.take(centre, (isKept) => {
      if (!isKept || centre !== running() || !unkept.delete(one)) return;
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

const messageOf = (element: CebElement): CustomsMessage => ({
  bytes: new TextEncoder().encode(xmlOf(element)),
  by: sender("customs", "http"),
});

const told =
  (then: (isKept: boolean) => void) =>
  ({ kind }: { readonly kind: string }): void =>
    then(kind === "kept");

/** All but the receipt of money. */
export const bringPapers =
  (waybill: string): Take =>
  ({ site: { desk } }, then) => {
    const { order, waybill: carriage, manifest, acceptance } = documentsOf(waybill);
    let areAllKept = true;
    const all = [order, carriage, manifest];
    let left = all.length + 1;
    const one = (isKept: boolean): void => {
      areAllKept &&= isKept;
      left -= 1;
      if (left === 0) then(areAllKept);
    };
    for (const element of all) desk.takeCustomsMessage(messageOf(element), told(one));
    desk.takeAcceptance(acceptance, sender(acceptance.carrierCode, "http"), told(one));
  };

export const bringReceipt =
  ({ waybill }: Pick<Papers, "waybill">): Take =>
  ({ site: { desk } }, then) =>
    desk.takeCustomsMessage(messageOf(documentsOf(waybill).receipt), told(then));

/** Statuses of customs: to be inspected, not taken, taken. */
const inspection = 500;
const notTaken = 100;
const taken = 120;

/** `id`: under which a control is placed, and said only once. */
export const placeHold =
  ({ waybill, by }: Hold, id: string): Take =>
  ({ site: { desk } }, then) => {
    const entropy = createSeededEntropy(1, `${id} ${waybill}`);
    switch (by) {
      case "control": {
        const actor = person("li", "risk", "desk-1");
        desk.placeControl({ controlId: id, waybill, reason: "tip", by: actor }, told(then));
        return;
      }
      case "customs": {
        const { manifest } = documentsOf(waybill);
        const said = manifestReturn(manifest, { status: inspection, at: later(5) }, entropy);
        desk.takeCustomsMessage(messageOf(said), told(then));
        return;
      }
      case "refusal": {
        const { order } = documentsOf(waybill);
        const said = orderReturn(order, { status: notTaken, at: later(5) }, entropy);
        desk.takeCustomsMessage(messageOf(said), told(then));
      }
    }
  };

/** Customs take the order after all. */
export const takeOrder =
  ({ waybill }: Hold): Take =>
  ({ site: { desk } }, then) => {
    const entropy = createSeededEntropy(2, waybill);
    const said = orderReturn(documentsOf(waybill).order, { status: taken, at: later(6) }, entropy);
    desk.takeCustomsMessage(messageOf(said), told(then));
  };
