import { hash } from "node:crypto";
import { stillMoments, type StillMoment } from "../../protocols/camera/still.ts";
import type { Log } from "../../protocols/log.ts";
import type { Clock } from "../../protocols/time.ts";
import type { Exit } from "../../protocols/sorting.ts";
import type { ToldFact } from "../../protocols/told-facts.ts";
import type { MonotonicMs } from "../../protocols/units.ts";
import type { CameraPort, StillMissed, StillTaken } from "../devices/camera/camera.ts";
import type { ImageStore } from "../images/port.ts";
import type { LineEventBody } from "../line/events.ts";

/**
 * Has a line's cameras take stills of its parcels at the moments that they are configured for, keeps
 * each, and tells the line of it, so that the parcel's story shows it (ZJG-44: camera and time of each
 * event). What comes of no still, or of one that the disk does not keep, is counted and nothing else.
 *
 * The line comes first: nothing here is awaited, and a mistake of ours in here ends the stills and not
 * the line.
 */
export interface LineCameras {
  /** What the core has told, in order. */
  take(facts: readonly ToldFact[]): void;
  /** From the camera of that id. */
  hear(deviceId: string, event: StillTaken | StillMissed): void;
  /** Of one camera, what was lost on this side of its wire. */
  counters(deviceId: string): Readonly<Record<string, number>>;
  stop(): void;
}

/** A camera, with what it takes stills of. */
export interface LineCamera {
  readonly port: CameraPort;
  readonly moments: readonly StillMoment[];
  /** For those that leave; null: by whatever exit. */
  readonly exits: readonly Exit[] | null;
}

export interface LineCamerasOptions {
  readonly lineId: string;
  readonly cameras: readonly LineCamera[];
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Log;
  readonly images: Pick<ImageStore, "put">;
  readonly receive: (body: LineEventBody) => void;
  /** The still is kept: send it to the centre. */
  readonly onStored: (passId: string, imageHash: string, bytes: Uint8Array) => void;
}

/**
 * Stills that are awaited of one camera, more than any driver has under way: of one that never answers
 * the oldest are given up.
 */
const awaitedMax = 64;
/** One that comes later is not of that moment: the parcel has gone on by some metres. */
export const stillLateMsMax = 10_000;

/** What was lost of one camera on this side of its wire: not stored, or no longer awaited. */
interface LostStills {
  stillsNotKept: number;
  stillsGivenUp: number;
}

interface Awaited {
  readonly passId: string;
  readonly moment: StillMoment;
  readonly since: MonotonicMs;
}

export function createLineCameras(options: LineCamerasOptions): LineCameras {
  const { cameras, clock, images } = options;
  const awaited = new Map(
    cameras.map(({ port }) => [port.deviceId, new Map<string, Awaited>()] as const),
  );
  const lost: ReadonlyMap<string, LostStills> = new Map(
    cameras.map(({ port }) => [port.deviceId, { stillsNotKept: 0, stillsGivenUp: 0 }] as const),
  );
  let askedTotal = 0;
  let isStopped = false;

  const loseOne = (deviceId: string, why: keyof LostStills): void => {
    const counts = lost.get(deviceId);
    if (counts !== undefined) counts[why] += 1;
  };

  const ask = ({ port }: LineCamera, passId: string, moment: StillMoment): void => {
    const waiting = awaited.get(port.deviceId);
    if (waiting === undefined) return;
    askedTotal += 1;
    const id = String(askedTotal);
    // Before it is asked: an answer may come at once.
    waiting.set(id, { passId, moment, since: clock.monotonic() });
    if (port.take(id).kind !== "sent") waiting.delete(id);
    const [oldest] = waiting.keys();
    if (waiting.size <= awaitedMax || oldest === undefined) return;
    waiting.delete(oldest);
    loseOne(port.deviceId, "stillsGivenUp");
  };

  const takeFact = (fact: ToldFact): void => {
    const moment = momentOf(fact);
    if (moment === null) return;
    for (const camera of cameras) {
      if (!camera.moments.includes(moment.moment)) continue;
      if (fact.kind === "left" && camera.exits !== null && !camera.exits.includes(fact.exit)) {
        continue;
      }
      ask(camera, moment.passId, moment.moment);
    }
  };

  const keep = (deviceId: string, { passId, moment, since }: Awaited, bytes: Uint8Array): void => {
    const lateMs = Math.round(clock.monotonic() - since);
    if (lateMs > stillLateMsMax) return loseOne(deviceId, "stillsNotKept");
    const imageHash = hash("sha256", bytes, "hex");
    images.put(imageHash, bytes, (outcome) => {
      if (outcome.kind !== "stored") return loseOne(deviceId, "stillsNotKept");
      if (isStopped) return;
      options.onStored(passId, imageHash, bytes);
      options.receive({ kind: "still", passId, deviceId, moment, imageHash, lateMs });
    });
  };

  const guarded = (act: () => void): void => {
    if (isStopped) return;
    try {
      act();
    } catch (error) {
      isStopped = true;
      const { lineId } = options;
      options.log.error("no more stills: our own code has thrown", { lineId, error });
    }
  };

  return {
    take: (facts) => {
      if (facts.length > 0) guarded(() => facts.forEach(takeFact));
    },
    hear: (deviceId, event) =>
      guarded(() => {
        const waiting = awaited.get(deviceId);
        const still = waiting?.get(event.id);
        waiting?.delete(event.id);
        if (still !== undefined && event.kind === "still") keep(deviceId, still, event.bytes);
      }),
    counters: (deviceId) => ({ ...lost.get(deviceId) }),
    stop: () => {
      isStopped = true;
    },
  };
}

function momentOf(
  fact: ToldFact,
): { readonly passId: string; readonly moment: StillMoment } | null {
  const moment = stillMoments.find((each) => each === fact.kind);
  return moment === undefined || !("passId" in fact) || fact.passId === null
    ? null
    : { passId: fact.passId, moment };
}
