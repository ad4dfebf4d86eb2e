// The rule speaks of Express; Fastify hands a rejection to its error handler.
/* oxlint-disable oxc/no-async-endpoint-handlers */
import type { FastifyInstance } from "fastify";
import { person, sender } from "../../../protocols/actor.ts";
import { zAcceptance } from "../../../protocols/ceb/answers.ts";
import { messageBytesMax } from "../../../protocols/ceb/envelope.ts";
import { zWaybill } from "../../../protocols/clearance.ts";
import { zSha256, zId } from "../../../protocols/sorting.ts";
import { zControlRequest, type Story } from "../../../protocols/ui/http.ts";
import { settled } from "../acts/act-log.ts";
import type { ActAnswer, DocumentDesk } from "../documents/desk.ts";
import type { Centre } from "../centre.ts";
import type { CentreConfig } from "../config.ts";
import { controlEffect, controlOf, requestOf, tellControl } from "../officers/controls.ts";
import { passesOf, tellPass } from "../lines/passes.ts";
import { countNow } from "../page/scene.ts";
import type { Clock } from "../../../protocols/time.ts";
import { customsMediaTypes, customsPath } from "./bodies.ts";
import { HttpProblem, readBody, readParam } from "./problems.ts";

export interface RouteParts {
  readonly centre: Centre;
  readonly config: CentreConfig;
  readonly clock: Clock;
}

/** Customs messages come as they are, in bytes; what they are encoded in is theirs to say. */
export function addCustomsRoute(server: FastifyInstance, { centre }: RouteParts): void {
  void server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(customsMediaTypes, { parseAs: "buffer" }, (_request, body, next) =>
      next(null, body),
    );
    scope.post(
      customsPath,
      // The desk itself says which message is too long; this only bounds what is read.
      { bodyLimit: messageBytesMax + 1 },
      async (request, reply) => {
        const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const answer = centre.site.desk.takeCustomsMessage(bytes, sender("customs", "http"));
        await mustBeDurable(centre);
        if (answer.kind === "refused") {
          const { error, field, message } = answer.problem;
          return reply.code(answer.status).send({ error, field: field ?? "body", message });
        }
        return { results: answer.results };
      },
    );
    done();
  });
}

export function addDocumentRoutes(server: FastifyInstance, parts: RouteParts): void {
  const { centre, config, clock } = parts;
  const { desk, passes, scene } = centre.site;

  server.post("/api/carrier/acceptances", async (request, reply) => {
    const answer = desk.takeAcceptance(
      readBody(zAcceptance, request.body),
      sender("carrier", "http"),
    );
    await mustBeDurable(centre);
    return reply.code(answer.outcome === "refused" ? 422 : 200).send(answer);
  });

  server.post("/api/controls", async (request) => {
    const asked = readBody(zControlRequest, request.body);
    const body = { ...asked, waybill: asPrinted(desk, asked.waybill) };
    const answer = desk.placeControl(controlOf(body, person(body.placedBy, "risk", body.station)));
    await mustBeDurable(centre);
    if (!answer.accepted) throw refusalOfControl(answer);
    const effect = controlEffect(
      config,
      passes,
      body.waybill,
      (lineId) => countNow(scene, lineId, clock.monotonic()),
      desk.isKnown(body.waybill),
    );
    return { cmdId: body.cmdId, accepted: true, effect };
  });

  server.get("/api/controls", () => [...desk.controls()].map(requestOf));

  const ofWaybill = (waybill: string): Pick<Story, "manifest" | "controls"> => ({
    manifest: desk.manifestView(waybill),
    controls: desk.controlsOn(waybill).map(tellControl),
  });

  server.get<{ Params: { waybill: string } }>("/api/parcels/:waybill", (request): Story => {
    const waybill = asPrinted(desk, readParam(zWaybill, request.params, "waybill"));
    const story = {
      waybill,
      ...ofWaybill(waybill),
      passes: passesOf(passes, waybill).map(tellPass),
    };
    const { manifest, controls, passes: told } = story;
    if (manifest === null && controls.length === 0 && told.length === 0) {
      throw new HttpProblem("notFound", "nothing is known of this waybill", "waybill");
    }
    return story;
  });

  server.get<{ Params: { passId: string } }>("/api/passes/:passId", (request): Story => {
    const pass = passes.byId.get(readParam(zId, request.params, "passId"));
    if (pass === undefined) {
      throw new HttpProblem("unknownPass", "nothing is known of this pass", "passId");
    }
    const { waybill } = pass;
    const known = waybill === null ? { manifest: null, controls: [] } : ofWaybill(waybill);
    return { waybill, ...known, passes: [tellPass(pass)] };
  });

  server.get<{ Params: { sha256: string } }>("/api/images/:sha256", async (request, reply) => {
    const bytes = await centre.images.read(readParam(zSha256, request.params, "sha256"));
    if (bytes === null) throw new HttpProblem("notFound", "this image is not held", "sha256");
    // Named by their content, so that what was read once never changes.
    void reply.header("cache-control", "private, max-age=31536000, immutable");
    return reply.type("application/octet-stream").send(Buffer.from(bytes));
  });

  server.get("/api/lines", () =>
    [...scene.lines.values()].map(({ view }) => ({
      id: view.id,
      mode: view.mode,
      state: view.state,
      isHeard: view.isHeard,
      exits: Object.fromEntries(
        Object.entries(view.exits).map(([exit, { count }]) => [exit, { count }]),
      ),
      devices: [...scene.devices.values()]
        .filter((device) => device.lineId === view.id)
        .map(({ id, kind, health, reason }) => ({ id, kind, health, reason })),
    })),
  );
}

/** An officer whose control is not placed must not read it as one that waits. */
function refusalOfControl({ code, field, message }: ActAnswer): HttpProblem {
  if (code === "controlIdReused") {
    return new HttpProblem("cmdIdReused", "this number stands for another control", "cmdId");
  }
  const words = field === null ? `${message}` : `the ${field} ${message}`;
  return new HttpProblem(code === "storeFull" ? "storeFull" : "badField", words, field);
}

/** Nobody is told "accepted" of what a crash could take back. */
async function mustBeDurable(centre: Centre): Promise<void> {
  if (await settled(centre.acts)) return;
  throw new HttpProblem("notJournalled", "the journal did not take it; ask again");
}

/** People type small letters; labels bear capitals, unless the documents say otherwise. */
const asPrinted = (desk: Pick<DocumentDesk, "isKnown">, typed: string): string =>
  desk.isKnown(typed) ? typed : typed.toUpperCase();
