/** Runs one schedule for each seed that it is sent, and answers with its result. */
export const claimsWorker = new URL("worker.ts", import.meta.url);

/** What one schedule has shown; `wrong` is empty where every promise was kept. */
export interface ScheduleResult {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly greens: number;
  readonly parcels: number;
  readonly holds: number;
  /** Programs that were killed. */
  readonly restarts: number;
  /** How often a line was leased a parcel whose wait for a paper had ended. */
  readonly expired: number;
  /** Lines that were named as having confirmed, and passes that were named as not. */
  readonly confirmed: number;
  readonly unconfirmed: number;
}
