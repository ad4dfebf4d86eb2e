import { z } from "zod";
import {
  zAcceptance,
  type AcceptanceAnswer,
  type ElementAnswer,
} from "../../../protocols/ceb/answers.ts";
import type { ClearanceRecord } from "../../../protocols/clearance.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { ManifestView } from "../../../protocols/ui/http.ts";
import { zEpochMs } from "../../../protocols/units.ts";
import type { ClearanceConfig } from "../../clearance/config.ts";
import {
  zManualControl,
  zOfficerAct,
  zRelease,
  type ManualControl,
} from "../../clearance/events.ts";

/**
 * The document desk: the centre's one place where documents, carriers' events, controls and acts
 * come in and clearance records go out. Everything is synchronous; durability is the caller's, who
 * journals each input (`onInput`) before it answers its own client.
 */
export interface DocumentDesk {
  /** `POST /api/customs/messages`: the raw body. Never throws; a body of any bytes is answered. */
  takeCustomsMessage(bytes: Uint8Array): IntakeAnswer;
  /** `POST /api/carrier/acceptances`: the parsed JSON body, checked here. */
  takeAcceptance(json: unknown): ActAnswer & { readonly outcome: AcceptanceAnswer["outcome"] };
  /** Manual control by waybill; effective at once. A repeated `controlId` changes nothing. */
  placeControl(control: ManualControl): ActAnswer;
  controls(): Iterable<ManualControl>;
  /** The line's green decision, in the order of its journal. A repeated pass changes nothing. */
  applyRelease(json: unknown): ActAnswer;
  /** Second activation, inspection result, transfer by the monitoring post. */
  takeOfficerAct(json: unknown): ActAnswer;

  recordsSnapshot(): Iterable<ClearanceRecord>;
  recordsTotal(): number;
  recordOf(waybill: string): ClearanceRecord | null;
  /** Called once per input with every record it changed. Returns the way to stop listening. */
  onRecordsChanged(listener: (records: readonly ClearanceRecord[]) => void): () => void;
  /** What an officer compares; null for an unknown waybill. */
  manifestView(waybill: string): ManifestView | null;
  /** For claims: the waybill has a record, and all its pieces have been released. */
  isKnown(waybill: string): boolean;
  isReleased(waybill: string): boolean;

  /** Feeds a journalled input again: deterministic, answers nobody, is not journalled again. */
  apply(input: DeskInput): void;
  /** Totals since start, by name, for `/metrics` and people. */
  counters(): Readonly<Record<string, number>>;
  /** Starts and stops watching the calendar for what has waited too long. */
  start(): void;
  stop(): void;
}

export interface DeskOptions {
  readonly config: ClearanceConfig;
  readonly clock: Clock;
  /** Called before an input is applied, with all that `apply` needs to repeat it. */
  readonly onInput?: (input: DeskInput) => void;
  /** What people should know of: the desk's facts, as they happen. */
  readonly onFact?: (fact: DeskFact) => void;
}

export type IntakeAnswer =
  | { readonly kind: "results"; readonly results: readonly ElementAnswer[] }
  /** Nothing of the message was taken. `status` is the HTTP status that says so. */
  | {
      readonly kind: "refused";
      readonly status: 400 | 413 | 415 | 422;
      readonly problem: {
        readonly error: string;
        readonly field: string | null;
        readonly message: string;
      };
    };

export interface ActAnswer {
  readonly accepted: boolean;
  /** `code: field words` when refused; may say more when accepted. */
  readonly reason: string | null;
}

/** One journalled input. `xml` keeps a byte order mark, so its UTF-8 is the body byte for byte. */
export const zDeskInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("customsMessage"), at: zEpochMs, xml: z.string() }),
  z.strictObject({ kind: z.literal("acceptance"), at: zEpochMs, acceptance: zAcceptance }),
  z.strictObject({ kind: z.literal("control"), at: zEpochMs, control: zManualControl }),
  z.strictObject({ kind: z.literal("release"), at: zEpochMs, release: zRelease }),
  z.strictObject({ kind: z.literal("officerAct"), at: zEpochMs, act: zOfficerAct }),
  z.strictObject({ kind: z.literal("timePassed"), at: zEpochMs }),
]);
export type DeskInput = z.infer<typeof zDeskInput>;

/** What happened, in the past tense: `code` for words and counting, the waybill if there is one. */
export interface DeskFact {
  readonly code: string;
  readonly waybill: string | null;
  readonly params: Readonly<Record<string, string | number>>;
}
