import { computed, signal } from "@preact/signals";
import { z } from "zod";
import { alarmPriority } from "../../../protocols/alarms.ts";
import { checkJson, parseJson } from "../../../protocols/json-message.ts";
import { zAlarmView, type AlarmView } from "../../../protocols/ui/scene.ts";

export interface AlarmEntry {
  readonly alarm: AlarmView;
  readonly isRead: boolean;
}

/**
 * What asks for a hand now goes before what is over, however grave that was: a danger that needs a
 * person stands until one has seen to it. Then the graver first.
 */
export const graverFirst =
  (isActive: (alarm: AlarmView) => boolean) =>
  ({ alarm: one }: AlarmEntry, { alarm: other }: AlarmEntry): number => {
    const isOver = (alarm: AlarmView): boolean => alarm.state !== "notice" && !isActive(alarm);
    return (
      Number(isOver(one)) - Number(isOver(other)) ||
      alarmPriority(one.code) - alarmPriority(other.code)
    );
  };

/** The page keeps this many; the centre and the journal keep them all. */
const alarmsMax = 200;
const storageKey = "sortline.alarms";
const zStored = z.array(z.strictObject({ alarm: zAlarmView, isRead: z.boolean() }));

/** Where entries outlive a reload: the centre does not tell again what this page has shown. */
export type AlarmStorage = Pick<Storage, "getItem" | "setItem">;

/** Alarms that have come, newest first. Opening the list is what reads them. */
export class AlarmLog {
  readonly entries = signal<readonly AlarmEntry[]>([]);
  readonly unread = computed(() => this.entries.value.filter((entry) => !entry.isRead));
  readonly #storage: AlarmStorage;

  constructor(storage: AlarmStorage) {
    this.#storage = storage;
    this.entries.value = stored(storage);
  }

  add(alarm: AlarmView): void {
    const entries = this.entries.peek();
    // One that has returned is told as a second record of the same alarm.
    const isKnown = entries.some((entry) => entry.alarm.id === alarm.id);
    if (!isKnown) return this.#keep([{ alarm, isRead: false }, ...entries].slice(0, alarmsMax));
    this.#keep(entries.map((entry) => (entry.alarm.id === alarm.id ? { ...entry, alarm } : entry)));
  }

  markAllRead(): void {
    this.#keep(this.entries.peek().map((entry) => ({ ...entry, isRead: true })));
  }

  #keep(entries: readonly AlarmEntry[]): void {
    this.entries.value = entries;
    this.#storage.setItem(storageKey, JSON.stringify(entries));
  }
}

function stored(storage: AlarmStorage): readonly AlarmEntry[] {
  const parsed = parseJson(storage.getItem(storageKey) ?? "[]");
  const entries = parsed.kind === "ok" ? checkJson(zStored, parsed.value) : parsed;
  return entries.kind === "ok" ? entries.value : [];
}
