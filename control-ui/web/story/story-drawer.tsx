import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { go, route, type StoryKey } from "../shell/router.ts";
import { Scroller } from "../shell/scroller.tsx";
import { voice } from "../shell/site.ts";
import { useStory } from "./story-loader.ts";
import { StoryBody } from "./story-view.tsx";

/** A story beside the running lines: one tap opens it, Escape or one tap closes it. */
export function StoryDrawer({ storyKey }: { readonly storyKey: StoryKey }): JSX.Element {
  const loaded = useStory(storyKey);
  const closeButton = useRef<HTMLButtonElement>(null);
  const fallback = "waybill" in storyKey ? storyKey.waybill : storyKey.passId;
  const waybill = loaded.kind === "found" ? loaded.story.waybill : null;
  const { say } = voice.value;
  useEffect(() => {
    closeButton.current?.focus();
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") close();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <aside class="drawer" aria-label={say("ui", "story")} data-story={fallback}>
      <div class="drawer-head">
        <h2>
          <small>{say("ui", "story")}</small>
          <span class="code">{waybill ?? fallback}</span>
        </h2>
        <button type="button" ref={closeButton} onClick={close} data-action="close-story">
          {say("ui", "close")}
        </button>
      </div>
      <Scroller>
        <StoryBody loaded={loaded} name={fallback} />
      </Scroller>
    </aside>
  );
}

function close(): void {
  const here = route.peek();
  if (here.name !== "parcel") go({ name: here.name, story: null });
}
