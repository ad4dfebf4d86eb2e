import { waybillAsWritten } from "../../protocols/clearance.ts";
import { waitingOf, type ReceiptEvent } from "./customs-receipts.ts";
import {
  carriageKey,
  keysOfManifest,
  manifestNumbersOf,
  moneyKeyOf,
  numberKeyOf,
  numberKeysOf,
  orderKeyOf,
  withNumberKeys,
  type ManifestNumbers,
} from "./digests.ts";
import { answerNamesOf } from "./document-words.ts";
import type { DocumentEvent } from "./events.ts";
import { parkedIdOf } from "./parked-receipts.ts";
import type { DocumentTable, DueTable, RowOf } from "./rows.ts";
import { leaveTableOf } from "./retention.ts";
import { leaveTables, type ManifestCase } from "./state.ts";
import { timesOfArrival } from "./workspace.ts";

/**
 * Names a row that an event may read or write, and tells what it is. Null: there is none. Undefined: it
 * is not loaded yet.
 */
export type Touch = <T extends DocumentTable>(
  table: T,
  key: string,
  /** What is loaded tells that there is none, so that nobody has to look. */
  known?: "absent",
) => RowOf<T> | null | undefined;

/** Keys of the rows that are due by the event's time, in their order, as far as it ends them. */
export type Due = (table: DueTable) => readonly string[];

/** Names all that an event may touch, as far as what is loaded tells: rows lead to others. */
export type Touches = (touch: Touch, due: Due) => void;

/**
 * Which rows `applyDocumentEvent` may read or write for an event, beside the shared ones. To be asked
 * again after each loading, until it names none that is not loaded. It may name rows that the event
 * leaves alone; one that it does not name must not be touched.
 *
 * What an event writes leads to nothing that it has not named itself. So the elements of one message
 * touch, one after the other, no more than all of them name before the first.
 */
export function touchesOf(event: DocumentEvent): Touches {
  switch (event.kind) {
    case "order": {
      const key = orderKeyOf(event.order.head);
      return (touch) => {
        touch("orders", key);
        touchUnnamed(touch, key);
        touchWords(touch, key);
        touchManifestOf(touch, key);
      };
    }
    case "moneyReceipt":
      return touchesOfMoney(event.receipt.head);
    case "waybill": {
      const { logisticsCode, logisticsNo } = event.waybill.head;
      const key = carriageKey(logisticsCode, logisticsNo);
      return (touch) => {
        touch("waybills", key);
        touchUnnamed(touch, key);
        touchWords(touch, key);
        touchCase(touch, waybillAsWritten(logisticsNo));
      };
    }
    case "manifest":
      return touchesOfManifest(manifestNumbersOf(event.manifest.head));
    case "manifestReturn":
      return touchesOfReceipt(event);
    case "documentReturn":
      return touchesOfAnswer(event.receipt.type, answerNamesOf(event.receipt));
    case "unreadReceipt": {
      const { type, names } = event.receipt;
      return type === "CEB604" || type === "CEB606"
        ? touchesOfReceipt(event)
        : touchesOfAnswer(type, names);
    }
    case "acceptance": {
      const { acceptanceId, carrierCode, waybill } = event.acceptance;
      return (touch) => {
        touch("acceptances", acceptanceId);
        touch("parkedAcceptances", carriageKey(carrierCode, waybill));
        touchCase(touch, waybill);
      };
    }
    case "control": {
      const { controlId, waybill } = event.control;
      return (touch) => {
        touch("controls", controlId);
        touch("controlsByWaybill", waybill);
        touchCase(touch, waybill);
      };
    }
    case "release": {
      const { waybill } = event.release;
      return (touch) => {
        touch("releases", waybill);
        touchCase(touch, waybill);
      };
    }
    case "officerAct": {
      const { waybill } = event.act;
      return (touch) => touchCase(touch, waybill);
    }
    case "timePassed":
      return touchDue;
  }
}

/** For whoever reads what a waybill's documents say, and writes nothing. */
export const touchesOfWaybill =
  (waybill: string): Touches =>
  (touch) => {
    touch("cases", waybill);
    touch("releases", waybill);
    touch("controlsByWaybill", waybill);
  };

