import { signal } from "@preact/signals";
import type { ToldProblem } from "../../../protocols/words/problem-text.ts";
import type { Answer } from "../http/api.ts";
import type { Profile } from "../shell/site.ts";
import { beginTrace, fetchTrace } from "./trace-api.ts";
import { cleared, noRows, withTold, type TraceRows } from "./trace-rows.ts";

/** `unknown`: not asked yet; `off`: nobody looks at this device. */
export type TracePhase = "unknown" | "off" | "runs" | "over";

/** Why nothing new is shown. */
export type TraceTrouble =
  | { readonly kind: "refused"; readonly problem: ToldProblem }
  | { readonly kind: "unreachable" | "unreadable" }
  | { readonly kind: "silent"; readonly seconds: number };

const askEveryMs = 500;
const silentMs = 5_000;

/** One device's trace as it is on screen: asked for again and again while it is, and not paused. */
export class TraceWork {
  readonly phase = signal<TracePhase>("unknown");
  readonly rows = signal<TraceRows>(noRows);
  readonly remainingMs = signal(0);
  readonly trouble = signal<TraceTrouble | null>(null);
  readonly isPaused = signal(false);
  readonly #deviceId: string;
  #timer: ReturnType<typeof setInterval> | null = null;
  #isAsking = false;
  #isClosed = false;

  constructor(deviceId: string) {
    this.#deviceId = deviceId;
  }

  /** Whoever has not said who he is sees no more than that there is something to be seen. */
  open(isNamed: boolean): void {
    if (isNamed) void this.#look();
    else this.phase.value = "off";
    this.#timer = setInterval(() => {
      if (this.phase.peek() === "runs" && !this.isPaused.peek()) void this.#look();
    }, askEveryMs);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async begin(by: Profile): Promise<void> {
    const answer = await beginTrace(this.#deviceId, by);
    if (this.#isClosed) return;
    if (answer.kind !== "ok") return this.#failed(answer);
    this.trouble.value = null;
    this.remainingMs.value = answer.value.remainingMs;
    this.phase.value = "runs";
    this.isPaused.value = false;
    await this.#look();
  }

  clear(): void {
    this.rows.value = cleared(this.rows.peek());
  }

  async #look(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const answer = await fetchTrace(this.#deviceId, this.rows.peek().afterSeq);
    this.#isAsking = false;
    if (this.#isClosed) return;
    if (answer.kind !== "ok") return this.#failed(answer);
    const { value } = answer;
    // The centre was started anew, or nobody has looked of late.
    if (value.trace === null) {
      this.phase.value = this.phase.peek() === "unknown" ? "off" : "over";
      return;
    }
    this.rows.value = withTold(this.rows.peek(), value);
    this.remainingMs.value = value.remainingMs;
    this.phase.value = value.remainingMs > 0 ? "runs" : "over";
    const silentForMs = value.toldMsAgo ?? 0;
    const isSilent = value.remainingMs > 0 && silentForMs > silentMs;
    const seconds = Math.round(silentForMs / 1_000);
    this.trouble.value = isSilent ? { kind: "silent", seconds } : null;
  }

  #failed(answer: Exclude<Answer<unknown>, { kind: "ok" }>): void {
    if (this.phase.peek() === "unknown") this.phase.value = "off";
    this.trouble.value =
      answer.kind === "refused"
        ? { kind: "refused", problem: answer.problem }
        : { kind: answer.kind };
  }
}
