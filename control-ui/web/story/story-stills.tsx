import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { StampedFact } from "../../../protocols/facts.ts";
import { voice } from "../shell/site.ts";
import { timeText } from "../shell/time-text.ts";
import { shownStills, type ShownStill } from "./shown-stills.ts";

/** What cameras have seen of a pass, oldest first; nothing at all where no camera looked at it. */
export function StoryStills({ facts }: { readonly facts: readonly StampedFact[] }): JSX.Element {
  const stills = shownStills(facts);
  if (stills.length === 0) return <></>;
  return (
    <>
      <h3>{voice.value.say("ui", "stills")}</h3>
      <ul class="stills">
        {stills.map((still) => (
          <Still key={`${still.fact.deviceId} ${still.fact.moment}`} {...still} />
        ))}
      </ul>
    </>
  );
}

/** It opens in full size. One that is not held any more says so in its place. */
function Still({ fact, askedAt }: ShownStill): JSX.Element {
  const { say } = voice.value;
  const isGone = useSignal(false);
  const moment = say("stillMoment", fact.moment);
  const address = `/api/images/${fact.imageHash}`;
  return (
    <li data-still-of={fact.moment}>
      {isGone.value ? (
        <p class="still-gone muted">{say("ui", "stillGone")}</p>
      ) : (
        <a href={address} target="_blank" rel="noopener">
          <img
            src={address}
            alt={say("ui", "stillAlt", { device: fact.deviceId, moment })}
            onError={() => (isGone.value = true)}
          />
        </a>
      )}
      <small>
        {timeText(askedAt)} {moment}
        <br />
        {say("ui", "stillLate", { seconds: lateSeconds(fact.lateMs) })}
        <br />
        {fact.deviceId}
      </small>
    </li>
  );
}

/** Never less than it was. */
const lateSeconds = (lateMs: number): string => (Math.ceil(lateMs / 100) / 10).toFixed(1);
