import type { JSX } from "preact";
import { voice } from "./site.ts";

/** Before the first whole picture, and after a hidden tab comes back: never old values as live. */
export function Connecting(): JSX.Element {
  return (
    <Quiet
      title={voice.value.say("ui", "connecting")}
      why={voice.value.say("ui", "connectingWhy")}
    />
  );
}

/** An empty place that says why it is empty. */
export function Quiet(props: {
  readonly title: string;
  readonly why?: string;
  readonly children?: JSX.Element;
}): JSX.Element {
  return (
    <section class="quiet" role="status">
      <h2>{props.title}</h2>
      {props.why !== undefined && <p>{props.why}</p>}
      {props.children}
    </section>
  );
}
