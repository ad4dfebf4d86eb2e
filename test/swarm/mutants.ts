import { registerHooks } from "node:module";

/**
 * Faults put into agent or centre on purpose, by a hook that changes a file as it is loaded: a proof that
 * cannot fail proves nothing. Only tests load this file; nothing of it is in the product.
 */
export const mutants = {
  /** The image that never came is forgotten: what a real customs line did (PF-04). */
  "fail-open": [
    {
      file: "edge/decision/decide.ts",
      from: `return isRequired ? because("imageMissing") : prove("inspection", { imageHash });`,
      to: `return prove("inspection", { imageHash });`,
    },
  ],
  /**
   * One queue a diverter, first in first out, no windows and no confirm: a chute's eye takes the
   * next one sent, and a lost parcel stays in the queue for its neighbour (PF-01).
   */
  "bare-queue": [
    {
      file: "edge/line/tracking.ts",
      from: `    if (nextEye !== undefined && pass.nextEye !== nextEye) continue;`,
      to: `    if (nextEye !== undefined) { if (pass.nextEye === nextEye) return pass; continue; }
    if (pass.commitment !== null) return pass;`,
    },
    {
      file: "edge/line/turn.ts",
      from: `  return (pass: Pass): number => pass.frontCount + (toEye[pass.nextEye] ?? toEnd);`,
      to: `  return (pass: Pass): number =>
    pass === undefined ? pass.frontCount + (toEye[pass.nextEye] ?? toEnd) : Number.POSITIVE_INFINITY;`,
    },
  ],
  /** A read goes to the parcel that is next, whatever it says of itself (law 16). */
  "bind-by-order": [
    {
      file: "edge/line/reader.ts",
      from: `    case "echo":
      return bindToken(turn, reader, read.proof);`,
      to: `    case "echo":
      return { ...bindTurn(turn, reader), isProven: true } as Bound;`,
    },
  ],
  /** A debt is paid by an empty stretch, as if the reader could hold nothing back (law 16). */
  "forgive-on-empty-belt": [
    {
      file: "edge/line/reader-debt.ts",
      from: `    if (!layout.canTest || state.devices`,
      to: `    if (state.belt.epoch !== null) {
      pay(turn, reader, "test");
      continue;
    }
    if (!layout.canTest || state.devices`,
    },
  ],
  /** Any token of ours will do, if a parcel is before the reader (law 16). */
  "trust-any-echo": [
    {
      file: "edge/line/reader.ts",
      from: `  const named = turn.state.passes.find((pass) => reader.readOf(pass).token === token) ?? null;`,
      to: `  const named =
    turn.state.passes.find(
      (pass) => isInView(turn, reader, pass, turn.event.count) && token !== undefined,
    ) ?? null;`,
    },
  ],
  /** A label whose parcel nobody could tell is of no matter to the next one that bears it (PF-19). */
  "forget-strays": [
    {
      file: "edge/line/identity.ts",
      from: `    noteStray(turn, waybill);`,
      to: ``,
    },
  ],
  /** A claim that comes once more takes its waybill again, and nobody ever gives it back (law 1). */
  "late-repeat-opens-a-claim": [
    {
      file: "edge/centre/site.ts",
      from: `    isPassOver: (pass) => standing(pass) === "over",
    mayClaim: (pass) =>
      standing(pass) === "open" &&`,
      to: `    isPassOver: () => false,
    mayClaim: (pass) =>
      standing(pass) !== "untold" &&`,
    },
  ],
  /** Nothing is ever released: safe, and useless. */
  "inspect-all": [
    {
      file: "edge/decision/decide.ts",
      from: `  const [first, ...rest] = reasons;`,
      to: `  reasons.push({ code: "coreFault" });
  const [first, ...rest] = reasons;`,
    },
  ],
} as const satisfies Record<string, readonly PlantedChange[]>;

export type Mutant = keyof typeof mutants;
export const isMutant = (name: string): name is Mutant => Object.hasOwn(mutants, name);
export const mutantNames = Object.keys(mutants).filter(isMutant);

export const plantMutant = (name: Mutant): void => plantChanges(name, mutants[name]);

export interface PlantedChange {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** From now on the named files load changed. Throws when a change no longer fits its file. */
export function plantChanges(name: string, planned: readonly PlantedChange[]): void {
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const changes = planned.filter(({ file }) => url.endsWith(`/${file}`));
      if (changes.length === 0) return loaded;
      let text = textOf(loaded.source);
      for (const { file, from, to } of changes) {
        if (!text.includes(from)) throw new Error(`mutant ${name} no longer fits ${file}`);
        text = text.replace(from, () => to);
      }
      return { ...loaded, source: text };
    },
  });
}

const textOf = (source: string | ArrayBuffer | NodeJS.TypedArray | undefined): string =>
  typeof source === "string" ? source : new TextDecoder().decode(source);
