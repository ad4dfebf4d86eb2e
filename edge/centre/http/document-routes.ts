import { isAllowed, type Actor } from "../../../protocols/actor.ts";
import type { BugRecord } from "../../../protocols/bug.ts";
import { z } from "zod";
import { zAcceptance, zAcceptanceAnswer, zMessageAnswer } from "../../../protocols/ceb/answers.ts";
import { messageBytesMax } from "../../../protocols/ceb/envelope.ts";
import { cebRefusalCodes, refuse, type CebRefusal } from "../../../protocols/ceb/refusals.ts";
import { zWaybill } from "../../../protocols/clearance.ts";
import { isSecret } from "../../../protocols/reasons.ts";
import { zSha256, zId } from "../../../protocols/sorting.ts";
import type { Log } from "../../../protocols/log.ts";
import type { Clock } from "../../../protocols/time.ts";
import {
  zCalendarConfirmation,
  zCalendarConfirmed,
  zControlAnswer,
  zControlRequest,
  zControlsAnswer,
  zLinesAnswer,
  zStory,
  type Story,
} from "../../../protocols/ui/http.ts";
import type { Centre } from "../centre.ts";
import type { CentreConfig } from "../config.ts";
import type {
  AcceptanceTaken,
  ActAnswer,
  IntakeAnswer,
  ManualControl,
  Seen,
  UntakenMessage,
  WaybillStory,
  WaybillView,
} from "../documents/desk.ts";
import { passesOf, tellPass, type PassState } from "../lines/passes.ts";
import {
  controlEffect,
  controlOf,
  requestOf,
  tellControl,
  withoutControls,
} from "../officers/controls.ts";
import type { RefusedMessages } from "../refused-messages.ts";
import { countNow } from "../page/scene.ts";
import { answered, deskProblems, problemOf, type DeskProblem } from "./answered.ts";
import { customsMediaTypes, customsPath } from "./bodies.ts";
import type { RefusalKeeper } from "./keep-refused.ts";
import { createKeptReads } from "./kept-reads.ts";
import { HttpProblem, notJournalled, storiesUnread } from "./problems.ts";
import { asReadable } from "./readable-body.ts";
import { asksNothing, bytesBody, imageAnswer, jsonAnswer, jsonBody, route } from "./route.ts";
import type { Route } from "./route.ts";

export interface RouteParts {
  readonly centre: Centre;
  readonly config: CentreConfig;
  readonly clock: Clock;
  readonly refused: RefusedMessages;
  /** Of the whole process; `/healthz` tells of them. */
  readonly bugs: BugRecord;
  readonly log: Log;
}

const acceptancesPath = "/api/carrier/acceptances";

