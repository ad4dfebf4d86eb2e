import { nextWakeCount } from "../../edge/line/step.ts";
import type { Exit } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import type { Bench } from "./line-bench.ts";
import { LineDevices, type Place, type ScannedItem, type WireMishap } from "./line-devices.ts";

/**
 * Bodies on a belt, and what devices make of them: small, dumb, and written without a look at the
 * core, so that it knows where a parcel truly is and whose picture an image truly shows. The belt
 * runs one millimetre a millisecond; its encoder may say something else.
 */
export interface Body {
  readonly name: string;
  readonly lengthMm: number;
  /** Free belt before it. */
  readonly gapMm: number;
  readonly labels: readonly string[];
  readonly weightG: number;
  /** Of its true picture; bodies with equal numbers look alike. */
  readonly picture: number;
}

export type Mishap =
  | WireMishap
  | { readonly kind: "removed"; readonly nth: number; readonly atMm: number }
  | { readonly kind: "slides"; readonly nth: number; readonly atMm: number; readonly byMm: number }
  /** Put on by hand, so many millimetres down the belt, when the belt has run `atX`. */
  | { readonly kind: "foreign"; readonly atX: number; readonly atMm: number }
  /** The encoder sees nothing, or twice what is, for `forMm` of belt. */
  | { readonly kind: "slips" | "races"; readonly atX: number; readonly forMm: number }
  | { readonly kind: "dead"; readonly exit: "red" | "green" }
  /** The bench's own doing when the belt has run `atX`. */
  | { readonly kind: "act"; readonly atX: number; readonly act: (bench: Bench) => void };

export interface WorldOptions {
  readonly bench: Bench;
  readonly bodies: readonly Body[];
  readonly mishaps?: readonly Mishap[];
  /** What the algorithm and the officer make of a picture. */
  readonly isClean: (picture: number) => boolean;
  /** `naive`: the machine takes whatever is in its beam for the next item in its row. */
  readonly xray?: "tracking" | "naive" | undefined;
}

export interface WorldEnd {
  /** Where each body went; `belt` is still there, `hand` was taken off. */
  readonly ends: ReadonlyMap<string, Exit | "belt" | "hand">;
}

interface OnBelt {
  readonly body: Body;
  /** Belt travel at which its front was at the induction eye. */
  origin: number;
  /** Crossings behind it. */
  done: number;
}

/** What happens to a body of some length when its front has travelled `mm`. */
interface Crossing {
  readonly mm: number;
  readonly what: "block" | "clear" | "read" | "weigh" | "itemIn" | "itemOut" | "beam" | "mouth";
  readonly at: string;
}

const eyes = {
  induction: 0,
  "xray-entry": 5_000,
  "pre-red": 27_000,
  "pre-green": 30_000,
  end: 34_000,
};
const mouths = { red: 28_000, green: 31_000 } as const;
const chuteTravelMm = 300;

function crossingsOf({ lengthMm }: Body): Crossing[] {
  const middle = lengthMm / 2;
  const crossings: Crossing[] = [
    { mm: 1_500 + middle, what: "read", at: "" },
    { mm: 3_000 + middle, what: "weigh", at: "" },
    { mm: 5_000, what: "itemIn", at: "" },
    { mm: 5_000 + lengthMm, what: "itemOut", at: "" },
    { mm: 6_000 + lengthMm, what: "beam", at: "" },
    { mm: mouths.red, what: "mouth", at: "red" },
    { mm: mouths.green, what: "mouth", at: "green" },
  ];
  for (const [eyeId, mm] of Object.entries(eyes)) {
    crossings.push(
      { mm, what: "block", at: eyeId },
      { mm: mm + lengthMm, what: "clear", at: eyeId },
    );
  }
  return crossings.sort((one, other) => one.mm - other.mm);
}

