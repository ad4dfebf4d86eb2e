import type { JSX } from "preact";
import type { StampedFact } from "../../../protocols/facts.ts";
import { voice } from "../shell/site.ts";
import { timeText } from "../shell/time-text.ts";
import { factText } from "./fact-text.ts";

/** What happened, oldest first: when, who, what. */
export function Timeline({ facts }: { readonly facts: readonly StampedFact[] }): JSX.Element {
  if (facts.length === 0) {
    return <p class="muted">{voice.value.say("ui", "storyTimelineEmpty")}</p>;
  }
  return (
    <ol class="timeline">
      {facts.map(({ wallAt, fact }, index) => {
        const { actor, what } = factText(fact, voice.value);
        return (
          <li key={index} class={`fact-${fact.kind}`} data-fact={fact.kind}>
            <time>{tenths(wallAt)}</time>
            <span class="timeline-actor">{actor}</span>
            <span class="timeline-what">{what}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** A line does several things a second, so seconds alone would not order them. */
const tenths = (wallAt: number): string =>
  `${timeText(wallAt)}.${Math.floor((wallAt % 1_000) / 100)}`;
