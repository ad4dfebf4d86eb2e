import type { AlarmPriority } from "../../../protocols/alarms.ts";
import type { Exit } from "../../../protocols/sorting.ts";
import type { JSX } from "preact";

/** Shapes that always stand beside their word. Sizes in em, so that they grow with the text. */

export function ExitShape({ exit }: { readonly exit: Exit }): JSX.Element {
  return (
    <svg class="symbol" viewBox="0 0 20 20" aria-hidden="true">
      {exit === "green" && <path class="symbol-line" d="M4 3 L17 10 L4 17 Z" />}
      {exit === "red" && <rect class="symbol-fill" x="3" y="3" width="14" height="14" />}
      {exit === "inspection" && (
        <>
          <rect class="symbol-line" x="3" y="3" width="14" height="14" />
          <rect class="symbol-fill" x="7" y="7" width="6" height="6" />
        </>
      )}
    </svg>
  );
}

/** Colour, shape and digit together (H2): a square with 1, a triangle with 2, a diamond with 3. */
export function PrioritySymbol({ priority }: { readonly priority: AlarmPriority }): JSX.Element {
  return (
    <svg class={`symbol priority-${priority}`} viewBox="0 0 24 24" aria-hidden="true">
      {priority === 1 && <rect x="2.5" y="2.5" width="19" height="19" />}
      {priority === 2 && <path d="M12 1.5 L23 21.5 L1 21.5 Z" />}
      {priority === 3 && <path d="M12 1 L23 12 L12 23 L1 12 Z" />}
      <text x="12" y={priority === 2 ? 19.5 : 17} text-anchor="middle">
        {priority}
      </text>
    </svg>
  );
}

/** "A person must do something now." */
export function ActSymbol(): JSX.Element {
  return (
    <svg class="symbol act" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="10" />
    </svg>
  );
}

/** Nothing is wrong: a small hollow ring, no colour. */
export function CalmSymbol(): JSX.Element {
  return (
    <svg class="symbol calm" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="7" />
    </svg>
  );
}