/** Whether a document's number has ended, or will because no manifest names it. */
function touchUnnamed(touch: Touch, key: string): void {
  touch("unnamedUntil", key);
  touch("endedNumbers", key);
}

/** What `refusalOf` reads of a document. */
function touchWords(touch: Touch, key: string, ...more: readonly string[]): void {
  for (const each of [key, ...more]) touch("documentWords", each);
  const number = numberKeyOf(key) ?? "";
  touch("documentWords", number);
  touch("lostAnswers", number);
}

const touchMoneyWords = (touch: Touch, ebcCode: string, orderNo: string, payNo: string): void =>
  touchWords(touch, moneyKeyOf(ebcCode, orderNo, payNo), moneyKeyOf(ebcCode, orderNo, ""));

/** What `settle` reads and writes of a manifest with these numbers, whether it is there or not. */
function touchSettled(touch: Touch, numbers: ManifestNumbers): void {
  const { waybill, carrierCode, orderKey, copKey, orderNo } = numbers;
  const each = touch("cases", waybill);
  if (each !== undefined) {
    const now = leaveTableOf(each);
    for (const table of leaveTables) {
      if (table === now) touch(table, waybill);
      else touch(table, waybill, "absent");
    }
  }
  touch("controlsByWaybill", waybill);
  touch("releases", waybill);
  touch("waitingUntil", waybill);
  touch("storedUntil", waybill);
  touch("waybillByKey", copKey);
  touch("waybillByKey", orderKey);
  touch("orders", orderKey);
  touchWords(touch, orderKey);
  const money = touch("moneyReceipts", orderKey) ?? null;
  if (money !== null) touchMoneyWords(touch, money.merchant.code, orderNo, money.payNo);
  const carriage = carriageKey(carrierCode, waybill);
  touch("waybills", carriage);
  touchWords(touch, carriage);
}

function touchCase(touch: Touch, waybill: string): ManifestCase | null {
  const each = touch("cases", waybill) ?? null;
  if (each !== null) touchSettled(touch, each.manifest);
  return each;
}

/** The manifest that is found by a number of its own, if there is one. */
function touchManifestOf(touch: Touch, key: string): ManifestCase | null {
  const waybill = touch("waybillByKey", key) ?? null;
  return waybill === null ? null : touchCase(touch, waybill);
}

function touchManifestsByNumber(touch: Touch, key: string): void {
  for (const waybill of touch("waybillsByNumber", key) ?? []) touchCase(touch, waybill);
}

function touchesOfMoney(head: {
  readonly ebpCode: string;
  readonly ebcCode: string;
  readonly orderNo: string;
  readonly payNo: string | null;
}): Touches {
  const { ebcCode, orderNo, payNo } = head;
  const key = orderKeyOf(head);
  return (touch) => {
    const held = touch("moneyReceipts", key) ?? null;
    if (held !== null) {
      touch("ordersPaid", moneyKeyOf(held.merchant.code, orderNo, ""));
      touchMoneyWords(touch, held.merchant.code, orderNo, held.payNo);
    }
    touch("ordersPaid", moneyKeyOf(ebcCode, orderNo, ""));
    touchUnnamed(touch, key);
    touchMoneyWords(touch, ebcCode, orderNo, payNo ?? "");
    touchManifestOf(touch, key);
  };
}

/** A receipt that waits, with every number under which it does. */
function touchParked(touch: Touch, id: string): void {
  const parked = touch("parkedReceipts", id) ?? null;
  if (parked === null) return;
  const { names } = parked;
  for (const key of names.keys) touch("waybillByKey", key);
  for (const key of withNumberKeys(names.keys)) touch("parkedReceiptsByKey", key);
}

