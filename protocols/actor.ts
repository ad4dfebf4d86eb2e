import { z } from "zod";
import { zName } from "./sorting.ts";

/** What people are here for. A person may have several roles, and acts in one at a time. */
export const personRoles = [
  "floor",
  "officer",
  "inspector",
  "reviewer",
  "risk",
  "logistics",
  "supervisor",
  "auditor",
  "lab",
] as const;
/** In which header of a request a role is named. */
export const roleHeader = "sortline-role";
export type PersonRole = (typeof personRoles)[number];

const zPerson = z.strictObject({
  kind: z.literal("person"),
  name: zName,
  role: z.enum(personRoles),
  station: zName,
});

/**
 * Who does something, in which role and from which station (law 18): one type for every act. A `sender`
 * is another party's machine that brings documents; `system` is Sortline itself.
 */
export const zActor = z.discriminatedUnion("kind", [
  zPerson,
  z.strictObject({
    kind: z.literal("sender"),
    name: zName,
    role: z.literal("sender"),
    station: zName,
  }),
  z.strictObject({
    kind: z.literal("system"),
    name: zName,
    role: z.literal("system"),
    station: zName,
  }),
]);
export type Actor = z.infer<typeof zActor>;

export const person = (name: string, role: PersonRole, station: string): Actor => ({
  kind: "person",
  name,
  role,
  station,
});

export const sender = (name: string, station: string): Actor => ({
  kind: "sender",
  name,
  role: "sender",
  station,
});

export const system = (name: string, station: string): Actor => ({
  kind: "system",
  name,
  role: "system",
  station,
});

export const isSameActor = (a: Actor, b: Actor): boolean =>
  a.kind === b.kind && a.name === b.name && a.role === b.role && a.station === b.station;

export type Role = Actor["role"];

/** Who may do something: everybody, or whoever acts in one of these roles. */
export type WhoMay = "public" | readonly [Role, ...Role[]];

/** The one place where a rule and a role meet: every route and socket message asks here. */
export const isAllowed = (whoMay: WhoMay, role: Role): boolean =>
  whoMay === "public" || whoMay.includes(role);
