import type { DeskInput } from "../../edge/centre/documents/desk.ts";
import type { ClearanceConfig } from "../../edge/clearance/config.ts";
import type { DocumentFact } from "../../edge/clearance/outcome.ts";
import { sender, type Actor } from "../../protocols/actor.ts";
import type { ElementAnswer } from "../../protocols/ceb/answers.ts";
import type { CebElement, CebType } from "../../protocols/ceb/messages.ts";
import type { CebRefusal } from "../../protocols/ceb/refusals.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { drawGuid } from "../../simulators/documents/numbers.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { writeOrThrow } from "../../simulators/documents/write-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { startAt, testConfig } from "../unit/clearance-kit.ts";
import { SyncDesk } from "./sync-desk.ts";

const entropy = createSeededEntropy(29, "customs-post");

/** Under what enterprises of these tests sign their messages. */
export const transfer = {
  copCode: "3205940001",
  copName: "示例跨境服务有限公司",
  dxpMode: "DXP",
  dxpId: "DXPENT0000000001",
  note: null,
} as const;

const isOfCustoms = (type: CebType): boolean => type.endsWith("4") || type === "CEB506";

/** The XML of one element, as its sender would write it. */
export const xmlOf = (element: CebElement): string =>
  writeOrThrow({
    type: element.type,
    guid: drawGuid(entropy),
    elements: [element],
    transfer: isOfCustoms(element.type) ? null : transfer,
  } as Parameters<typeof writeOrThrow>[0]);

/** A receipt that names its manifest and cannot be read whole. */
export const withoutFlag = (xml: string): string =>
  xml.replace(/<ceb:statisticsFlag>.*?<\/ceb:statisticsFlag>/, "");

/** As the route signs whoever brings a message and says no more. */
const bringer = sender("customs", "http");

/** A document desk to which messages are posted in bytes, as the server does it. */
export class CustomsPost {
  readonly inputs: { readonly input: DeskInput; readonly by: Actor }[] = [];
  readonly facts: DocumentFact[] = [];
  readonly clock;
  readonly desk;
  private readonly config: ClearanceConfig;

  constructor(config: ClearanceConfig = testConfig(), wallStartAt = startAt) {
    this.config = config;
    this.clock = createVirtualClock({ wallStartAt });
    this.desk = new SyncDesk({
      config,
      clock: this.clock,
      onInput: (input, by) => this.inputs.push({ input, by }),
      onFact: (fact) => this.facts.push(fact),
    });
  }

  /** Posts a message of one element and gives its answer, or why the whole was refused. */
  post(body: string | Uint8Array): ElementAnswer | CebRefusal {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const answer = this.desk.takeCustomsMessage(bytes, bringer);
    if (answer.kind === "refused") return answer.refusal;
    const [first] = answer.results;
    if (first === undefined) throw new Error("nothing was answered");
    return first;
  }

  send(element: CebElement): ElementAnswer | CebRefusal {
    return this.post(xmlOf(element));
  }

  /** Order, receipt of money, waybill, manifest, and the carrier's acceptance. */
  take({ order, receipt, waybill, manifest, acceptance }: ParcelDocuments): this {
    this.send(order);
    this.send(receipt);
    this.send(waybill);
    this.send(manifest);
    this.desk.takeAcceptance(acceptance, sender(acceptance.carrierCode, "http"));
    return this;
  }

  recordOf(waybill: string): ClearanceRecord {
    const record = this.desk.recordOf(waybill);
    if (record === null) throw new Error(`no record of ${waybill}`);
    return record;
  }

  codesOf(waybill: string): readonly string[] {
    return this.recordOf(waybill).reasons.map(({ code }) => code);
  }

  isReleasable(waybill: string): boolean {
    return this.recordOf(waybill).standing !== "notReleasable";
  }

  /** The same desk after a restart: made anew and fed what was journalled, through JSON. */
  restarted(wallStartAt = startAt): CustomsPost {
    const next = new CustomsPost(this.config, wallStartAt);
    for (const each of this.inputs) {
      next.inputs.push(each);
      next.desk.apply(structuredClone(each.input));
    }
    return next;
  }
}
