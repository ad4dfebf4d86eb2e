import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { LinesPage } from "./lanes/lines-page.tsx";
import { StoryDrawer } from "./story/story-drawer.tsx";
import { StoryPage } from "./story/story-page.tsx";
import { BottomStrip } from "./shell/bottom-strip.tsx";
import { Connecting } from "./shell/connecting.tsx";
import { Header } from "./shell/header.tsx";
import { LostBar, LostLetters } from "./shell/lost-bar.tsx";
import { officerDesk } from "./officer/officer-desk.ts";
import { route } from "./shell/router.ts";
import { isSimulated, language, live, voice } from "./shell/site.ts";
import { closeTrace, tracedDevice, traceDrawer } from "./trace/trace-desk.ts";

/** The shell around every route (S0): header, the bar when data is lost, alarms and legend. */
export function App(): JSX.Element {
  const { name } = route.value;
  const { isFrozen, isVeiled, position } = live.state.value;
  useEffect(() => {
    document.documentElement.lang = language.value;
    document.title = `${voice.value.say("ui", name === "officer" ? "officer" : "lines")} · Sortline`;
  }, [language.value, name]);
  const surface = name === "lines" ? "floor" : "desk";
  return (
    <div
      class={`app ${surface} ${isSimulated.value ? "simulated" : ""}`}
      data-route={name}
      data-level={name === "parcel" ? "L3" : "L2"}
      data-mode={isSimulated.value ? "simulated" : "real"}
    >
      <Header />
      {isFrozen ? <LostBar /> : <LostLetters />}
      <main class={isFrozen ? "frozen" : ""} aria-busy={isVeiled}>
        {position === null || (isVeiled && !isFrozen) ? <Connecting /> : <Place />}
        {isSimulated.value && <Watermark />}
      </main>
      <BottomStrip />
    </div>
  );
}

const watermarksTotal = 12;

/** On every screen, in both languages, and never in the way of a finger (law 15). */
function Watermark(): JSX.Element {
  return (
    <div class="watermark" aria-hidden="true">
      {Array.from({ length: watermarksTotal }, (_, index) => (
        <span key={index}>仿真 SIM</span>
      ))}
    </div>
  );
}

function Place(): JSX.Element {
  const to = route.value;
  if (to.name === "parcel") return <StoryPage waybill={to.waybill} />;
  const OfficerPage = officerDesk.value ?? Connecting;
  const TraceDrawer = traceDrawer.value;
  const deviceId = tracedDevice.value;
  return (
    <div class="place">
      {to.name === "officer" ? <OfficerPage /> : <LinesPage />}
      {to.story !== null && <StoryDrawer storyKey={to.story} />}
      {TraceDrawer !== null && deviceId !== null && to.story === null && (
        <TraceDrawer key={deviceId} deviceId={deviceId} onClose={closeTrace} />
      )}
    </div>
  );
}
