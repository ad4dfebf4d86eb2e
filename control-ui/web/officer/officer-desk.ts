import { signal } from "@preact/signals";
import type { JSX } from "preact";

/**
 * The officer's desk is a script of its own, so that a panel on the floor shows its lines sooner.
 * Null until it is there.
 */
export const officerDesk = signal<(() => JSX.Element) | null>(null);

/** A centre that is away when the page asks is asked again: whoever waits for the desk gets it. */
const askAgainMs = 2_000;

/**
 * Called once the page has drawn itself, by every page: the desk must be there when somebody opens
 * it, also after the centre has gone or has been replaced by a build with other file names.
 */
export function fetchOfficerDesk(): void {
  import("./officer-page.tsx").then(
    ({ OfficerPage }) => {
      officerDesk.value = OfficerPage;
    },
    () => {
      setTimeout(fetchOfficerDesk, askAgainMs);
    },
  );
}
