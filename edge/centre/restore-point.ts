import { z } from "zod";
import { zActor } from "../../protocols/actor.ts";
import { zEpochMs } from "../../protocols/units.ts";
import type { EventTimes } from "../clearance/events.ts";
import type { JournalFailure } from "../journal/journal.ts";
import type { KeptKey, RowJournal, RowWrite } from "../journal/kept-rows.ts";
import { readKeptText } from "../journal/kept-text.ts";
import { zCentreAct, type CentreActOf } from "./acts/acts.ts";
import type { StandingAct } from "./acts/standing-acts.ts";
import { zClaimsHeld, type ClaimsHeld } from "./claims/claims-held.ts";
import { zTimes } from "./documents/desk-input.ts";

/**
 * Where a restart begins to read the centre's own journal, and what all that stands before has come
 * to beside the documents, which have rows of their own. It is written with each checkpoint, in the
 * same commit, and replaces the one before; a journal without one is read from its beginning.
 */
export interface RestorePoint {
  /** The last record whose effects are in here. */
  readonly seq: number;
  readonly checkpoint: CentreActOf<"checkpoint">;
  readonly claims: ClaimsHeld;
  /** Acts that a restart tells again, in order. */
  readonly acts: readonly StandingAct[];
  /** The desk's time when it was last looked at. */
  readonly times: EventTimes | null;
}

/** Rows of the documents have lower kinds. */
export const pointKey: KeptKey = { kind: 100, key: "" };
/** A change of the form is another version. */
const pointVersion = 1;

const zStandingAct = z.strictObject({ act: zCentreAct, actor: zActor, wallAt: zEpochMs });

const zPoint = z.strictObject({
  version: z.literal(pointVersion),
  seq: z.number().int().min(0),
  checkpoint: zCentreAct,
  claims: zClaimsHeld,
  acts: z.array(zStandingAct),
  times: z.strictObject(zTimes).nullable(),
});

export const pointRow = (point: RestorePoint): RowWrite => ({
  ...pointKey,
  place: null,
  text: JSON.stringify({ version: pointVersion, ...point }),
});

export type PointRead =
  | { readonly kind: "point"; readonly point: RestorePoint | null }
  | ({ readonly kind: "failed" } & JournalFailure);

/** Null where there is none yet. */
export const readRestorePoint = (journal: Pick<RowJournal, "readRows">): Promise<PointRead> =>
  new Promise((resolve) =>
    journal.readRows([pointKey], (read) => {
      if (read.kind === "failed") return resolve(read);
      const [row] = read.rows;
      resolve(row === undefined ? { kind: "point", point: null } : pointIn(row.text));
    }),
  );

function pointIn(text: string): PointRead {
  const damaged = (why: string): PointRead => ({
    kind: "failed",
    code: "fileDamaged",
    why: `where a restart begins cannot be read: ${why}`,
  });
  const read = readKeptText(text, pointVersion, zPoint);
  if (read.kind === "otherVersion") {
    return damaged(`it is of version ${read.version}, this program writes ${pointVersion}`);
  }
  if (read.kind === "unreadable") return damaged(read.why);
  const { checkpoint, ...rest } = read.value;
  if (checkpoint.kind !== "checkpoint") return damaged("its checkpoint is none");
  return { kind: "point", point: { ...rest, checkpoint } };
}
