import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ParcelView } from "../../../protocols/ui/scene.ts";
import type { Voice } from "../../../protocols/words/words.ts";
import { go } from "../shell/router.ts";
import { live, voice } from "../shell/site.ts";
import type { DrawnParcel } from "./drawn-parcel.ts";

/** Positions in the list are written this often: readers need them, nobody watches them. */
const positionMs = 100;

/**
 * The parcels once more, off screen, for screen readers, for the keyboard and for tests: a canvas
 * tells them nothing. The focused one is ringed on the belt.
 */
export function ParcelList(props: {
  readonly lineId: string;
  readonly drawn: { readonly current: readonly DrawnParcel[] };
  readonly focused: Signal<string | null>;
}): JSX.Element {
  const { lineId, drawn, focused } = props;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const write = (): void => writePositions(list.current, drawn.current);
    const timer = setInterval(write, positionMs);
    return () => clearInterval(timer);
  }, [drawn]);
  const parcels = live.scene.parcel.all().filter((parcel) => parcel.lineId === lineId);
  return (
    <ul
      ref={list}
      class="hidden"
      role="list"
      aria-label={voice.value.say("ui", "parcels", { line: lineId })}
      data-parcels={lineId}
    >
      {parcels.map((parcel) => (
        <li
          key={parcel.passId}
          data-pass={parcel.passId}
          data-waybill={parcel.waybill ?? ""}
          data-tracking={parcel.tracking}
          data-decided={parcel.decided ?? ""}
        >
          <button
            type="button"
            onClick={() => go({ name: "lines", story: { passId: parcel.passId } })}
            onFocus={() => (focused.value = parcel.passId)}
            onBlur={() => (focused.value = null)}
          >
            {describe(parcel, voice.value)}
          </button>
        </li>
      ))}
    </ul>
  );
}

function writePositions(list: HTMLUListElement | null, drawn: readonly DrawnParcel[]): void {
  if (list === null) return;
  const byPass = new Map(drawn.map((parcel) => [parcel.passId, parcel.place]));
  for (const item of list.children) {
    if (!(item instanceof HTMLElement)) continue;
    const place = byPass.get(item.dataset["pass"] ?? "");
    item.dataset["x"] = place === undefined ? "" : place.xPx.toFixed(1);
  }
}

function describe(parcel: ParcelView, { say }: Voice): string {
  const name = parcel.waybill ?? say("ui", "parcelUnknown");
  if (parcel.decided !== null) {
    return `${name}, ${say("ui", "parcelDecided", { exit: say("exitPlace", parcel.decided) })}`;
  }
  if (parcel.tracking === "unknown") return `${name}, ${say("ui", "legendUnknown")}`;
  return `${name}, ${say("ui", parcel.reasons.length > 0 ? "parcelHeld" : "parcelKnown")}`;
}
