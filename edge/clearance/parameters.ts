import { invariant } from "../../protocols/bug.ts";
import type { EpochMs } from "../../protocols/units.ts";
import type { ClearanceConfig, Parameters } from "./config.ts";
import { createDraw, type Draw } from "./draws.ts";
import { compileRules, type CompiledRules } from "./licence-rules.ts";

/** One parameter version with its rules in the shape they are looked up in. */
export interface ParametersInForce extends Parameters {
  readonly compiled: CompiledRules;
  readonly draw: Draw;
}

/** The configuration, prepared once; `applyDocumentEvent` takes it in this shape. */
export interface ClearanceRules {
  readonly config: ClearanceConfig;
  /** Newest first. */
  readonly versions: readonly ParametersInForce[];
  readonly oldest: ParametersInForce;
}

export function prepareClearance(config: ClearanceConfig): ClearanceRules {
  const versions = config.parameters
    .map((parameters) => ({
      ...parameters,
      compiled: compileRules(parameters.rules),
      draw: createDraw(parameters.drawSecretHex),
    }))
    .toSorted((a, b) => b.validFrom - a.validFrom);
  const oldest = versions.at(-1);
  invariant(oldest !== undefined, "clearance: parameters hold a version");
  return { config, versions, oldest };
}

/** The newest version in force. Before the date of the first one, the first one counts. */
export const parametersAt = (rules: ClearanceRules, at: EpochMs): ParametersInForce =>
  rules.versions.find((version) => version.validFrom <= at) ?? rules.oldest;
