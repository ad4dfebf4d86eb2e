import { z } from "zod";
import { roleHeader } from "../../../protocols/actor.ts";
import { zProblem } from "../../../protocols/ui/http.ts";
import { zNamedRole } from "./callers.ts";
import { statusOf, type ProblemCode } from "./problems.ts";
import type { AnswerSpec, Route } from "./route.ts";

type Json = Readonly<Record<string, unknown>>;

/** The documented rows of the table as OpenAPI 3.1. */
export function openApiOf(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    if (!route.isDocumented) continue;
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sortline, centre",
      version: "1",
      description: `Roles are named in the header ${roleHeader} until there are accounts.`,
    },
    servers: [{ url: "/" }],
    paths,
    components: { schemas: { Problem: schemaOf(zProblem) } },
  };
}

function operationOf(route: Route): Json {
  const { id, summary, whoMay, body } = route;
  const role = {
    name: roleHeader,
    in: "header",
    required: false,
    description: "The role in which it is asked; else the one that the route is made for.",
    schema: schemaOf(zNamedRole),
  };
  const content = { schema: body.schema === null ? {} : schemaOf(body.schema) };
  const contents = Object.fromEntries(body.mediaTypes.map((type) => [type, content]));
  return {
    operationId: id,
    summary,
    "x-who-may": whoMay,
    parameters: [
      ...parametersOf(route.params, "path"),
      ...parametersOf(route.query, "query"),
      role,
    ],
    ...(body.mediaTypes.length === 0 ? {} : { requestBody: { required: true, content: contents } }),
    responses: responsesOf(route),
  };
}

const parametersOf = (fields: z.ZodObject, where: "path" | "query"): readonly Json[] =>
  Object.entries(fields.shape).map(([name, schema]) => ({
    name,
    in: where,
    required: where === "path" || !z.safeParse(schema, undefined).success,
    schema: schemaOf(z.object({ [name]: schema }).shape[name] ?? z.unknown()),
  }));

/** Whatever a route may say instead of its own answers, by its own and by those of the door. */
export function problemsOf({ problems, params, body }: Route): readonly ProblemCode[] {
  const door: ProblemCode[] = ["badRequest", "foreignOrigin", "badField", "notAllowed"];
  if (Object.keys(params.shape).length > 0) door.push("pathTooLong");
  if (body.mediaTypes.length > 0) door.push("tooBig", "badMediaType");
  return [...new Set([...problems, ...door, "stopping" as const, "internal" as const])];
}

function responsesOf(route: Route): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(route)) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const statuses = [...Object.keys(route.answers).map(Number), ...byStatus.keys()];
  return Object.fromEntries(
    [...new Set(statuses)]
      .toSorted((a, b) => a - b)
      .map((status) => [
        String(status),
        responseOf(route.answers[status] ?? null, byStatus.get(status) ?? []),
      ]),
  );
}

function responseOf(answer: AnswerSpec<unknown> | null, codes: readonly ProblemCode[]): Json {
  const said = answer === null ? [] : [answer.summary];
  const words = [...said, ...(codes.length === 0 ? [] : [`Problem: ${codes.join(", ")}.`])];
  const problem = {
    allOf: [
      { $ref: "#/components/schemas/Problem" },
      { properties: { error: { enum: [...codes] } } },
    ],
  };
  const isJson = answer?.schema != null;
  const own = isJson ? schemaOf(answer.schema) : null;
  const content: Record<string, Json> = {};
  if (answer?.mediaType != null && !isJson) content[answer.mediaType] = { schema: {} };
  const json = [...(own === null ? [] : [own]), ...(codes.length === 0 ? [] : [problem])];
  const [only] = json;
  if (only !== undefined) {
    content["application/json"] = { schema: json.length === 1 ? only : { anyOf: json } };
  }
  return { description: words.join(" "), content };
}

/** As it is on the wire: before anything is made of it. */
function schemaOf(schema: z.core.$ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