export class LineWorld {
  readonly #bench: Bench;
  readonly #options: WorldOptions;
  readonly #waiting: Body[];
  readonly #belt: OnBelt[] = [];
  readonly #crossings = new Map<number, Crossing[]>();
  readonly #ends = new Map<string, Exit | "belt" | "hand">();
  readonly #covered = new Map<string, number>();
  readonly #entries = new Map<OnBelt, number>();
  readonly #row: ScannedItem[] = [];
  readonly #items = new Map<OnBelt, ScannedItem>();
  readonly #devices: LineDevices;
  readonly #mishaps: Mishap[];
  #x = 0;
  #count: number;
  #foreign = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#bench = options.bench;
    this.#waiting = [...options.bodies];
    this.#mishaps = [...(options.mishaps ?? [])];
    this.#count = options.bench.count();
    const mishaps = this.#mishaps.filter((mishap) => "wire" in mishap);
    this.#devices = new LineDevices({ bench: options.bench, isClean: options.isClean, mishaps });
  }

  /** Lets the belt run until every body has gone, or until it has run `xMax` millimetres. */
  run(xMax: number): WorldEnd {
    let standingMs = 0;
    let idleFromX = 0;
    while (this.#x < xMax && this.#x < idleFromX + 2_000) {
      if (this.#waiting.length > 0 || this.#belt.length > 0) idleFromX = this.#x;
      this.#devices.carryOut();
      this.#work();
      if (this.#devices.isAskedToRun) {
        standingMs = 0;
        this.#move();
      } else {
        this.#bench.stand(1_000);
        standingMs += 1_000;
        if (standingMs >= 5_000) this.#devices.peopleCome();
      }
    }
    for (const { body } of this.#belt) this.#ends.set(body.name, "belt");
    // What is pending comes to its end without bodies.
    const bench = this.#bench;
    bench.runTo(bench.count() + 40_000);
    return { ends: this.#ends };
  }

  /** Everything that is due here and now. */
  #work(): void {
    this.#feed();
    for (const mishap of this.#mishaps) this.#strike(mishap);
    for (let isBusy = true; isBusy;) {
      isBusy =
        this.#devices.fire(this.#place()) ||
        this.#cross() ||
        this.#devices.deliver() ||
        this.#wake();
      this.#devices.carryOut();
    }
  }

  /** As far as nothing happens; millimetre by millimetre where the encoder errs. */
  #move(): void {
    const rate = this.#rate();
    let mm = rate === 1 ? 500 : 1;
    const no = (distance: number): void => {
      if (distance > 0) mm = Math.min(mm, distance);
    };
    for (const { body, origin, done } of this.#belt) {
      const next = this.#crossingsFor(body)[done];
      if (next !== undefined) no(next.mm - (this.#x - origin));
    }
    for (const distance of this.#devices.next(this.#place())) no(distance);
    for (const mishap of this.#mishaps) {
      if ("atX" in mishap) no(mishap.atX - this.#x);
      if ("nth" in mishap && "atMm" in mishap) {
        const target = this.#nth(mishap.nth);
        if (target !== undefined) no(mishap.atMm - (this.#x - target.origin));
      }
    }
    no(nextWakeCount(this.#bench.state, this.#bench.config) - this.#count);
    const last = this.#belt.at(-1);
    const [next] = this.#waiting;
    if (last !== undefined && next !== undefined) {
      no(last.body.lengthMm + next.gapMm - (this.#x - last.origin));
    }
    mm = Math.max(1, Math.ceil(mm));
    this.#x += mm;
    this.#count += mm * rate;
    // The bench's clock follows the belt, whatever the encoder says.
    const before = this.#bench.count();
    this.#bench.wait(mm - Math.max(0, this.#count - before));
    this.#bench.moveTo(this.#count);
    if (Math.floor(this.#x / 1_000) !== Math.floor((this.#x - mm) / 1_000)) this.#reportBelt();
  }

  #place(): Place {
    return { count: this.#count, x: this.#x };
  }

  #rate(): number {
    for (const mishap of this.#mishaps) {
      if (mishap.kind !== "slips" && mishap.kind !== "races") continue;
      const isOn = this.#x >= mishap.atX && this.#x < mishap.atX + mishap.forMm;
      if (isOn) return mishap.kind === "slips" ? 0 : 2;
    }
    return 1;
  }

  #reportBelt(): void {
    this.#bench.sorter({
      kind: "belt",
      count: beltCount(this.#count),
      speedMmPerS: 1_000,
      isRunning: true,
      emergencyStop: false,
    });
  }

  #feed(): void {
    const [next] = this.#waiting;
    const last = this.#belt.at(-1);
    if (next === undefined || !this.#devices.isPermitted) return;
    if (last !== undefined && this.#x - last.origin < last.body.lengthMm + next.gapMm) return;
    this.#waiting.shift();
    this.#belt.push({ body: next, origin: this.#x, done: 0 });
  }

  #strike(mishap: Mishap): void {
    if (mishap.kind === "removed" || mishap.kind === "slides") {
      const target = this.#nth(mishap.nth);
      if (target === undefined || this.#x - target.origin < mishap.atMm) return;
      this.#forget(mishap);
      if (mishap.kind === "removed") this.#take(target, "hand");
      else target.origin += mishap.byMm;
    } else if ((mishap.kind === "foreign" || mishap.kind === "act") && this.#x >= mishap.atX) {
      this.#forget(mishap);
      if (mishap.kind === "foreign") this.#putOn(mishap.atMm);
      else mishap.act(this.#bench);
    }
  }

  #forget(mishap: Mishap): void {
    this.#mishaps.splice(this.#mishaps.indexOf(mishap), 1);
  }

  #nth(nth: number): OnBelt | undefined {
    const name = this.#options.bodies[nth]?.name;
    return this.#belt.find(({ body }) => body.name === name);
  }

  /** A body that nobody announced, if there is room for it; no eye sees its arrival. */
  #putOn(atMm: number): void {
    const lengthMm = 250;
    const origin = this.#x - atMm;
    const isFree = this.#belt.every(
      (other) =>
        origin > other.origin + other.body.lengthMm + 10 || origin + lengthMm + 10 < other.origin,
    );
    if (!isFree) return;
    this.#foreign += 1;
    const name = `foreign-${this.#foreign}`;
    const body: Body = { name, lengthMm, gapMm: 0, labels: [], weightG: 500, picture: 0 };
    const placed: OnBelt = { body, origin, done: 0 };
    const crossings = this.#crossingsFor(body);
    while ((crossings[placed.done]?.mm ?? Infinity) <= atMm) {
      const crossing = crossings[placed.done]!;
      const isUnder = crossing.what === "block" && crossing.mm + lengthMm > atMm;
      if (isUnder) this.#cover(crossing.at, 1);
      placed.done += 1;
    }
    const at = this.#belt.findIndex((other) => other.origin > origin);
    this.#belt.splice(at === -1 ? this.#belt.length : at, 0, placed);
  }

  #crossingsFor(body: Body): Crossing[] {
    const known = this.#crossings.get(body.lengthMm);
    if (known !== undefined) return known;
    const crossings = crossingsOf(body);
    this.#crossings.set(body.lengthMm, crossings);
    return crossings;
  }

  #cross(): boolean {
    for (const item of this.#belt) {
      const next = this.#crossingsFor(item.body)[item.done];
      if (next === undefined || this.#x - item.origin < next.mm) continue;
      item.done += 1;
      this.#happen(item, next);
      return true;
    }
    return false;
  }

  #happen(item: OnBelt, { what, at }: Crossing): void {
    const { body } = item;
    switch (what) {
      case "block":
        return this.#cover(at, 1);
      case "clear":
        this.#cover(at, -1);
        if (at === "end") this.#take(item, this.#bench.config.layout.end.exit);
        return;
      case "read": {
        // Latched at the trigger, however late it is said.
        const token = this.#bench.tokenOf("scanner-1");
        const proof = token === undefined ? {} : { token };
        return this.#devices.say("read", () => void this.#bench.readWith(proof, ...body.labels));
      }
      case "weigh": {
        const track = this.#bench.tokenOf("scale-1");
        return this.#devices.say("weight", () => void this.#bench.weigh(body.weightG, track));
      }
      case "itemIn":
        this.#entries.set(item, this.#count);
        return;
      case "itemOut": {
        const entry = this.#entries.get(item);
        if (entry === undefined) return;
        const scanned = this.#devices.item(entry, this.#place());
        this.#items.set(item, scanned);
        this.#row.push(scanned);
        return;
      }
      case "beam": {
        const own = this.#items.get(item);
        const next = this.#row.shift();
        const scanned = this.#options.xray === "naive" ? next : own;
        if (scanned !== undefined) this.#devices.photograph(scanned, body.picture);
        return;
      }
      case "mouth":
        return this.#meetMouth(item, at as "red" | "green");
    }
  }

  #cover(eyeId: string, by: 1 | -1): void {
    const before = this.#covered.get(eyeId) ?? 0;
    const after = before + by;
    this.#covered.set(eyeId, after);
    if (before > 0 === after > 0) return;
    const count = this.#count;
    this.#devices.say("eye", () => this.#bench.eye(eyeId, after > 0, count));
  }

  #meetMouth(item: OnBelt, exit: "red" | "green"): void {
    const isDead = this.#mishaps.some((mishap) => mishap.kind === "dead" && mishap.exit === exit);
    if (isDead || !this.#devices.isOut(exit, this.#place())) return;
    const { lengthMm } = item.body;
    this.#take(item, exit);
    this.#devices.after(chuteTravelMm, () => this.#cover(`${exit}-chute`, 1));
    this.#devices.after(chuteTravelMm + lengthMm, () => this.#cover(`${exit}-chute`, -1));
  }

  /** Off the belt; the eyes it covers are free of it. */
  #take(item: OnBelt, end: Exit | "hand"): void {
    this.#belt.splice(this.#belt.indexOf(item), 1);
    this.#ends.set(item.body.name, end);
    if (end === "green" || end === "red") return;
    const frontMm = this.#x - item.origin;
    for (const [eyeId, mm] of Object.entries(eyes)) {
      if (mm <= frontMm && frontMm < mm + item.body.lengthMm) this.#cover(eyeId, -1);
    }
  }

  #wake(): boolean {
    const { state, config } = this.#bench;
    if (nextWakeCount(state, config) > this.#bench.count()) return false;
    this.#bench.tell({ kind: "countReached" });
    if (nextWakeCount(state, config) <= this.#bench.count()) throw new Error("the core spins");
    return true;
  }
}
