import { computed, signal } from "@preact/signals";
import { Observable } from "rxjs";
import { z } from "zod";
import { checkJson, parseJson } from "../../../protocols/json-message.ts";
import { voices, type Language, type Voice } from "../../../protocols/words/words.ts";
import { LiveConnection } from "../live/live-connection.ts";
import { pageClock } from "../live/page-clock.ts";
import { randomId } from "./random-id.ts";

/**
 * What every part of the page shares: the reader's language, who sits here, and the connection.
 * One page is one station, so these are values of the module and not passed from hand to hand.
 */
const languageKey = "sortline.language";
const profileKey = "sortline.profile";

export const language = signal<Language>(readLanguage());
export const voice = computed<Voice>(() => voices[language.value]);

export function switchLanguage(): void {
  language.value = language.value === "en" ? "zh-CN" : "en";
  localStorage.setItem(languageKey, language.value);
}

/** Who decides at this station, until accounts exist. Kept for this tab only. */
export interface Profile {
  readonly officer: string;
  readonly station: string;
}

const zProfile = z.object({ officer: z.string(), station: z.string() });
export const profile = signal<Profile | null>(readProfile());

export function saveProfile(value: Profile): void {
  profile.value = value;
  sessionStorage.setItem(profileKey, JSON.stringify(value));
  live.stationChanged();
}

/** The centre must tell work places apart even when nobody has given a name. */
const namelessStation = `page-${randomId()}`;

const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;

export const live = new LiveConnection({
  clock: pageClock,
  entropy: { next: Math.random },
  storage: sessionStorage,
  openSocket: () => new WebSocket(socketUrl),
  shown: new Observable<void>((listener) =>
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") listener.next();
    }),
  ),
  station: () => profile.peek()?.station ?? namelessStation,
});

/** While what is shown may be old, no command can be given. */
export const isUsable = computed(() => {
  const { isFrozen, isVeiled, position } = live.state.value;
  return position !== null && !isFrozen && !isVeiled;
});

/** One simulated evidence source marks every screen (law 15). */
export const isSimulated = computed(() => live.scene.line.all().some(({ mode }) => mode === "lab"));

function readLanguage(): Language {
  const stored = localStorage.getItem(languageKey);
  if (stored === "en" || stored === "zh-CN") return stored;
  return navigator.language.startsWith("en") ? "en" : "zh-CN";
}

function readProfile(): Profile | null {
  const parsed = parseJson(sessionStorage.getItem(profileKey) ?? "null");
  const profile = parsed.kind === "ok" ? checkJson(zProfile, parsed.value) : parsed;
  return profile.kind === "ok" ? profile.value : null;
}
