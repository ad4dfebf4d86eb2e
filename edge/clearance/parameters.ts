import { hash } from "node:crypto";
import { invariant } from "../../protocols/bug.ts";
import type { EpochMs } from "../../protocols/units.ts";
import type { ClearanceConfig, DrawKey, KeptClearance, KeptParameters } from "./config.ts";
import { createDraw, type Draw } from "./draws.ts";
import { compileRules, type CompiledRules } from "./licence-rules.ts";

/** One parameter version with its rules in the shape they are looked up in. */
interface ParametersInForce extends KeptParameters {
  readonly compiled: CompiledRules;
  readonly draw: Draw;
}

/** The configuration, prepared once; `applyDocumentEvent` takes it in this shape. */
export interface ClearanceRules {
  readonly config: KeptClearance;
  /** Newest first. */
  readonly versions: readonly ParametersInForce[];
  readonly oldest: ParametersInForce;
}

/** Says how lots are drawn under a version. */
export type DrawOf = (parameters: KeptParameters) => Draw;

/** What a journal says of a configuration, and the keys that it must not hold. */
export function keptClearanceOf(config: ClearanceConfig): {
  readonly kept: KeptClearance;
  readonly keys: readonly DrawKey[];
} {
  const parts = config.parameters.map(({ drawSecretHex, ...open }) => {
    const parameters = { ...open, drawKeyHash: drawKeyHashOf(drawSecretHex) };
    const { version, validFrom, drawKeyHash } = parameters;
    return { parameters, key: { version, validFrom, drawSecretHex, drawKeyHash } };
  });
  const parameters = parts.map((part) => part.parameters);
  return { kept: { ...config, parameters }, keys: parts.map(({ key }) => key) };
}

const drawKeyHashOf = (drawSecretHex: string): string =>
  hash("sha256", Buffer.from(drawSecretHex, "hex"), "hex");

/** The content of a version as one hash: two that say the same have the same. */
export function parametersHash(parameters: KeptParameters): string {
  const { version, validFrom, inspectionRate, machinePassRatio, drawKeyHash, rules } = parameters;
  const rows = rules.map(({ prefix, licences, taxable, source }) => [
    prefix,
    licences,
    taxable,
    source,
  ]);
  const content = [version, validFrom, inspectionRate, machinePassRatio, drawKeyHash, rows];
  return hash("sha256", JSON.stringify(content), "hex");
}

/** Draws with the keys that are held; null for a version whose key is not. */
export function drawsWith(
  keys: readonly Pick<DrawKey, "drawKeyHash" | "drawSecretHex">[],
): (parameters: KeptParameters) => Draw | null {
  const draws = new Map(keys.map((key) => [key.drawKeyHash, createDraw(key.drawSecretHex)]));
  return ({ drawKeyHash }) => draws.get(drawKeyHash) ?? null;
}

export function prepareClearance(config: ClearanceConfig): ClearanceRules {
  const { kept, keys } = keptClearanceOf(config);
  const drawOf = drawsWith(keys);
  return prepareKept(kept, (parameters) => {
    const draw = drawOf(parameters);
    invariant(draw !== null, `the key of version ${parameters.version} is not its own`);
    return draw;
  });
}

export function prepareKept(config: KeptClearance, drawOf: DrawOf): ClearanceRules {
  const versions = config.parameters
    .map((parameters) => ({
      ...parameters,
      compiled: compileRules(parameters.rules),
      draw: drawOf(parameters),
    }))
    .toSorted((a, b) => b.validFrom - a.validFrom);
  const oldest = versions.at(-1);
  invariant(oldest !== undefined, "clearance: parameters hold a version");
  return { config, versions, oldest };
}

/** The newest version in force. Before the date of the first one, the first one counts. */
export const parametersAt = (rules: ClearanceRules, at: EpochMs): ParametersInForce =>
  rules.versions.find((version) => version.validFrom <= at) ?? rules.oldest;
