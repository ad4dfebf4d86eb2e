import { documentsLogicVersion } from "../../clearance/apply.ts";
import type { KeptClearance, KeptParameters } from "../../clearance/config.ts";
import { parametersHash } from "../../clearance/parameters.ts";
import type { CentreActOf } from "./acts.ts";

export type ParameterAct = CentreActOf<"parameterVersion"> | CentreActOf<"parameters">;

/**
 * The parameters in a journal (law 17): each version once, by its content, and by which of them
 * every judgment was made that follows.
 */
export interface ParameterBook {
  /** In the journal's order. Null when the act changes nothing by itself. */
  take(act: ParameterAct): TakenParameters | null;
  /** What has to be written before anything is judged by `kept`. */
  actsFor(kept: KeptClearance): readonly ParameterAct[];
}

type TakenParameters =
  | { readonly kind: "kept"; readonly kept: KeptClearance; readonly logicVersion: string }
  /** The journal is not what it was: its versions do not have their content. */
  | { readonly kind: "broken"; readonly why: string };

export function createParameterBook(): ParameterBook {
  const versions = new Map<string, KeptParameters>();
  return {
    take: (act) => {
      if (act.kind === "parameterVersion") {
        if (parametersHash(act.parameters) !== act.hash) {
          return { kind: "broken", why: `version ${act.parameters.version} has another content` };
        }
        versions.set(act.hash, act.parameters);
        return null;
      }
      const { settings, logicVersion } = act;
      const parameters = act.versions.flatMap((hash) => versions.get(hash) ?? []);
      return parameters.length === act.versions.length
        ? { kind: "kept", kept: { ...settings, parameters }, logicVersion }
        : { kind: "broken", why: "it names a version that was not written before" };
    },
    actsFor: ({ parameters, ...settings }) => {
      const unwritten = new Map<string, ParameterAct>();
      const hashes = parameters.map((each) => {
        const hash = parametersHash(each);
        if (!versions.has(hash)) {
          unwritten.set(hash, { kind: "parameterVersion", hash, parameters: each });
        }
        return hash;
      });
      const logicVersion = documentsLogicVersion;
      return [
        ...unwritten.values(),
        { kind: "parameters", logicVersion, settings, versions: hashes },
      ];
    },
  };
}