/** Documents in, from other parties' machines. */
export const senderRoutes = (
  { centre }: RouteParts,
  keeper: Pick<RefusalKeeper, "keepRead">,
): readonly Route[] => [
  route({
    ...asksNothing,
    method: "POST",
    path: customsPath,
    id: "postCustomsMessage",
    summary: "A customs message of the CEB catalogue, in bytes; answered element by element.",
    whoMay: ["sender", "lab"],
    // The desk itself says which message is too long; this only bounds what is read.
    body: bytesBody(customsMediaTypes, messageBytesMax + 1),
    answers: { 200: jsonAnswer("One result an element, in the message's order.", zMessageAnswer) },
    problems: [...deskProblems, "badMediaType", "badRequest", ...cebRefusalCodes],
    named: () => ({ name: "customs", station: "http" }),
    handle: async ({ body, actor, came }) => {
      const { problem, readable, isWhole } = await asReadable(body, came);
      if (!centre.acts.isTaking()) return notJournalled();
      const nothingTaken: UntakenMessage[] = [];
      const onUntaken = (untaken: UntakenMessage): number => nothingTaken.push(untaken);
      const { desk } = centre.site;
      const message = { bytes: readable, by: actor, onUntaken };
      const answer = await answered<IntakeAnswer>((then) => {
        if (problem === null) desk.takeCustomsMessage(message, then);
        else desk.refuseCustomsMessage(message, refusalOf(problem), then);
      });
      const bytesTotal = Math.max(came.bytesTotal, body.length);
      const isUnread =
        !isWhole ||
        nothingTaken.some((untaken) => untaken.isUnread === true) ||
        // Nothing of it was taken, not even as doubt, and sending it again is of no use.
        (answer instanceof HttpProblem && answer.code === "documentsDamaged");
      if (isUnread) centre.unreadMessages.note(bytesTotal);
      // What the journal did not take is sent again, and then it is kept or refused.
      if (answer instanceof HttpProblem && answer.code === "notJournalled") return answer;
      const outcome = answer instanceof HttpProblem ? answer : (problem ?? outcomeOf(answer));
      const of = { nothingTaken, outcome, path: customsPath, isUnread };
      await keepAll(keeper, { ...of, bytes: body, bytesTotal });
      return outcome;
    },
  }),
  route({
    ...asksNothing,
    method: "POST",
    path: acceptancesPath,
    id: "postAcceptance",
    summary: "A carrier has taken a parcel over.",
    whoMay: ["sender", "lab"],
    body: jsonBody(zAcceptance),
    answers: {
      200: jsonAnswer("Taken: activated, parked, or known already.", zAcceptanceAnswer),
      422: jsonAnswer("Read, and refused with the reason.", zAcceptanceAnswer),
    },
    problems: [...deskProblems],
    named: ({ carrierCode }) => ({ name: carrierCode, station: "http" }),
    handle: async ({ body, bytes, actor }) => {
      if (!centre.acts.isTaking()) return notJournalled();
      const { desk } = centre.site;
      const taken = await answered<AcceptanceTaken>((then) =>
        desk.takeAcceptance(body, actor, then),
      );
      if (taken instanceof HttpProblem) return taken;
      const { answer, untaken } = taken;
      if (answer.outcome !== "refused") return { status: 200, body: answer };
      const bytesTotal = bytes.length;
      const path = acceptancesPath;
      const nothingTaken = untaken === null ? [] : [untaken];
      const of = { nothingTaken, outcome: answer, path, isUnread: false };
      await keepAll(keeper, { ...of, bytes, bytesTotal });
      return { status: 422, body: answer };
    },
  }),
];

const refusalOf = ({ problem }: HttpProblem): CebRefusal =>
  refuse("encodingDeclared", problem.field, problem.message);

async function keepAll(
  keeper: Pick<RefusalKeeper, "keepRead">,
  of: {
    readonly nothingTaken: readonly UntakenMessage[];
    readonly outcome: object;
    readonly path: string;
    readonly isUnread: boolean;
    readonly bytes: Uint8Array;
    readonly bytesTotal: number;
  },
): Promise<void> {
  const { path, isUnread, bytes, bytesTotal, outcome } = of;
  const answered = outcome instanceof HttpProblem ? { code: outcome.code } : {};
  for (const { by, ...why } of of.nothingTaken) {
    const sent = { path, sender: by.name, station: by.station, isUnread, bytes, bytesTotal };
    await keeper.keepRead(outcome, { ...why, ...answered, ...sent });
  }
}

function outcomeOf(answer: IntakeAnswer) {
  if (answer.kind === "results") {
    return { status: 200 as const, body: { results: [...answer.results] } };
  }
  const { code, message, field } = answer.refusal;
  return new HttpProblem(code, `message ${message}`, field ?? "body");
}

/** Who may know what is controlled and drawn: whoever handles parcels or declares them may not. */
const whoSeesControls = [
  "risk",
  "officer",
  "inspector",
  "reviewer",
  "supervisor",
  "auditor",
  "lab",
] as const;
/** Every person; one who names no role is taken in the first, which is told least. */
const whoSeesStories = ["floor", "logistics", ...whoSeesControls] as const;

