import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Scroller } from "./scroller.tsx";
import { voice } from "./site.ts";

/** The browser's own modal dialog: it keeps the focus, and Escape closes it. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
}): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog
      ref={box}
      class={props.isWide === true ? "wide" : ""}
      onClose={props.onClose}
      aria-label={props.title}
    >
      <div class="dialog-head">
        <h2>{props.title}</h2>
        <button type="button" onClick={() => box.current?.close()} data-action="close-dialog">
          {voice.value.say("ui", "close")}
        </button>
      </div>
      <Scroller class="dialog-body">{props.children}</Scroller>
    </dialog>
  );
}
