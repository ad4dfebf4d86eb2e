import { z } from "zod";
import { zJsonPath } from "../json-path.ts";
import { lampColours, type LampColour } from "./annunciation.ts";

/** Another maker's JSON for a horn and a stack light: its topics, and where each signal stands. */

const zTopic = z
  .string()
  .max(200)
  .regex(/^[^+#/$][^+#]*(?<!\/)$/, "below the base: no wildcards, no slash at either end");

/** As it stands in the device's JSON. */
const zShown = z.union([z.string().max(200), z.number(), z.boolean()]);
export type ShownValue = z.infer<typeof zShown>;

const zKeyPath = z
  .string()
  .max(200)
  .regex(/^[^.[\]]+(?:\.[^.[\]]+)*$/, "keys with dots between them, such as lamps.red");

const hornValues = {
  off: zShown.describe("What stands there while it is silent."),
  on: zShown.describe("What stands there while it sounds."),
};
const lampValues = {
  off: zShown.describe("What stands there while it is dark."),
  steady: zShown.describe("What stands there while it is lit."),
  flashing: zShown
    .describe("What stands there while it flashes; without it it is lit instead.")
    .optional(),
};

const differ = (values: readonly (ShownValue | undefined)[]): boolean => {
  const given = values.filter((value) => value !== undefined);
  return new Set(given).size === given.length;
};
const alike = "two of them stand for the same value, and nobody could tell them apart";

const horn = <Path extends z.ZodType>(path: Path) =>
  z
    .strictObject({ path: path.describe("Where the horn stands."), ...hornValues })
    .refine(({ off, on }) => differ([off, on]), alike)
    .optional()
    .describe("The horn: where it stands in the message, and its two values.");
const lamp = <Path extends z.ZodType>(path: Path, colour: LampColour) =>
  z
    .strictObject({ path: path.describe(`Where the ${colour} lamp stands.`), ...lampValues })
    .refine(({ off, steady, flashing }) => differ([off, steady, flashing]), alike)
    .optional()
    .describe(`The ${colour} lamp: where it stands in the message, and its values.`);

const signals = <Path extends z.ZodType>(path: Path) => ({
  horn: horn(path),
  red: lamp(path, "red"),
  amber: lamp(path, "amber"),
  green: lamp(path, "green"),
  blue: lamp(path, "blue"),
  white: lamp(path, "white"),
});

const zSet = z
  .strictObject({
    topic: zTopic.describe("Below the base, where what is to be shown is published."),
    ...signals(zKeyPath),
    fixed: z
      .record(zKeyPath, zShown)
      .default({})
      .describe("What else stands in each message, by its path; for devices that want a word."),
  })
  .superRefine((set, context) => {
    const paths = pathsOf(set);
    if (paths.length === 0) {
      return context.addIssue({ code: "custom", message: "at least one signal is wanted" });
    }
    const all = [...paths, ...fixedPaths(set.fixed)];
    for (const { key, path } of all) {
      const other = all.find((each) => each.key !== key && isWithin(path, each.path));
      if (other === undefined) continue;
      const message = `${path} lies where ${other.key.join(".")} stands already`;
      context.addIssue({ code: "custom", path: [...key], message });
    }
  })
  .describe("The message that it is told by.");

const zState = z
  .strictObject({
    topic: zTopic.describe("Below the base; whatever comes there is life."),
    ...signals(zJsonPath),
    silence: z
      .strictObject({
        path: zJsonPath.describe("Where the key that silences the horn stands."),
        pressed: zShown.describe("What stands there while it is pressed."),
      })
      .describe("A key at the device that silences the horn. It acknowledges nothing.")
      .optional(),
  })
  .describe(
    "What it says of itself; left out for a device that says nothing, of which only the wire is judged. A signal named here is compared with what it was told.",
  );

export const zAnnunciatorJsonMap = z
  .strictObject({
    kind: z.literal("json-map").describe("JSON of another maker's, on its own topics."),
    set: zSet,
    state: zState.optional(),
  })
  .refine(({ set, state }) => set.topic !== state?.topic, {
    path: ["state", "topic"],
    message: "must be another topic than that of set",
  });
export type AnnunciatorJsonMap = z.infer<typeof zAnnunciatorJsonMap>;

interface PlacedKey {
  readonly key: readonly string[];
  readonly path: string;
}

const pathsOf = (set: Readonly<Record<string, unknown>>): PlacedKey[] =>
  ["horn", ...lampColours].flatMap((name) => {
    const at = set[name];
    const isPlace = typeof at === "object" && at !== null && "path" in at;
    return isPlace ? [{ key: [name, "path"], path: String(at.path) }] : [];
  });
const fixedPaths = (fixed: Readonly<Record<string, unknown>>): PlacedKey[] =>
  Object.keys(fixed).map((path) => ({ key: ["fixed", path], path }));

/** The same place, or one inside it. */
const isWithin = (path: string, outer: string): boolean =>
  path === outer || path.startsWith(`${outer}.`);
