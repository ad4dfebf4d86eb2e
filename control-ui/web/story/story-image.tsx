import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Story } from "../../../protocols/ui/http.ts";
import type { ImageBox } from "../../../protocols/verdicts.ts";
import { voice } from "../shell/site.ts";
import { plainTools } from "../xray/colour-table.ts";
import { loadImage } from "../xray/image-cache.ts";
import { ImageView } from "../xray/image-view.tsx";
import type { PreparedImage } from "../xray/prepared-image.ts";
import { fitted } from "../xray/viewport.ts";

type StoryPass = Story["passes"][number];

/** The pass's X-ray image in plain colours, with what the algorithm marked. */
export function StoryImage({ pass }: { readonly pass: StoryPass }): JSX.Element {
  const { imageHash } = pass;
  const image = useSignal<PreparedImage | "loading" | "failed">("loading");
  useEffect(() => {
    let isGone = false;
    image.value = "loading";
    if (imageHash === null) return undefined;
    void loadImage(imageHash).then((loaded) => {
      if (!isGone) image.value = loaded ?? "failed";
    });
    return () => {
      isGone = true;
    };
  }, [imageHash]);
  const boxes = useMemo(() => boxesOf(pass), [pass]);
  const { say } = voice.value;
  if (imageHash === null) {
    return <p class="story-image story-image-none muted">{say("ui", "storyNoImage")}</p>;
  }
  if (image.value === "loading") return <div class="story-image" />;
  if (image.value === "failed") {
    return <p class="story-image story-image-none muted">{say("ui", "storyImageFailed")}</p>;
  }
  return (
    <div class="story-image">
      <StillImage image={image.value} imageHash={imageHash} boxes={boxes} />
    </div>
  );
}

function StillImage(props: {
  readonly image: PreparedImage;
  readonly imageHash: string;
  readonly boxes: readonly ImageBox[];
}): JSX.Element {
  const viewport = useMemo(() => signal(fitted(props.image)), [props.image]);
  return (
    <ImageView
      {...props}
      tools={plainTools}
      viewport={viewport}
      label={voice.value.say("ui", "storyImage")}
    />
  );
}

function boxesOf(pass: StoryPass): readonly ImageBox[] {
  for (const { fact } of pass.timeline.toReversed()) {
    if (fact.kind === "algorithmAnswered" && fact.imageHash === pass.imageHash) return fact.boxes;
  }
  return [];
}
