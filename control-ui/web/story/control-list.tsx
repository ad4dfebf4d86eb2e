import type { JSX } from "preact";
import type { Story } from "../../../protocols/ui/http.ts";
import { voice } from "../shell/site.ts";

/** Who wants this parcel opened, and why in their own words; nothing when nobody does. */
export function ControlList(props: { readonly controls: Story["controls"] }): JSX.Element | null {
  const { say } = voice.value;
  if (props.controls.length === 0) return null;
  return (
    <section data-controls>
      <h3>{say("ui", "storyControls")}</h3>
      <ul class="reasons">
        {props.controls.map(({ placedBy, station, reason }, index) => (
          <li key={index}>
            <div>
              <strong>{reason}</strong>
              <small class="muted">
                {say("ui", "storyControlBy", { officer: placedBy, station })}
              </small>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