/** Manual control of one waybill. */
export function controlRoutes({ centre, config, clock }: RouteParts): readonly Route[] {
  const { desk, passes, scene, stories } = centre.site;
  const isAllKept = createKeptReads(centre.acts, clock);
  return [
    route({
      ...asksNothing,
      method: "POST",
      path: "/api/controls",
      id: "placeControl",
      summary: "Places a manual control on one waybill, known or not.",
      whoMay: ["risk", "officer", "supervisor", "lab"],
      body: jsonBody(zControlRequest),
      answers: { 200: jsonAnswer("Placed, and what it can still do.", zControlAnswer) },
      problems: ["cmdIdReused", "storeFull", "badField", ...deskProblems],
      named: ({ placedBy, station }) => ({ name: placedBy, station }),
      handle: async ({ body, actor }) => {
        const { waybill } = body;
        if (!centre.acts.isTaking()) return notJournalled();
        const answer = await answered<ActAnswer>((then) =>
          desk.placeControl(controlOf(body, actor), then),
        );
        if (answer instanceof HttpProblem) return answer;
        if (!answer.accepted) return refusalOfControl(answer);
        // Beside what the lines answer: the page waits three seconds for all of it.
        const reading = stories.whenRead();
        const heldBack = await centre.doubts.heldBack(waybill);
        const view = await new Promise<WaybillView | null>((then) => desk.look(waybill, then));
        const isDocumented = view !== null && view.manifest !== null;
        const effect = controlEffect(waybill, {
          config,
          passes,
          countNow: (lineId) => countNow(scene, lineId, clock.monotonic()),
          isDocumented,
          areStoriesRead: await reading,
        });
        return {
          status: 200,
          body: { cmdId: body.cmdId, accepted: true as const, effect, ...heldBack },
        };
      },
    }),
    route({
      ...asksNothing,
      method: "GET",
      path: "/api/controls",
      id: "listControls",
      summary: "Every manual control that is held.",
      whoMay: whoSeesControls,
      answers: { 200: jsonAnswer("The controls, oldest first.", zControlsAnswer) },
      problems: [...deskProblems],
      handle: async () => {
        const controls = await answered<readonly ManualControl[]>((then) => desk.controls(then));
        if (controls instanceof HttpProblem) return controls;
        if (!(await isAllKept())) return notJournalled();
        return { status: 200, body: controls.map(requestOf) };
      },
    }),
  ];
}

/** A person's word on what day it is; without one an hour of steadiness has to do. */
export const calendarRoutes = ({ centre, clock }: RouteParts): readonly Route[] => [
  route({
    ...asksNothing,
    method: "POST",
    path: "/api/calendar/confirmations",
    id: "confirmCalendar",
    summary: "The centre's calendar is right: dates count again, and waits may end.",
    whoMay: ["supervisor", "lab"],
    body: jsonBody(zCalendarConfirmation),
    answers: { 200: jsonAnswer("Confirmed, or proved already.", zCalendarConfirmed) },
    problems: [...deskProblems],
    named: ({ confirmedBy, station }) => ({ name: confirmedBy, station }),
    handle: async ({ actor }) => {
      const { desk } = centre.site;
      const confirmed = await answered<boolean>((then) => desk.confirmCalendar(actor, then));
      if (confirmed instanceof HttpProblem) return confirmed;
      return { status: 200, body: { confirmed, at: clock.wall() } };
    },
  }),
];

/** Before stories are read the beginning of a pass may be what is missing: see `PassState`. */
const isToldWhole = (pass: PassState | undefined): boolean =>
  pass !== undefined && pass.frontCount !== null;

