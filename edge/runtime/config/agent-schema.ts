import { z } from "zod";
import { zAgentFile } from "./agent-file.ts";

/**
 * JSON Schema of the agent's file, for editors (`--print-schema`). Beside a key an editor shows little
 * but its description, so that what the key's rule bounds it to, and what counts without it, are told
 * there too, from the rule itself.
 */
export const agentFileSchema = (): unknown =>
  withBoundsTold(z.toJSONSchema(zAgentFile, { io: "input" }));

/** The same schema, with range and default at the end of each description. */
export function withBoundsTold(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withBoundsTold);
  const fields = zFields.safeParse(node).data;
  if (fields === undefined) return node;
  const told = Object.entries(fields).map(([key, value]) => [key, withBoundsTold(value)] as const);
  const { description } = fields;
  if (typeof description !== "string") return Object.fromEntries(told);
  const bounds = [rangeOf(fields), defaultOf(fields)].filter((each) => each !== null).join("; ");
  const sentence = bounds.replace(/^d/, "D");
  const text = bounds === "" ? description : `${description} ${sentence}.`;
  return { ...Object.fromEntries(told), description: text };
}

const zFields = z.record(z.string(), z.unknown());
const zRange = z.object({ minimum: z.number(), maximum: z.number().optional() });
/** What may be null has its bounds one step further in. */
const zNullable = z.object({ anyOf: z.tuple([zRange, z.object({ type: z.literal("null") })]) });

function rangeOf(fields: unknown): string | null {
  const own = zRange.safeParse(fields).data ?? zNullable.safeParse(fields).data?.anyOf[0];
  if (own === undefined) return null;
  const { minimum, maximum = Number.MAX_SAFE_INTEGER } = own;
  return maximum === Number.MAX_SAFE_INTEGER
    ? `At least ${numberText(minimum)}`
    : `${numberText(minimum)} to ${numberText(maximum)}`;
}

const zPlain = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A default that is made of several is told by its keys. */
function defaultOf({ default: given }: Readonly<Record<string, unknown>>): string | null {
  const { success, data } = zPlain.safeParse(given);
  if (!success) return null;
  return `default ${typeof data === "number" ? numberText(data) : String(data)}`;
}

const numberText = (value: number): string => value.toLocaleString("en-US");
