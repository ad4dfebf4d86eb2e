import { computed, signal } from "@preact/signals";
import type { AlarmView } from "../../../protocols/ui/scene.ts";

export interface AlarmEntry {
  readonly recordSeq: number;
  readonly alarm: AlarmView;
  readonly isRead: boolean;
}

/** The page keeps this many; the centre and the journal keep them all. */
const alarmsMax = 200;

/** Alarms that have come, newest first. Opening the list is what reads them. */
export class AlarmLog {
  readonly entries = signal<readonly AlarmEntry[]>([]);
  readonly unread = computed(() => this.entries.value.filter((entry) => !entry.isRead));

  add(recordSeq: number, alarm: AlarmView): void {
    const entry = { recordSeq, alarm, isRead: false };
    this.entries.value = [entry, ...this.entries.peek()].slice(0, alarmsMax);
  }

  markAllRead(): void {
    this.entries.value = this.entries.peek().map((entry) => ({ ...entry, isRead: true }));
  }
}