/** What is known of parcels, passes, images and lines. */
export function storyRoutes({ centre, clock }: RouteParts): readonly Route[] {
  const { desk, passes, stories } = centre.site;
  const isAllKept = createKeptReads(centre.acts, clock);
  const told = async (story: Story) => {
    const isKept = await isAllKept();
    return { status: 200 as const, body: isKept ? story : { ...story, isKept } };
  };
  /** A problem where the documents cannot be read now. */
  const storyFor = async (
    { role }: Actor,
    { waybill, passes: all }: Pick<Story, "waybill" | "passes">,
  ): Promise<Story | DeskProblem> => {
    const isTold = isAllowed(whoSeesControls, role);
    const passesTold = isTold ? all : all.map(withoutControls);
    if (waybill === null) return { waybill, manifest: null, controls: [], passes: passesTold };
    const documents = await new Promise<Seen<WaybillStory>>((then) => desk.story(waybill, then));
    if (documents.kind !== "seen") return problemOf(documents);
    const { value } = documents;
    return {
      waybill,
      ...value.papers(isTold ? undefined : isSecret),
      controls: isTold ? value.controls.map(tellControl) : [],
      passes: passesTold,
    };
  };
  return [
    route({
      ...asksNothing,
      method: "GET",
      path: "/api/parcels/{waybill}",
      id: "tellParcel",
      summary:
        "The story of a waybill: declaration or what stays of it, passes, and controls for who may know of them.",
      whoMay: whoSeesStories,
      params: z.object({ waybill: zWaybill }),
      answers: { 200: jsonAnswer("The story.", zStory) },
      problems: ["notFound", "storiesUnread", ...deskProblems],
      handle: async ({ params, actor }) => {
        const { waybill } = params;
        const areRead = await stories.whenRead();
        // Where they cannot be read `/healthz` says so, and what can be told is told.
        if (!areRead && stories.warnings().length === 0) return storiesUnread();
        const all = passesOf(passes, waybill)
          .filter((pass) => areRead || isToldWhole(pass))
          .map(tellPass);
        const story = await storyFor(actor, { waybill, passes: all });
        if (story instanceof HttpProblem) return story;
        const { manifest, archived, controls } = story;
        const isOfDocuments = manifest !== null || archived !== undefined || controls.length > 0;
        if (!isOfDocuments && all.length === 0) {
          if (!areRead) return storiesUnread();
          return new HttpProblem("notFound", "nothing is known of this waybill", "waybill");
        }
        return told(story);
      },
    }),
    route({
      ...asksNothing,
      method: "GET",
      path: "/api/passes/{passId}",
      id: "tellPass",
      summary: "The story of one pass.",
      whoMay: whoSeesStories,
      params: z.object({ passId: zId }),
      answers: { 200: jsonAnswer("The story.", zStory) },
      problems: ["unknownPass", "storiesUnread", ...deskProblems],
      handle: async ({ params, actor }) => {
        const isTold = (): boolean => isToldWhole(passes.byId.get(params.passId));
        const areRead = isTold() || (await stories.whenRead()) || isTold();
        if (!areRead) return storiesUnread();
        const pass = passes.byId.get(params.passId);
        if (pass === undefined) {
          return new HttpProblem("unknownPass", "nothing is known of this pass", "passId");
        }
        const story = await storyFor(actor, { waybill: pass.waybill, passes: [tellPass(pass)] });
        return story instanceof HttpProblem ? story : told(story);
      },
    }),
    imageRoute(centre),
    linesRoute(centre),
  ];
}

const imageRoute = (centre: Centre): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/images/{sha256}",
    id: "readImage",
    summary: "An image, as the X-ray sent it, or a still, as the camera took it.",
    whoMay: whoSeesStories,
    params: z.object({ sha256: zSha256 }),
    answers: { 200: imageAnswer("The image's bytes.") },
    problems: ["notFound"],
    handle: async ({ params }) => {
      const bytes = await centre.images.read(params.sha256);
      if (bytes === null) return new HttpProblem("notFound", "this image is not held", "sha256");
      // Named by their content, so that what was read once never changes.
      const headers = { "cache-control": "private, max-age=31536000, immutable" };
      return { status: 200, body: bytes, headers };
    },
  });

const linesRoute = ({ site: { scene } }: Centre): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: "/api/lines",
    id: "listLines",
    summary: "Every line with its state, exits and devices.",
    whoMay: whoSeesStories,
    answers: { 200: jsonAnswer("The lines.", zLinesAnswer) },
    problems: [],
    handle: () => ({
      status: 200,
      body: [...scene.lines.values()].map(({ view }) => ({
        id: view.id,
        mode: view.mode,
        state: view.state,
        isHeard: view.isHeard,
        conditions: [...view.conditions],
        exits: {
          green: { count: view.exits.green.count },
          red: { count: view.exits.red.count },
          inspection: { count: view.exits.inspection.count },
        },
        devices: [...scene.devices.values()]
          .filter((device) => device.lineId === view.id)
          .map(({ id, kind, health, reason, clock }) => ({
            id,
            kind,
            health,
            reason,
            ...(clock === undefined ? {} : { clock }),
          })),
      })),
    }),
  });

/** An officer whose control is not placed must not read it as one that waits. */
function refusalOfControl({
  code,
  field,
  message,
}: ActAnswer): HttpProblem<"cmdIdReused" | "storeFull" | "badField"> {
  if (code === "controlIdReused") {
    return new HttpProblem("cmdIdReused", "this number stands for another control", "cmdId");
  }
  const words = field === null ? `${message}` : `the ${field} ${message}`;
  return new HttpProblem(code === "storeFull" ? "storeFull" : "badField", words, field);
}
