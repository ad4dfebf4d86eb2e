// Goal: whoever sends or writes something wrong is told by the field's path what the field must be, in
// plain words. Method: schemas as borders have them, and what comes wrong into them.
import { expect, test } from "vitest";
import { z } from "zod";
import { checkJson } from "../../protocols/json-message.ts";

const zThing = z.strictObject({
  name: z.string().min(2).max(3),
  total: z.number().int().min(1).max(9),
  exit: z.enum(["green", "red"]),
  codes: z.array(z.string()).max(1),
  isOn: z.boolean(),
  id: z.string().regex(/^a/, "letters only"),
  reach: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("tcp") }),
    z.strictObject({ kind: z.literal("serial") }),
  ]),
});
const right = {
  name: "ab",
  total: 1,
  exit: "red",
  codes: [],
  isOn: true,
  id: "a",
  reach: { kind: "tcp" },
};

test.each([
  [{ name: undefined }, "name: is missing"],
  [{ reach: undefined }, "reach: is missing"],
  [{ name: 7 }, "name: must be a text"],
  [{ name: "a" }, "name: must have at least 2 characters"],
  [{ name: "abcd" }, "name: must have at most 3 characters"],
  [{ total: 1.5 }, "total: must be a whole number"],
  [{ total: "1" }, "total: must be a number"],
  [{ total: 0 }, "total: must be at least 1"],
  [{ total: 10 }, "total: must be at most 9"],
  [{ exit: "blue" }, "exit: must be one of green, red"],
  [{ codes: ["a", "b"] }, "codes: must have at most 1 items"],
  [{ codes: {} }, "codes: must be a list"],
  [{ isOn: 1 }, "isOn: must be true or false"],
  [{ id: "b" }, "id: letters only"],
  [{ reach: { kind: "udp" } }, "reach.kind: must be one of tcp, serial"],
  [{ reach: null }, "reach: must be an object"],
  [{ colour: 1 }, "colour: is not known here"],
])("%j", (change, why) => {
  const read = checkJson(zThing, { ...right, ...change });
  expect(read).toMatchObject({ kind: "invalid", why });
});

test("what is right is taken", () => {
  expect(checkJson(zThing, right)).toEqual({ kind: "ok", value: right });
  expect(checkJson(zThing, 7)).toMatchObject({ field: null, why: "message: must be an object" });
});
