import type { VariableWrite } from "../../variables.ts";
import type { ModbusAsk, ModbusRead } from "./pdu.ts";
import { encodeAt, isBitArea } from "./places.ts";
import type { ModbusVariable } from "./read-plan.ts";

/** One question that writes, and what is to be read back afterwards. */
export interface WriteAsk {
  /** What it writes, for people. */
  readonly keys: string;
  readonly write: Exclude<ModbusAsk, ModbusRead>;
  readonly check: ModbusRead;
  /** Registers; bits as 0 and 1. */
  readonly words: readonly number[];
}

export type StepPlan =
  | { readonly kind: "asks"; readonly asks: readonly WriteAsk[] }
  | { readonly kind: "unwritable"; readonly why: string };

/**
 * How values are written. Variables that are written together stand in one run of registers and go
 * out in one request, whichever of them have changed: the others as they were written last.
 */
export interface WritePlan {
  step(step: readonly VariableWrite[]): StepPlan;
}

export function createWritePlan(
  variables: readonly ModbusVariable[],
  together: readonly (readonly string[])[],
): WritePlan {
  const byKey = new Map(variables.map((variable) => [variable.key, variable]));
  const groupOf = new Map(together.flatMap((keys) => keys.map((key) => [key, keys] as const)));
  const words = new Map<string, readonly number[]>();

  const take = ({ key, value }: VariableWrite): string | null => {
    const variable = byKey.get(key);
    if (variable === undefined) return `${key}: there is no such variable`;
    const encoded = encodeAt(variable.place, value);
    if (encoded.kind === "unwritable") return `${key}: ${encoded.why}`;
    words.set(key, encoded.words);
    return null;
  };

  return {
    step(step) {
      const why = step.map(take).find((each) => each !== null);
      if (why !== undefined) return { kind: "unwritable", why };
      const runs = new Set(step.map(({ key }) => groupOf.get(key) ?? key));
      const asks = [...runs].map((run) => {
        const keys = typeof run === "string" ? [run] : run;
        const members = keys.flatMap((key) => byKey.get(key) ?? []);
        return writeAsk(members, words);
      });
      return { kind: "asks", asks };
    },
  };
}

function writeAsk(
  members: readonly ModbusVariable[],
  written: ReadonlyMap<string, readonly number[]>,
): WriteAsk {
  const inOrder = members.toSorted((one, other) => one.place.at - other.place.at);
  const words = inOrder.flatMap(({ key, place }) => written.get(key) ?? encodedZero(place));
  const first = inOrder[0]?.place;
  const area = first?.area ?? "holding";
  const at = first?.at ?? 0;
  const keys = members.map(({ key }) => key).join(", ");
  const check: ModbusRead = { kind: "read", area, at, size: words.length };
  return isBitArea(area)
    ? { keys, write: { kind: "writeBits", at, bits: words.map(Boolean) }, check, words }
    : { keys, write: { kind: "writeWords", at, words }, check, words };
}

function encodedZero(place: ModbusVariable["place"]): readonly number[] {
  const zero = encodeAt(place, 0);
  return zero.kind === "words" ? zero.words : [0];
}
