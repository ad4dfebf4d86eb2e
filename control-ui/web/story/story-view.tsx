import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Story } from "../../../protocols/ui/http.ts";
import {
  passesNewestFirst,
  sentenceOf,
  sentenceOfPass,
} from "../../../protocols/words/sentence.ts";
import { Quiet } from "../shell/connecting.tsx";
import { voice } from "../shell/site.ts";
import { dateText } from "../shell/time-text.ts";
import { ExitShape } from "../shell/symbols.tsx";
import { ControlList } from "./control-list.tsx";
import { PapersView } from "./papers-view.tsx";
import { ReasonChips } from "./reason-chips.tsx";
import { StoryImage } from "./story-image.tsx";
import { StoryStills } from "./story-stills.tsx";
import type { LoadedStory } from "./story-loader.ts";
import { Timeline } from "./timeline.tsx";
import type { Weighing } from "./weight-comparison.tsx";

type StoryPass = Story["passes"][number];

/** What a story says, in every state it can be in; drawer and page differ only in their frame. */
export function StoryBody(props: {
  readonly loaded: LoadedStory;
  readonly name: string;
}): JSX.Element {
  const { loaded, name } = props;
  const { say } = voice.value;
  switch (loaded.kind) {
    case "loading":
      return <Quiet title={say("ui", "storyLoading")} />;
    case "missing":
      return (
        <Quiet
          title={say("ui", "storyMissing", { key: name })}
          why={say("ui", "storyMissingWhy")}
        />
      );
    case "failed":
      return (
        <Quiet title={say("ui", "storyFailed")} why={say("ui", "centreUnreachable")}>
          <button type="button" onClick={loaded.again}>
            {say("ui", "retry")}
          </button>
        </Quiet>
      );
    case "found":
      return <StoryView story={loaded.story} />;
  }
}

function StoryView({ story }: { readonly story: Story }): JSX.Element {
  const chosen = useSignal(0);
  const passes = passesNewestFirst(story);
  const pass = passes[chosen.value] ?? passes[0];
  const weighing = weighingOf(pass);
  const first = pass?.timeline[0];
  return (
    <div class="story">
      {story.isKept === false && <p role="status">{voice.value.say("ui", "storyNotKept")}</p>}
      <Sentence story={story} pass={pass} />
      {passes.length > 1 && (
        <PassTabs
          total={passes.length}
          chosen={chosen.value}
          onChoose={(index) => (chosen.value = index)}
        />
      )}
      <div class="story-columns">
        <section class="story-timeline">
          <h3>
            {voice.value.say("ui", "storyTimeline")}{" "}
            {first !== undefined && <small>{dateText(first.wallAt)}</small>}
          </h3>
          {pass === undefined && story.archived !== undefined ? (
            <p class="muted">{voice.value.say("ui", "archivedTimeline")}</p>
          ) : (
            <Timeline facts={pass?.timeline ?? []} />
          )}
        </section>
        <section class="story-side">
          {pass !== undefined && <StoryImage pass={pass} />}
          {pass !== undefined && <StoryStills facts={pass.timeline} />}
          <ControlList controls={story.controls} />
          <h3>{voice.value.say("ui", "storyManifest")}</h3>
          <PapersView papers={story} weighing={weighing} />
        </section>
      </div>
    </div>
  );
}

/** The one sentence that says why, with the shape of the exit it names. */
function Sentence(props: {
  readonly story: Story;
  readonly pass: StoryPass | undefined;
}): JSX.Element {
  const { story, pass } = props;
  const exit = pass?.outcome.exit ?? pass?.outcome.expected ?? null;
  const text =
    pass === undefined ? sentenceOf(story, voice.value) : sentenceOfPass(pass, voice.value);
  return (
    <div class="sentence">
      {exit !== null && (
        <div class="sentence-exit">
          <ExitShape exit={exit} />
          <span>{voice.value.say("exit", exit)}</span>
        </div>
      )}
      <div>
        <p data-sentence>{text}</p>
        {pass !== undefined && <ReasonChips reasons={pass.outcome.reasons} />}
      </div>
    </div>
  );
}

function PassTabs(props: {
  readonly total: number;
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}): JSX.Element {
  const { total, chosen, onChoose } = props;
  return (
    <div class="tabs">
      {Array.from({ length: total }, (_, index) => (
        <button
          key={index}
          type="button"
          aria-pressed={index === chosen}
          onClick={() => onChoose(index)}
        >
          {voice.value.say("ui", "storyPass", { n: total - index, total })}
        </button>
      ))}
    </div>
  );
}

function weighingOf(pass: StoryPass | undefined): Weighing {
  for (const { fact } of pass?.timeline.toReversed() ?? []) {
    if (fact.kind !== "weighed") continue;
    return { weightG: fact.weightG, dimensionsMm: fact.dimensionsMm ?? null };
  }
  return { weightG: null, dimensionsMm: null };
}
