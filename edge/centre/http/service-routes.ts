import { z } from "zod";
import { personRoles } from "../../../protocols/actor.ts";
import { alarmPriority } from "../../../protocols/alarms.ts";
import {
  healthAlarmsMax,
  healthDevicesMax,
  zHealth,
  type HealthAlarms,
  type HealthDevices,
} from "../../../protocols/ui/http.ts";
import type { AlarmView, DeviceView } from "../../../protocols/ui/scene.ts";
import { deviceReasonLogText } from "../../../protocols/words/device-reason.ts";
import type { RouteParts } from "./document-routes.ts";
import { createCentreMetrics } from "./metrics.ts";
import { HttpProblem, quotedCharsMax } from "./problems.ts";
import { asksNothing, fileAnswer, jsonAnswer, route, textAnswer, type Route } from "./route.ts";
import { attachSocket, socketPath } from "./socket-route.ts";

/** What machines ask that watch over this one. */
export function healthRoutes(
  { centre, bugs, refused }: RouteParts,
  problemCounts: ReadonlyMap<string, number>,
): readonly Route[] {
  const registry = createCentreMetrics(centre, refused, problemCounts);
  return [
    route({
      ...asksNothing,
      method: "GET",
      path: "/healthz",
      id: "health",
      summary: "Whether the centre may be relied on now.",
      whoMay: "public",
      answers: {
        200: jsonAnswer("It may.", zHealth),
        503: jsonAnswer("It may not, and why.", zHealth),
      },
      problems: [],
      handle: () => {
        const reasons = centre.notReadyReasons();
        // A bug that the centre has outlived keeps nobody from using it, but somebody has to see it.
        const doubt = centre.site.desk.calendarDoubt();
        const timeBreaks = centre.site.alarms.linesWith("timeBreak");
        const linkRefused = centre.linkRefused();
        const alarms = gravest(centre.site.scene.alarms.values());
        const devices = spokenOf(centre.site.scene.devices.values());
        const storage = centre.storageWarnings();
        const lineDevices = centre.lineDeviceWarnings();
        const seen = {
          ...(bugs.summary().total === 0 ? {} : { bugs: bugs.summary() }),
          ...(doubt === null ? {} : { calendar: doubt }),
          ...(timeBreaks.length === 0 ? {} : { timeBreaks: [...timeBreaks] }),
          ...(alarms.length === 0 ? {} : { alarms }),
          ...(devices.length === 0 ? {} : { devices }),
          ...(linkRefused === null ? {} : { linkRefused }),
          ...(storage.length === 0 ? {} : { storage: [...storage] }),
          ...(lineDevices.length === 0 ? {} : { lineDevices: [...lineDevices] }),
        };
        return reasons.length === 0
          ? { status: 200, body: { status: "ready" as const, ...seen } }
          : { status: 503, body: { status: "notReady" as const, reasons: [...reasons], ...seen } };
      },
    }),
    route({
      ...asksNothing,
      method: "GET",
      path: "/metrics",
      id: "metrics",
      summary: "Counters and gauges for Prometheus.",
      whoMay: "public",
      answers: { 200: textAnswer("Prometheus text.", registry.contentType) },
      problems: [],
      handle: async () => ({ status: 200, body: await registry.metrics() }),
    }),
  ];
}

function gravest(alarms: Iterable<AlarmView>): HealthAlarms {
  return [...alarms]
    .sort((one, other) => alarmPriority(one.code) - alarmPriority(other.code))
    .slice(0, healthAlarmsMax)
    .map(({ lineId, code, params, at }) => ({ lineId, code, params, at }));
}

/** That a line's agent is silent is told of the line, not once more of each of its devices. */
function spokenOf(devices: Iterable<DeviceView>): HealthDevices {
  return [...devices]
    .flatMap(({ id, lineId, health, reason }) =>
      reason === null || reason.code === "agentNotHeard"
        ? []
        : [{ id, lineId, health, why: deviceReasonLogText(reason) }],
    )
    .slice(0, healthDevicesMax);
}

/** The document of this interface, of which it is a part itself. */
export const documentRoute = (openApi: () => Readonly<Record<string, unknown>>): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: "/openapi.json",
    id: "describe",
    summary: "This document.",
    whoMay: "public",
    answers: { 200: jsonAnswer("OpenAPI 3.1.", z.record(z.string(), z.unknown())) },
    problems: [],
    handle: () => ({ status: 200, body: { ...openApi() } }),
  });

export const socketRoute = ({ centre, clock, log }: RouteParts): Route =>
  route({
    ...asksNothing,
    method: "GET",
    path: socketPath,
    id: "openSocket",
    summary: "The live scene over a WebSocket; asked without an upgrade it says so.",
    whoMay: personRoles,
    answers: {},
    problems: ["upgradeRequired"],
    onSocket: (socket, { role }) => attachSocket(socket, role, { hub: centre.hub, clock, log }),
    handle: () => new HttpProblem("upgradeRequired", "a WebSocket is opened here", "upgrade"),
  });

/** The page's own addresses: whoever opens or reloads one gets the page, which then reads it. */
export const pageRoutes = (): readonly Route[] => {
  const page = { 200: fileAnswer("The page.", "text/html") };
  const facts = { ...asksNothing, method: "GET", whoMay: "public", isDocumented: false } as const;
  const summary = "The page.";
  return [
    ...["/", "/index.html", "/officer"].map((path) =>
      route({
        ...facts,
        path,
        id: `page ${path}`,
        summary,
        answers: page,
        problems: [],
        handle: () => ({ status: 200, body: "index.html" }),
      }),
    ),
    route({
      ...facts,
      path: "/parcel/{waybill}",
      id: "page of a parcel",
      summary,
      params: z.object({ waybill: z.string() }),
      answers: page,
      problems: [],
      handle: () => ({ status: 200, body: "index.html" }),
    }),
    route({
      ...facts,
      path: "/{*}",
      id: "file of the page",
      summary: "A file of the page.",
      params: z.object({ "*": z.string() }),
      answers: { 200: fileAnswer("The file.", "application/octet-stream") },
      problems: ["notFound"],
      handle: ({ params }) => {
        const name = params["*"];
        // No file system has such a name, and the reader of files would call it a bad request.
        if (name.includes("\0")) {
          const asked = `/${encodeURIComponent(name)}`.slice(0, quotedCharsMax);
          return new HttpProblem("notFound", `there is no GET ${asked}`);
        }
        return { status: 200, body: name };
      },
    }),
  ];
};
