import type { JSX } from "preact";
import { Scroller } from "../shell/scroller.tsx";
import { voice } from "../shell/site.ts";
import { useStory } from "./story-loader.ts";
import { StoryBody } from "./story-view.tsx";

/** One parcel's own page: what a search finds and a link points to. */
export function StoryPage({ waybill }: { readonly waybill: string }): JSX.Element {
  const loaded = useStory({ waybill });
  return (
    <article class="story-page" data-story={waybill}>
      <Scroller class="story-page-scroll">
        <h2>
          <small>{voice.value.say("ui", "story")}</small>
          <span class="code">{waybill}</span>
        </h2>
        <StoryBody loaded={loaded} name={waybill} />
      </Scroller>
    </article>
  );
}
