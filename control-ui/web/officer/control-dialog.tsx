import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { zWaybill } from "../../../protocols/clearance.ts";
import { postControl } from "../http/api.ts";
import { Dialog } from "../shell/dialog.tsx";
import { randomId } from "../shell/random-id.ts";
import { isUsable, profile, voice } from "../shell/site.ts";
import { PrioritySymbol } from "../shell/symbols.tsx";
import { plainText } from "../shell/time-text.ts";
import { whyNot } from "./officer-desk.ts";

type Result =
  | { readonly kind: "none" | "sending" }
  | { readonly kind: "bad"; readonly text: string }
  | { readonly kind: "placed"; readonly text: string; readonly mustFetch: boolean };

const reasonLengthMax = 200;

/** Manual control by waybill (人工布控): says at once whether the belt can still obey it. */
export function ControlDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const waybill = useSignal("");
  const reason = useSignal("");
  const result = useSignal<Result>({ kind: "none" });
  // One id an order: pressing again after no answer cannot place it twice, and what was changed
  // since is another order.
  const cmdId = useMemo(randomId, [waybill.value, reason.value]);
  const { say } = voice.value;
  const place = async (): Promise<void> => {
    const by = profile.peek();
    const checked = zWaybill.safeParse(plainText(waybill.value));
    const why = reason.value.trim();
    if (by === null || !isUsable.peek() || result.peek().kind === "sending") return;
    if (!checked.success) {
      result.value = { kind: "bad", text: say("ui", "controlWaybillBad") };
      return;
    }
    if (why === "") {
      result.value = { kind: "bad", text: say("ui", "controlReasonMissing") };
      return;
    }
    result.value = { kind: "sending" };
    const { officer, station } = by;
    const order = { cmdId, waybill: checked.data, reason: why, placedBy: officer, station };
    const answer = await postControl(order);
    if (answer.kind !== "ok") {
      result.value = { kind: "bad", text: say("ui", "controlFailed", { why: whyNot(answer) }) };
      return;
    }
    const { effect } = answer.value;
    const text = say("controlEffect", effect);
    result.value = { kind: "placed", text, mustFetch: effect === "intercept" };
  };
  const shown = result.value;
  return (
    <Dialog title={say("ui", "controlTitle")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void place();
        }}
      >
        <label>
          {say("ui", "waybill")}
          <input
            name="waybill"
            value={waybill.value}
            autocomplete="off"
            onInput={(event) => (waybill.value = event.currentTarget.value)}
          />
        </label>
        <label>
          {say("ui", "controlReason")}
          <input
            name="reason"
            value={reason.value}
            maxLength={reasonLengthMax}
            autocomplete="off"
            onInput={(event) => (reason.value = event.currentTarget.value)}
          />
        </label>
        {shown.kind === "bad" && (
          <p class="form-problem" role="alert">
            {shown.text}
          </p>
        )}
        {shown.kind === "placed" && (
          <p class="form-result" role="status" data-effect={shown.mustFetch ? "intercept" : "ok"}>
            {shown.mustFetch && <PrioritySymbol priority={1} />}
            <span>{shown.text}</span>
          </p>
        )}
        {shown.kind !== "placed" && (
          <button
            type="submit"
            class="primary"
            disabled={!isUsable.value || shown.kind === "sending"}
          >
            {say("ui", "controlPlace")}
          </button>
        )}
      </form>
    </Dialog>
  );
}
