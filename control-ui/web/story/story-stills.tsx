import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { FactOf, StampedFact } from "../../../protocols/facts.ts";
import { voice } from "../shell/site.ts";
import { timeText } from "../shell/time-text.ts";

/** What cameras have seen of a pass, oldest first; nothing at all where no camera looked at it. */
export function StoryStills({ facts }: { readonly facts: readonly StampedFact[] }): JSX.Element {
  const stills = facts.flatMap(({ fact, wallAt }) =>
    fact.kind === "pictured" ? [{ fact, wallAt }] : [],
  );
  if (stills.length === 0) return <></>;
  return (
    <>
      <h3>{voice.value.say("ui", "stills")}</h3>
      <ul class="stills">
        {stills.map(({ fact, wallAt }) => (
          <Still key={`${fact.deviceId} ${fact.moment}`} fact={fact} wallAt={wallAt} />
        ))}
      </ul>
    </>
  );
}

/** It opens in full size. One that is not held any more says so in its place. */
function Still(props: { readonly fact: FactOf<"pictured">; readonly wallAt: number }): JSX.Element {
  const { fact, wallAt } = props;
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
        {timeText(wallAt)} {moment}
        <br />
        {fact.deviceId}
      </small>
    </li>
  );
}
