import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Story } from "../../../protocols/ui/http.ts";
import { fetchStory } from "../http/api.ts";
import type { StoryKey } from "../shell/router.ts";
import { profile } from "../shell/site.ts";

export type LoadedStory =
  | { readonly kind: "loading" }
  | { readonly kind: "found"; readonly story: Story }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly again: () => void };

/** A parcel on the belt goes on: its story is asked for again this often while it is open. */
const refreshMs = 2_000;

/** The story of one key, kept fresh while it is on screen. */
export function useStory(key: StoryKey): LoadedStory {
  const name = "waybill" in key ? `waybill ${key.waybill}` : `pass ${key.passId}`;
  // Who sits at an officer's station may know of controls; nobody else is told.
  const role = profile.value === null ? "floor" : "officer";
  const loaded = useMemo((): Signal<LoadedStory> => signal({ kind: "loading" }), [name]);
  useEffect(() => {
    let isGone = false;
    const load = async (): Promise<void> => {
      const answer = await fetchStory(key, role);
      if (isGone) return;
      if (answer.kind === "ok") loaded.value = { kind: "found", story: answer.value };
      else if (answer.kind === "refused" && answer.status === 404) {
        loaded.value = { kind: "missing" };
      } else if (loaded.peek().kind !== "found") {
        loaded.value = { kind: "failed", again: () => void load() };
      }
    };
    void load();
    const timer = setInterval(() => {
      if (isOpenEnded(loaded.peek())) void load();
    }, refreshMs);
    return () => {
      isGone = true;
      clearInterval(timer);
    };
  }, [name, role]);
  return loaded.value;
}

const isOpenEnded = (loaded: LoadedStory): boolean =>
  loaded.kind !== "found" || loaded.story.passes.some(({ outcome }) => outcome.exit === null);
