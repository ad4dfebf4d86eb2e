import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isWeakDisplay } from "../motion/frame-loop.ts";
import { ProfileDialog } from "./profile-dialog.tsx";
import { addressOf, go, route, type Route } from "./router.ts";
import { SearchDialog } from "./search-dialog.tsx";
import { isSimulated, live, profile, switchLanguage, voice } from "./site.ts";
import { ActSymbol } from "./symbols.tsx";
import { timeText } from "./time-text.ts";

export function Header(): JSX.Element {
  const dialog = useSignal<"none" | "profile" | "search">("none");
  const close = (): void => {
    dialog.value = "none";
  };
  const { say } = voice.value;
  const site = live.scene.centre.get("centre")?.site ?? say("ui", "siteDefault");
  return (
    <header class={`header ${isSimulated.value ? "header-simulated" : ""}`}>
      <div class="brand">
        <strong>{say("ui", "product")}</strong>
        <span>{site}</span>
      </div>
      <nav>
        <NavLink to={{ name: "lines", story: null }} label={say("ui", "lines")} />
        <NavLink to={{ name: "officer", story: null }} label={say("ui", "officer")} isQueue />
        <button type="button" onClick={() => (dialog.value = "search")} data-action="search">
          {say("ui", "search")}
        </button>
      </nav>
      {isSimulated.value && (
        <strong class="sim-badge" title={say("ui", "simulatedLong")} data-sim>
          <span lang="zh-CN">仿真</span> SIM
        </strong>
      )}
      {isWeakDisplay.value && (
        <span class="weak-mode" title={say("ui", "weakModeLong")}>
          {say("ui", "weakMode")}
        </span>
      )}
      <button
        type="button"
        class="who"
        onClick={() => (dialog.value = "profile")}
        data-action="profile"
      >
        <span>{profile.value?.officer ?? say("ui", "notSignedIn")}</span>
        <small>{profile.value?.station ?? say("ui", "station")}</small>
      </button>
      <button type="button" class="language" onClick={switchLanguage} data-action="language">
        {say("ui", "languageOther")}
      </button>
      <Clock />
      {dialog.value === "profile" && <ProfileDialog onClose={close} />}
      {dialog.value === "search" && <SearchDialog onClose={close} />}
    </header>
  );
}

function NavLink(props: {
  readonly to: Route;
  readonly label: string;
  readonly isQueue?: boolean;
}): JSX.Element {
  const isHere = route.value.name === props.to.name;
  const waiting = props.isQueue === true ? live.scene.task.keys.value.length : 0;
  return (
    <a
      href={addressOf(props.to)}
      aria-current={isHere ? "page" : undefined}
      onClick={(event) => {
        event.preventDefault();
        go(props.to);
      }}
    >
      {props.label}
      {waiting > 0 && (
        <span class="waiting">
          <ActSymbol />
          {waiting}
        </span>
      )}
    </a>
  );
}

/** Age of the data, several times a second, written past the framework: it changes all the time. */
const ageMs = 200;

function Clock(): JSX.Element {
  const age = useRef<HTMLElement>(null);
  const { say } = voice.value;
  useEffect(() => {
    const show = (): void => {
      const seconds = (live.dataAgeMs() / 1_000).toFixed(1);
      const text = voice.peek().say("ui", "dataAgeValue", { age: seconds });
      if (age.current !== null) age.current.textContent = live.state.peek().position ? text : "—";
    };
    show();
    const timer = setInterval(show, ageMs);
    return () => clearInterval(timer);
  }, [voice.value]);
  const second = live.second.value;
  return (
    <div class="clock">
      <time>{second === 0 ? "--:--:--" : timeText(second)}</time>
      <small>
        {say("ui", "dataAge")} <span ref={age} data-age />
      </small>
    </div>
  );
}
