import type { JSX } from "preact";
import type { Papers } from "../../../protocols/ui/http.ts";
import { voice } from "../shell/site.ts";
import { ArchivedSummary } from "./archived-view.tsx";
import { ManifestSummary } from "./manifest-view.tsx";
import type { Weighing } from "./weight-comparison.tsx";

/** What the documents say of a parcel, which may be that its case is in the archive, or nothing. */
export function PapersView(props: {
  readonly papers: Papers;
  readonly weighing: Weighing;
}): JSX.Element {
  const { manifest, archived } = props.papers;
  if (archived !== undefined) return <ArchivedSummary archived={archived} />;
  if (manifest !== null) return <ManifestSummary manifest={manifest} weighing={props.weighing} />;
  return <p class="muted">{voice.value.say("ui", "storyNoManifest")}</p>;
}
