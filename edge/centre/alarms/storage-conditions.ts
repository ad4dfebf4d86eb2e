import { ofLine, type Condition } from "../../../protocols/alarms.ts";
import type { LastWord } from "../../../protocols/link.ts";
import { isHeldTooLong, megabytes, type StorageReport } from "../../../protocols/storage.ts";

/** What holds, by what a program has told of its disk, images and journals. */
export function storageConditions(
  of: string,
  { disk, imagesNotKept, logs, failing = [] }: StorageReport,
): readonly Condition[] {
  const holding: Condition[] = [];
  if (disk !== null && disk.level !== "ample") {
    const code = disk.level === "full" ? "diskFull" : "diskLow";
    const params = { of, freeMb: megabytes(disk.freeBytes) };
    holding.push({ code, key: of, passId: null, params });
  }
  if (imagesNotKept > 0) {
    const params = { of, total: imagesNotKept };
    holding.push({ code: "imagesNotKept", key: of, passId: null, params });
  }
  for (const log of logs.filter(isHeldTooLong)) {
    const params = { of: `${of} ${log.file}`, logMb: megabytes(log.bytes) };
    holding.push({ code: "journalLogHeld", key: `${of} ${log.file}`, passId: null, params });
  }
  for (const { store, why } of failing) {
    const params = { of, store, why };
    holding.push({ code: "storeNotWritten", key: `${of} ${store}`, passId: null, params });
  }
  return holding;
}

export const leftCondition = ({ code }: LastWord): Condition => ({
  code: "controllerLeft",
  key: ofLine,
  passId: null,
  params: { why: code },
});

/** Tells each change once: what begins to hold, and what does not any more. */
export function createConditionTeller(
  tell: (condition: Condition, holds: boolean) => void,
): (holding: readonly Condition[]) => void {
  let told = new Map<string, Condition>();
  return (holding) => {
    const now = new Map(holding.map((one) => [`${one.code} ${one.key}`, one]));
    for (const [id, one] of told) if (!now.has(id)) tell(one, false);
    for (const [id, one] of now) if (!told.has(id)) tell(one, true);
    told = now;
  };
}
