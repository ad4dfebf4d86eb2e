import type { DivertCommand, LineCommand } from "../../edge/line/commands.ts";
import { beltCount } from "../../protocols/units.ts";
import type { OfficerDecision } from "../../protocols/verdicts.ts";
import type { XrayAnnounce } from "../../protocols/xray/xray.ts";
import { hashNo, stillWanted, type Bench, type SorterBody } from "./line-bench.ts";

/** Everything a device says goes over one of these wires, and can go wrong there. */
export const wires = [
  "eye",
  "read",
  "weight",
  "item",
  "image",
  "algorithm",
  "claim",
  "officer",
  "answer",
  "command",
] as const;
export type Wire = (typeof wires)[number];

/** The n-th message on a wire is lost, late or said twice. */
export type WireMishap =
  | { readonly kind: "lost" | "twice"; readonly wire: Wire; readonly nth: number }
  | { readonly kind: "late"; readonly wire: Wire; readonly nth: number; readonly byMs: number };

export interface DevicesOptions {
  readonly bench: Bench;
  readonly mishaps: readonly WireMishap[];
  /** What the algorithm and the officer make of a picture. */
  readonly isClean: (picture: number) => boolean;
}

/** What the encoder shows, and how far the belt has truly run. */
export interface Place {
  readonly count: number;
  readonly x: number;
}

/** An item on its way through the X-ray. */
export interface ScannedItem {
  readonly passId: string | null;
  readonly itemSequence: number;
}

const swingMm = 80;
const syncMs = 8;
const wireMs = 4;
const officerMs = 6_000;

