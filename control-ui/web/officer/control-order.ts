import { signal, type Signal } from "@preact/signals";
import { zWaybill } from "../../../protocols/clearance.ts";
import { heldBackText } from "../../../protocols/words/held-back-text.ts";
import { postControl } from "../http/api.ts";
import { randomId } from "../shell/random-id.ts";
import { isUsable, profile, voice } from "../shell/site.ts";
import { plainText } from "../shell/time-text.ts";
import { whyNot } from "./officer-work.ts";

export type OrderResult =
  | { readonly kind: "none" | "sending" }
  | { readonly kind: "bad"; readonly text: string }
  | { readonly kind: "placed"; readonly text: string; readonly mustFetch: boolean };

/** One manual control while it is written and placed. */
export class ControlOrder {
  readonly waybill: Signal<string> = signal("");
  readonly reason: Signal<string> = signal("");
  readonly result: Signal<OrderResult> = signal({ kind: "none" });
  #cmdId = randomId();

  /**
   * An order whose content was changed is another order. Pressing again because no answer came is
   * the same one.
   */
  changed(): void {
    this.#cmdId = randomId();
  }

  async place(): Promise<void> {
    const by = profile.peek();
    if (by === null || !isUsable.peek() || this.result.peek().kind === "sending") return;
    const { say } = voice.peek();
    const waybill = zWaybill.safeParse(plainText(this.waybill.peek()));
    const reason = this.reason.peek().trim();
    if (!waybill.success) return this.#isBad(say("ui", "controlWaybillBad"));
    if (reason === "") return this.#isBad(say("ui", "controlReasonMissing"));
    this.result.value = { kind: "sending" };
    const answer = await postControl({
      cmdId: this.#cmdId,
      waybill: waybill.data,
      reason,
      placedBy: by.officer,
      station: by.station,
    });
    if (answer.kind !== "ok")
      return this.#isBad(say("ui", "controlFailed", { why: whyNot(answer) }));
    const { effect, unconfirmed } = answer.value;
    const text = [say("controlEffect", effect), heldBackText(answer.value, voice.peek())]
      .filter((part) => part !== "")
      .join(" ");
    const mustFetch = effect === "intercept" || effect === "unseen" || unconfirmed.length > 0;
    this.result.value = { kind: "placed", text, mustFetch };
  }

  #isBad(text: string): void {
    this.result.value = { kind: "bad", text };
  }
}
