import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { zWaybill } from "../../../protocols/clearance.ts";
import { Dialog } from "./dialog.tsx";
import { go } from "./router.ts";
import { voice } from "./site.ts";
import { plainText } from "./time-text.ts";

/** Story by waybill: full-width digits are taken as they come from a Chinese keyboard. */
export function SearchDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const typed = useSignal("");
  const isBad = useSignal(false);
  const { say } = voice.value;
  const find = (event: Event): void => {
    event.preventDefault();
    const waybill = zWaybill.safeParse(plainText(typed.value));
    isBad.value = !waybill.success;
    if (!waybill.success) return;
    onClose();
    go({ name: "parcel", waybill: waybill.data });
  };
  return (
    <Dialog title={say("ui", "searchTitle")} onClose={onClose}>
      <form onSubmit={find} class="form">
        <label>
          {say("ui", "waybill")}
          <input
            name="waybill"
            placeholder={say("ui", "searchPlaceholder")}
            value={typed.value}
            autocomplete="off"
            inputMode="text"
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </label>
        {isBad.value && (
          <p class="form-problem" role="alert">
            {say("ui", "controlWaybillBad")}
          </p>
        )}
        <button type="submit" class="primary">
          {say("ui", "searchGo")}
        </button>
      </form>
    </Dialog>
  );
}