/** The machines and people around the belt of `LineWorld`, and the wires to them. */
export class LineDevices {
  readonly #bench: Bench;
  readonly #options: DevicesOptions;
  readonly #said = new Map<Wire, number>();
  /** Messages and delayed acts, by the millisecond at which they arrive. */
  readonly #due: { at: number; act: () => void }[] = [];
  readonly #pending: DivertCommand[] = [];
  readonly #out = new Map<string, { fromX: number; untilCount: number }>();
  readonly #announced: XrayAnnounce[] = [];
  readonly #claims = new Map<string, string>();
  #itemSequence = 0;
  #handled: number;
  #imaged = 0;
  isPermitted = true;
  isAskedToRun = true;

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#bench = options.bench;
    this.#handled = options.bench.commands.length;
  }

  /** Distances, in milliseconds or counts, to whatever happens next by itself. */
  *next({ count }: Place): Iterable<number> {
    for (const { at } of this.#due) yield at - this.#bench.at();
    for (const { fireAtCount } of this.#pending) yield fireAtCount - count;
    for (const { untilCount } of this.#out.values()) yield untilCount - count;
  }

  isOut(exit: "red" | "green", { x }: Place): boolean {
    const out = this.#out.get(exit);
    return out !== undefined && x >= out.fromX;
  }

  /** An item's rear has left the entry eye of the X-ray. */
  item(entry: number, { count }: Place): ScannedItem {
    const at = this.#announced.findIndex(
      ({ entryFromCount, entryToCount }) => entryFromCount <= entry && entry <= entryToCount,
    );
    const [announced] = at === -1 ? [] : this.#announced.splice(at, 1);
    this.#itemSequence += 1;
    const known = { passId: announced?.passId ?? null, itemSequence: this.#itemSequence };
    const lengthMm = count - entry;
    this.say("item", () =>
      this.#bench.tell({
        kind: "xrayItem",
        item: { ...known, entryCount: beltCount(entry), lengthMm },
      }),
    );
    return known;
  }

  /** Its rear has left the beam: the picture shows what truly went through. */
  photograph({ passId, itemSequence }: ScannedItem, picture: number): void {
    const imageHash = hashNo(picture * 1_000 + itemSequence);
    const isClean = this.#options.isClean(picture);
    this.say("image", () =>
      this.#bench.tell({
        kind: "xrayImage",
        passId,
        itemSequence,
        imageHash,
        pictureHash: imageHash,
      }),
    );
    this.say("algorithm", () =>
      this.#bench.tell({
        kind: "xrayVerdict",
        verdict: {
          passId,
          itemSequence,
          imageHash,
          verdict: isClean ? "clear" : "suspect",
          boxes: [],
          algorithm: "bench",
        },
      }),
    );
  }

  after(ms: number, act: () => void): void {
    this.#due.push({ at: this.#bench.at() + ms, act });
  }

  say(wire: Wire, act: () => void): void {
    const nth = this.#said.get(wire) ?? 0;
    this.#said.set(wire, nth + 1);
    let byMs = wireMs;
    let times = 1;
    for (const mishap of this.#options.mishaps) {
      if (mishap.wire !== wire || mishap.nth !== nth) continue;
      if (mishap.kind === "lost") times = 0;
      if (mishap.kind === "twice") times = 2;
      if (mishap.kind === "late") byMs += mishap.byMs;
    }
    for (let time = 0; time < times; time += 1) this.after(byMs, act);
  }

  deliver(): boolean {
    const now = this.#bench.at();
    const index = this.#due.findIndex(({ at }) => at <= now);
    const [due] = index === -1 ? [] : this.#due.splice(index, 1);
    due?.act();
    return due !== undefined;
  }

  /** The sorter's own clockwork: fires at counts, and rests at counts. */
  fire({ count, x }: Place): boolean {
    for (const [exit, { untilCount }] of this.#out) {
      if (count >= untilCount) this.#out.delete(exit);
    }
    const due = this.#pending.findIndex(({ fireAtCount }) => count >= fireAtCount);
    const [command] = due === -1 ? [] : this.#pending.splice(due, 1);
    if (command === undefined) return false;
    const { exit, commandId, releaseAtCount } = command;
    this.#out.set(exit, { fromX: x + swingMm, untilCount: releaseAtCount });
    this.#answer({ kind: "fired", commandId, count: beltCount(count) });
    return true;
  }

  #answer(body: SorterBody): void {
    this.say("answer", () => this.#bench.sorter(body));
  }

  /** What the shell does with what the core asked for since the last look. */
  carryOut(): void {
    const { commands } = this.#bench;
    for (; this.#handled < commands.length; this.#handled += 1) {
      this.#handle(commands[this.#handled]!);
    }
    this.#officersLook();
  }

  #handle(command: LineCommand): void {
    switch (command.kind) {
      case "divert":
        return this.after(syncMs, () => this.#dispatch(command));
      case "abort":
        return this.say("command", () => this.#abort(command.commandId));
      case "cancelAll":
        this.#pending.length = 0;
        return;
      case "induction":
        this.isPermitted = command.isPermitted;
        return;
      case "belt":
        this.isAskedToRun = command.run;
        return;
      case "announce":
        this.#announced.push(command.announcement);
        return;
      case "claim":
        return this.#claim(command.passId, command.waybill);
      // What was sent is what the bench's own readers latch.
      case "triggerRead":
      case "endTrigger":
      case "readToken":
      case "testRead":
    }
  }

  /** The outbox's second look, then the wire, then the device's own check. */
  #dispatch(command: DivertCommand): void {
    const bench = this.#bench;
    const { commandId } = command;
    const wanted = stillWanted(bench, command);
    if (wanted === "expired") bench.tell({ kind: "clearanceChanged" });
    if (wanted !== "yes") return;
    if (bench.count() > command.notAfterCount) {
      bench.tell({ kind: "commandMissed", commandId, why: "late" });
      return;
    }
    this.say("command", () => {
      if (this.#pending.some((other) => other.commandId === commandId)) return;
      if (bench.count() > Math.min(command.notAfterCount, command.fireAtCount)) {
        this.#answer({ kind: "refused", commandId, why: "staleCount" });
        return;
      }
      this.#pending.push(command);
      this.#answer({ kind: "accepted", commandId });
    });
  }

  #abort(commandId: string): void {
    const at = this.#pending.findIndex((command) => command.commandId === commandId);
    if (at === -1) return;
    this.#pending.splice(at, 1);
    this.#answer({ kind: "cancelled", commandId, why: "aborted" });
  }

  #claim(passId: string, waybill: string): void {
    const holder = this.#claims.get(waybill) ?? passId;
    this.#claims.set(waybill, holder);
    const granted = holder === passId;
    const why = granted ? null : "claimedElsewhere";
    const answer = { kind: "claimAnswer", lineId: "L1", passId, waybill, granted, why } as const;
    this.say("claim", () => this.#bench.tell({ kind: "claimAnswer", answer }));
  }

  /** They see the picture, and nothing of where the line believes it to belong. */
  #officersLook(): void {
    const { facts } = this.#bench;
    for (; this.#imaged < facts.length; this.#imaged += 1) {
      const fact = facts[this.#imaged]!;
      if (fact.kind !== "imaged") continue;
      const { passId, imageHash } = fact;
      const picture = Math.floor(Number.parseInt(imageHash, 16) / 1_000);
      const decision: OfficerDecision = this.#options.isClean(picture) ? "release" : "open";
      this.after(officerMs, () =>
        this.say("officer", () => this.#bench.officer(passId, imageHash, decision)),
      );
    }
  }

  /** They empty the chutes, and press the reset key if the belt then still stands. */
  peopleCome(): void {
    for (const exit of ["green", "red", "inspection"] as const) this.#bench.chute(exit, "ready");
    this.carryOut();
    if (this.isAskedToRun) return;
    this.#bench.reset();
  }
}
