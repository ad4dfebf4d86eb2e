import type { FastifyRequest } from "fastify";
import { z } from "zod";
import {
  isAllowed,
  person,
  personRoles,
  roleHeader,
  sender,
  type Actor,
  type Role,
  type WhoMay,
} from "../../../protocols/actor.ts";
import { HttpProblem } from "./problems.ts";
import type { Named } from "./route.ts";

/**
 * Who asks. There are no accounts yet: whoever reaches the loopback address is believed, and names
 * a role in `roleHeader` or is taken in the one that the route is made for. Nobody can be `system`.
 */
export const zNamedRole = z.enum([...personRoles, "sender"]);

/** The one answer to whether a request may go on; null when it may. */
export function refusalOfRole(whoMay: WhoMay, request: FastifyRequest): HttpProblem | null {
  const role = roleOf(whoMay, request);
  if (role === null) {
    return new HttpProblem("badField", `a role is ${zNamedRole.options.join(", ")}`, roleHeader);
  }
  if (isAllowed(whoMay, role)) return null;
  return new HttpProblem("notAllowed", `this is not for the role ${role}`, roleHeader);
}

/** After `refusalOfRole` has let it in. */
export function actorOf(whoMay: WhoMay, request: FastifyRequest, named: Named | null): Actor {
  const { name, station } = named ?? { name: "unnamed", station: "page" };
  const role = roleOf(whoMay, request);
  return role === null || role === "sender" ? sender(name, station) : person(name, role, station);
}

type NamedRole = Exclude<Role, "system">;

function roleOf(whoMay: WhoMay, { headers }: FastifyRequest): NamedRole | null {
  const said = headers[roleHeader] ?? (whoMay === "public" ? "floor" : whoMay[0]);
  return zNamedRole.safeParse(said).data ?? null;
}
