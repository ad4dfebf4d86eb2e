import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Dialog } from "../shell/dialog.tsx";
import { isUsable, voice } from "../shell/site.ts";
import { PrioritySymbol } from "../shell/symbols.tsx";
import { ControlOrder, type OrderResult } from "./control-order.ts";

const waybillLengthMax = 64;
const reasonLengthMax = 200;

/** Manual control by waybill (人工布控): says at once whether the belt can still obey it. */
export function ControlDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const order = useMemo(() => new ControlOrder(), []);
  const { say } = voice.value;
  const result = order.result.value;
  return (
    <Dialog title={say("ui", "controlTitle")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void order.place();
        }}
      >
        <Field
          name="waybill"
          label={say("ui", "waybill")}
          lengthMax={waybillLengthMax}
          text={order.waybill}
          order={order}
        />
        <Field
          name="reason"
          label={say("ui", "controlReason")}
          lengthMax={reasonLengthMax}
          text={order.reason}
          order={order}
        />
        <Result result={result} />
        {result.kind !== "placed" && (
          <button
            type="submit"
            class="primary"
            disabled={!isUsable.value || result.kind === "sending"}
          >
            {say("ui", "controlPlace")}
          </button>
        )}
      </form>
    </Dialog>
  );
}

function Field(props: {
  readonly name: string;
  readonly label: string;
  readonly lengthMax: number;
  readonly text: Signal<string>;
  readonly order: ControlOrder;
}): JSX.Element {
  const { text, order } = props;
  return (
    <label>
      {props.label}
      <input
        name={props.name}
        value={text.value}
        maxLength={props.lengthMax}
        autocomplete="off"
        onInput={(event) => {
          text.value = event.currentTarget.value;
          order.changed();
        }}
      />
    </label>
  );
}

function Result({ result }: { readonly result: OrderResult }): JSX.Element {
  switch (result.kind) {
    case "none":
    case "sending":
      return <></>;
    case "bad":
      return (
        <p class="form-problem" role="alert">
          {result.text}
        </p>
      );
    case "placed":
      return (
        <p class="form-result" role="status" data-effect={result.mustFetch ? "intercept" : "ok"}>
          {result.mustFetch && <PrioritySymbol priority={1} />}
          <span>{result.text}</span>
        </p>
      );
  }
}
