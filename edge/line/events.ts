import type { DeviceReason } from "../../protocols/device-reasons.ts";
import type { HealthState } from "../../protocols/sorting.ts";
import type { BeltCount, EpochMs, MonotonicMs } from "../../protocols/units.ts";
import type { AnswerMessage, ClaimAnswer, JournalRefusal } from "../../protocols/link.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import type { TimeBreak } from "../../protocols/time-watch.ts";
import type { NotSentWhy } from "../../protocols/transport.ts";
import type { StillMoment } from "../../protocols/camera/still.ts";
import type { ScannedCode } from "../../protocols/barcode/scanned-code.ts";
import type { DimensionsMm } from "../../protocols/scale/dimensions.ts";
import type { WeightProof } from "../../protocols/scale/weight-proof.ts";
import type { ReadProof } from "../../protocols/scanner/read-proof.ts";
import type { XraySignal } from "../../protocols/xray/signals.ts";
import type { XrayItem, XrayVerdict } from "../../protocols/xray/xray.ts";

/**
 * Everything a line can learn. The shell stamps each event once, journals it, and hands it to
 * `step`; nothing else reaches the core (law 11).
 */
export interface Stamp {
  /** For age and freshness only; stands while the machine sleeps. */
  readonly at: MonotonicMs;
  /** For records, and to see that the other one stood. */
  readonly wallAt: EpochMs;
  /** Belt count when the event arrived, extrapolated from the last one the sorter latched. */
  readonly count: BeltCount;
}

export type LineEvent = Stamp & LineEventBody;

export type LineEventBody =
  /** First event of an agent's session: whatever is on the belt now is unknown. */
  | {
      readonly kind: "opened";
      readonly epoch: string;
      readonly configHash: string;
      readonly logicVersion: string;
      /** Drawn by the shell: where the tokens of this session begin, 0 to 9,999. */
      readonly firstToken: number;
    }
  | { readonly kind: "sorter"; readonly event: SorterEvent }
  | { readonly kind: "sorterGap"; readonly missed: number }
  /** Of the line's scanner, or of the reader that witnesses for it. */
  | {
      readonly kind: "read";
      readonly deviceId: string;
      readonly codes: readonly ScannedCode[];
      /** What tells whose read it is; empty where the reader sends nothing of the kind. */
      readonly proof: ReadProof;
    }
  | {
      readonly kind: "weight";
      readonly weightG: number;
      readonly proof: WeightProof;
      /** What a scale that measures too has measured beside it. */
      readonly dimensionsMm?: DimensionsMm | undefined;
    }
  | { readonly kind: "xrayItem"; readonly item: XrayItem }
  /** The image is stored and hashed already; or it could not be, which is no fault of the machine. */
  | {
      readonly kind: "xrayImage" | "xrayImageLost";
      readonly passId: string | null;
      readonly itemSequence: number;
      readonly imageHash: string;
      readonly pictureHash: string;
      /** Of the image itself, where its header has them: count at entry, and length. */
      readonly entryCount?: BeltCount | undefined;
      readonly lengthMm?: number | undefined;
    }
  | { readonly kind: "xrayVerdict"; readonly verdict: XrayVerdict }
  /** Of a machine that sends no images. */
  | { readonly kind: "xraySignal"; readonly signal: XraySignal }
  | { readonly kind: "xrayReady"; readonly isReady: boolean; readonly reason: DeviceReason | null }
  | {
      readonly kind: "health";
      readonly deviceId: string;
      readonly state: HealthState;
      readonly reason: DeviceReason | null;
    }
  /** A camera's still of a parcel is stored; the pass may be over. */
  | {
      readonly kind: "still";
      readonly passId: string;
      readonly deviceId: string;
      readonly moment: StillMoment;
      readonly imageHash: string;
      /** Milliseconds from that moment until the still was here. */
      readonly lateMs: number;
    }
  /** The shell has seen that its clocks ran apart, or that it did not run itself. */
  | ({ readonly kind: "timeBreak" } & Pick<TimeBreak, "why" | "byMs">)
  /** The mirror has changed (`clearance-step.ts`), or a lease ran out: what was decided is looked at. */
  | { readonly kind: "clearanceChanged" }
  /** To a claim of this line, in its place in the stream: what the line does first is bring the mirror on. */
  | { readonly kind: "answerTold"; readonly message: AnswerMessage }
  /** What still counts of an answer that the mirror could not take (`clearance-step.ts`). */
  | { readonly kind: "claimAnswer"; readonly answer: ClaimAnswer }
  /** The centre does not take this agent's journal, or takes it again: null. */
  | { readonly kind: "journalDoubted"; readonly code: JournalRefusal | null }
  | { readonly kind: "officerVerdict"; readonly verdict: OfficerVerdict }
  /** The belt has reached the count the core was waiting for (`wakeCountNow`). */
  | { readonly kind: "countReached" }
  /** A command was not sent: it was too late, or its wire did not take it. */
  | {
      readonly kind: "commandMissed";
      readonly commandId: string;
      readonly why: "late" | NotSentWhy;
    };
