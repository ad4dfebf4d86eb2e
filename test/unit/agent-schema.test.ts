/**
 * What an editor shows beside each key of an agent's file. The generated schema is walked as an editor
 * walks it, and schemas with one fault each show that the walk would see it.
 */
import { z } from "zod";
import { describe, expect, it } from "vitest";
import { agentFileSchema, withBoundsTold } from "../../edge/runtime/config/agent-schema.ts";

const zNode = z.record(z.string(), z.unknown());
type Node = z.infer<typeof zNode>;

interface Walk {
  readonly keys: string[];
  readonly wordless: string[];
}

/** Each key by its path; a member of a union bears its kind, or its place, in brackets. */
function walk(root: unknown): Walk {
  const found: Walk = { keys: [], wordless: [] };
  const nodeAt = (node: unknown): Node | null => {
    const fields = zNode.safeParse(node).data;
    if (fields === undefined) return null;
    const { $ref, ...own } = fields;
    if (typeof $ref !== "string") return own;
    let at: unknown = root;
    for (const part of $ref.split("/").slice(1)) at = zNode.parse(at)[part];
    return { ...nodeAt(at), ...own };
  };
  const kindOf = (member: Node | null): string | null => {
    const kind = nodeAt(nodeAt(member?.["properties"])?.["kind"])?.["const"];
    return typeof kind === "string" ? kind : null;
  };
  const look = (raw: unknown, path: string): void => {
    const node = nodeAt(raw);
    if (node === null) return;
    for (const [key, value] of Object.entries(nodeAt(node["properties"]) ?? {})) {
      const at = path === "" ? key : `${path}.${key}`;
      found.keys.push(at);
      if (!isSentence(nodeAt(value)?.["description"])) found.wordless.push(at);
      look(value, at);
    }
    for (const union of ["oneOf", "anyOf", "allOf", "prefixItems"]) {
      const members: unknown = node[union];
      if (!Array.isArray(members)) continue;
      for (const [index, member] of members.entries()) {
        look(member, `${path}(${kindOf(nodeAt(member)) ?? index})`);
      }
    }
    look(node["items"], `${path}[]`);
    look(node["additionalProperties"], `${path}{}`);
  };
  look(root, "");
  return found;
}

const isSentence = (text: unknown): boolean =>
  typeof text === "string" && /^\S[^]*[.]$/.test(text) && text.length > 10;

describe("the schema of an agent's file", () => {
  it("says of each key what to put there", () => {
    const { keys, wordless } = walk(agentFileSchema());
    expect(wordless).toEqual([]);
    expect(keys.length).toBeGreaterThan(1_500);
    // Of the walk itself: it has been in unions, in lists, in maps, and in both roles.
    expect(keys).toContain("lines[].devices.scanner.reach(serial).baudRate");
    expect(keys).toContain("lines[].devices.scale(0).dialect(frames).heartbeat(0).periodMs");
    expect(keys).toContain("lines[].line.layout.scanner.binding(echo).tested(0).records");
    expect(keys).toContain("centre(0).documents.parameters[].rules[].prefix");
  });

  const told = { type: "string", description: "What to put there." };
  const untold = { type: "string" };
  it.each<[string, object, string]>([
    ["a key", { properties: { a: untold } }, "a"],
    ["an empty word", { properties: { a: { ...untold, description: "" } } }, "a"],
    ["half a sentence", { properties: { a: { ...told, description: "milliseconds of it" } } }, "a"],
    ["below a key", { properties: { a: { ...told, properties: { b: untold } } } }, "a.b"],
    ["in a list", { items: { properties: { a: untold } } }, "[].a"],
    ["in a tuple", { prefixItems: [told, { properties: { a: untold } }] }, "(1).a"],
    ["in a map", { additionalProperties: { properties: { a: untold } } }, "{}.a"],
    ["of something that may be null", { anyOf: [{ properties: { a: untold } }] }, "(0).a"],
    [
      "of one kind of several",
      { oneOf: [{ properties: { kind: { ...told, const: "x" }, a: untold } }] },
      "(x).a",
    ],
    [
      "behind a reference",
      {
        $defs: { one: { properties: { a: untold } } },
        properties: { b: { $ref: "#/$defs/one", description: "What to put there." } },
      },
      "b.a",
    ],
  ])("is walked so that a missing description is seen: %s", (_where, schema, path) => {
    expect(walk(schema).wordless).toEqual([path]);
  });

  it("takes the words behind a reference for the key's own", () => {
    const schema = { $defs: { one: told }, properties: { a: { $ref: "#/$defs/one" } } };
    expect(walk(schema).wordless).toEqual([]);
  });
});

describe("bounds in descriptions", () => {
  const description = "Milliseconds of it.";
  it.each<[string, object, string]>([
    ["a range", { minimum: 0.01, maximum: 1_000 }, " 0.01 to 1,000."],
    ["a range and a default", { minimum: 10, maximum: 99, default: 60 }, " 10 to 99; default 60."],
    ["a number without an end", { minimum: 100, maximum: 2 ** 53 - 1 }, " At least 100."],
    ["a number with a beginning only", { minimum: 100 }, " At least 100."],
    [
      "a number that may be null",
      { anyOf: [{ minimum: 1, maximum: 9 }, { type: "null" }], default: null },
      " 1 to 9; default null.",
    ],
    ["a word", { enum: ["a", "b"], default: "a" }, " Default a."],
    ["yes or no", { type: "boolean", default: false }, " Default false."],
    ["what has keys of its own", { default: {} }, ""],
    ["nothing", { type: "string" }, ""],
  ])("tell %s", (_what, schema, bounds) => {
    expect(withBoundsTold({ ...schema, description })).toEqual({
      ...schema,
      description: `${description}${bounds}`,
    });
  });

  it("are told within, and where nothing is described nothing is added", () => {
    const inner = { minimum: 1, maximum: 2 };
    expect(withBoundsTold({ properties: { a: { ...inner, description }, b: inner } })).toEqual({
      properties: { a: { ...inner, description: `${description} 1 to 2.` }, b: inner },
    });
  });
});
