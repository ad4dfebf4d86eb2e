import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { zLockRequest } from "../../../protocols/ui/http.ts";
import { Dialog } from "./dialog.tsx";
import { profile, saveProfile, voice } from "./site.ts";
import { plainText } from "./time-text.ts";

const nameLengthMax = 64;

/** Asks who decides here. Accounts will replace it; until then every act carries these words. */
export function ProfileDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const officer = useSignal(profile.peek()?.officer ?? "");
  const station = useSignal(profile.peek()?.station ?? "");
  const isRefused = useSignal(false);
  const { say } = voice.value;
  const save = (event: Event): void => {
    event.preventDefault();
    const given = { officer: plainText(officer.value), station: plainText(station.value) };
    const read = zLockRequest.safeParse(given);
    isRefused.value = !read.success;
    if (!read.success) return;
    saveProfile(read.data);
    onClose();
  };
  return (
    <Dialog title={say("ui", "profileTitle")} onClose={onClose}>
      <form onSubmit={save} class="form">
        <p>{say("ui", "profileWhy")}</p>
        <label>
          {say("ui", "profileOfficer")}
          <input
            name="officer"
            maxLength={nameLengthMax}
            value={officer.value}
            autocomplete="off"
            onInput={(event) => (officer.value = event.currentTarget.value)}
          />
        </label>
        <label>
          {say("ui", "profileStation")}
          <input
            name="station"
            maxLength={nameLengthMax}
            value={station.value}
            autocomplete="off"
            onInput={(event) => (station.value = event.currentTarget.value)}
          />
        </label>
        {isRefused.value && (
          <p class="form-problem" role="alert">
            {say("ui", "profileMissing")}
          </p>
        )}
        <button type="submit" class="primary">
          {say("ui", "profileSave")}
        </button>
      </form>
    </Dialog>
  );
}
