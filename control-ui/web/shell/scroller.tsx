import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { voice } from "./site.ts";

/** What is read as one: shown whole or not at all. */
const wholes = "tr, li, p, h2, h3, dl > div";

/**
 * What may be longer than its room. Nobody must take a part for the whole: no row is shown in
 * part, and a button under it says that there is more and goes there, with gloves too (T4).
 */
export function Scroller(props: {
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const more = useSignal<"none" | "below" | "above">("none");
  useLayoutEffect(() => {
    if (frame.current === null || box.current === null || content.current === null)
      return undefined;
    const parts = { frame: frame.current, box: box.current, content: content.current };
    const look = (): void => {
      const doesFit = parts.content.offsetHeight <= parts.frame.clientHeight + 1;
      more.value = doesFit ? "none" : isAtEnd(parts.box) ? "above" : "below";
      markSliced(parts.box);
    };
    look();
    const sizes = new ResizeObserver(look);
    for (const part of Object.values(parts)) sizes.observe(part);
    const changes = new MutationObserver(look);
    changes.observe(parts.content, { childList: true, characterData: true, subtree: true });
    parts.box.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      changes.disconnect();
      parts.box.removeEventListener("scroll", look);
    };
  }, []);
  const { say } = voice.value;
  return (
    <div class="scroller" ref={frame}>
      <div class="scroller-box" ref={box}>
        <div class={`scroller-content ${props.class ?? ""}`} ref={content}>
          {props.children}
        </div>
      </div>
      {more.value !== "none" && (
        <button
          type="button"
          class="scroller-more"
          onClick={() => box.current && turn(box.current)}
          data-more={more.value}
        >
          {more.value === "below" ? `▾ ${say("ui", "moreBelow")}` : `▴ ${say("ui", "backToTop")}`}
        </button>
      )}
    </div>
  );
}

const isAtEnd = ({ scrollTop, clientHeight, scrollHeight }: HTMLElement): boolean =>
  scrollTop + clientHeight >= scrollHeight - 1;

function markSliced(box: HTMLElement): void {
  const { top, bottom } = box.getBoundingClientRect();
  for (const whole of box.querySelectorAll<HTMLElement>(wholes)) {
    const place = whole.getBoundingClientRect();
    const isSliced = (at: number): boolean => place.top < at - 1 && place.bottom > at + 1;
    // A row that is nearly as high as its room could never be seen whole.
    const canBeWhole = place.height < (bottom - top) / 2;
    whole.toggleAttribute("data-sliced", canBeWhole && (isSliced(top) || isSliced(bottom)));
  }
}

/** To the first row that is not shown whole; from the end, back to the start. */
function turn(box: HTMLElement): void {
  const { top, bottom } = box.getBoundingClientRect();
  const tops = [...box.querySelectorAll("[data-sliced]")]
    .map((row) => row.getBoundingClientRect().top)
    .filter((rowTop) => rowTop > top + 1);
  if (isAtEnd(box)) box.scrollTo({ top: 0 });
  else box.scrollBy({ top: Math.min(bottom, ...tops) - top });
}