function touchesOfManifest(numbers: ManifestNumbers): Touches {
  const { waybill, carrierCode } = numbers;
  const keys = keysOfManifest(numbers);
  const both = withNumberKeys(keys);
  return (touch) => {
    touchSettled(touch, numbers);
    const held = touchCase(touch, waybill);
    const formerKeys = held === null ? [] : keysOfManifest(held.manifest);
    for (const each of [numbers, ...(held === null ? [] : [held.manifest])]) {
      touchUnnamed(touch, each.orderKey);
      touchUnnamed(touch, carriageKey(each.carrierCode, each.waybill));
    }
    // Whoever holds one of its numbers may be in its way.
    for (const key of keys) {
      const holder = touch("waybillByKey", key) ?? null;
      if (holder !== null) touch("cases", holder);
    }
    for (const key of formerKeys) touch("waybillByKey", key);
    for (const key of numberKeysOf([...keys, ...formerKeys])) touch("waybillsByNumber", key);
    for (const key of both) {
      touch("lostReceipts", key);
      for (const id of touch("parkedReceiptsByKey", key) ?? []) touchParked(touch, id);
    }
    const parked = touch("parkedAcceptances", carriageKey(carrierCode, waybill));
    for (const each of [parked ?? null, held?.activation ?? null]) {
      if (each !== null) touch("acceptances", each.acceptance.acceptanceId);
    }
  };
}

function touchesOfReceipt(event: ReceiptEvent): Touches {
  const waiting = waitingOf(timesOfArrival(event), event);
  const { keys } = waiting.names;
  const both = withNumberKeys(keys);
  let id: string | null = null;
  return (touch) => {
    const found = keys.flatMap((key) => touchManifestOf(touch, key) ?? []);
    const holders = keys.map((key) => touch("waybillByKey", key));
    if (holders.includes(undefined) || (found.length > 0 && !holders.includes(null))) return;
    // It names no manifest that is known: it is to wait for one, among those that bear its numbers.
    if (found.length === 0) {
      for (const key of numberKeysOf(keys)) touchManifestsByNumber(touch, key);
    }
    for (const key of both) {
      touch("parkedReceiptsByKey", key);
      touch("lostReceipts", key);
    }
    id ??= parkedIdOf(waiting);
    touchParked(touch, id);
  };
}

type AnswerNames = ReturnType<typeof answerNamesOf>;

/** Of an answer to an order, a receipt of money or a waybill. */
function touchesOfAnswer(type: string, names: AnswerNames): Touches {
  const { logisticsCode, logisticsNo, ebcCode, orderNo, payNo } = names;
  if (type === "CEB506") {
    const key = carriageKey(logisticsCode, logisticsNo);
    return (touch) => {
      touchWords(touch, key);
      touch("waybills", key);
      touchCase(touch, waybillAsWritten(logisticsNo));
    };
  }
  const orderKey = orderKeyOf(names);
  const numberKey = numberKeyOf(orderKey) ?? "";
  return (touch) => {
    touchManifestsByNumber(touch, numberKey);
    if (type === "CEB304") {
      touch("orders", orderKey);
      touchWords(touch, orderKey);
      touchManifestOf(touch, orderKey);
      return;
    }
    touchMoneyWords(touch, ebcCode, orderNo, payNo);
    for (const key of touch("ordersPaid", moneyKeyOf(ebcCode, orderNo, "")) ?? []) {
      touch("moneyReceipts", key);
      touchManifestOf(touch, key);
    }
  };
}

/** What ends with the time that has passed. */
function touchDue(touch: Touch, due: Due): void {
  for (const table of ["waitingUntil", "storedUntil"] as const) {
    for (const waybill of due(table)) {
      touch(table, waybill);
      touchCase(touch, waybill);
    }
  }
  for (const key of due("parkedAcceptances")) {
    const parked = touch("parkedAcceptances", key) ?? null;
    if (parked !== null) touch("acceptances", parked.acceptance.acceptanceId);
  }
  for (const key of due("lostReceipts")) touch("lostReceipts", key);
  for (const id of due("parkedReceipts")) touchParked(touch, id);
  for (const key of due("unnamedUntil")) {
    const unnamed = touch("unnamedUntil", key) ?? null;
    touch("endedNumbers", key);
    touch("orders", key);
    touch("waybills", key);
    const money = touch("moneyReceipts", key) ?? null;
    if (unnamed === null || money === null) continue;
    touch("ordersPaid", moneyKeyOf(money.merchant.code, unnamed.orderNo ?? "", ""));
  }
  for (const table of leaveTables) {
    for (const waybill of due(table)) {
      touch(table, waybill);
      const each = touchCase(touch, waybill);
      touch(table === "releasedUntil" ? "leftReleased" : "leftEnded", waybill);
      const keys = each === null ? [] : keysOfManifest(each.manifest);
      for (const key of numberKeysOf(keys)) touch("waybillsByNumber", key);
    }
  }
}
