import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { parseJson } from "../../protocols/json-message.ts";
import { zId } from "../../protocols/sorting.ts";
import { timedFaults } from "../faults/plan.ts";
import type { LabLine } from "./lab-line.ts";
import type { LabSite } from "./site.ts";

/** Of the whole site: the OPC UA server that all sorters share. */
const siteFaults = ["sorterServerDown"] as const;

const zFaultRequest = z
  .strictObject({
    name: z.enum([...timedFaults, ...siteFaults]),
    /** Not needed for a fault of the whole site. */
    lineId: zId.optional(),
    durationS: z.number().min(0.1).max(3_600),
  })
  .refine(({ name, lineId }) => isSiteFault(name) || lineId !== undefined, {
    path: ["lineId"],
    message: "is needed for this fault",
  });

/** Two parcels of like length change places on this stretch of a belt that stands. */
const zSwapRequest = z.strictObject({
  lineId: zId,
  fromMm: z.number().min(0),
  toMm: z.number().min(0),
});

const isSiteFault = (name: string): name is (typeof siteFaults)[number] =>
  (siteFaults as readonly string[]).includes(name);

const bodyBytesMax = 4_096;

/** Where the lab's faults are switched from; it exists in the world's process alone. */
export interface ControlEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

type Answer = readonly [status: number, body: unknown];

const refusal = (status: number, field: string | null, message: string): Answer => [
  status,
  { error: status === 404 ? "notFound" : "invalid", field, message },
];

const notJson = refusal(400, null, "the body is not JSON");

function invalid({ issues: [issue] }: z.ZodError): Answer {
  return refusal(400, issue?.path.join(".") ?? null, issue?.message ?? "is not understood");
}

const lineOf = ({ lines }: LabSite, lineId: string | undefined): LabLine | undefined =>
  lines.find((each) => each.lineId === lineId);
const noLine = (lineId = ""): Answer => refusal(404, "lineId", `there is no line ${lineId}`);

function swapOn(site: LabSite, body: unknown): Answer {
  const parsed = zSwapRequest.safeParse(body);
  if (!parsed.success) return invalid(parsed.error);
  const { lineId, fromMm, toMm } = parsed.data;
  const line = lineOf(site, lineId);
  if (line === undefined) return noLine(lineId);
  const { hands, machinery } = line.world;
  if (machinery.belt().isRunning) return refusal(409, "lineId", `the belt of ${lineId} runs`);
  const pair = hands.swapAlike(fromMm, toMm);
  if (pair === null) return refusal(409, "fromMm", "no two parcels there are alike");
  return [202, { lineId, swapped: pair.map(({ truthId, lengthMm }) => ({ truthId, lengthMm })) }];
}

/**
 * On loopback: `GET /faults` lists what can be broken and what is; `POST /faults` breaks one thing
 * for a while; `POST /swaps` is a hand that exchanges two parcels; `GET /status` counts what the lab
 * did. Bodies and answers are JSON.
 */
export async function serveControl(site: LabSite, port: number): Promise<ControlEndpoint> {
  let serverDown: NodeJS.Timeout | null = null;

  const breakSite = (durationS: number): Answer => {
    const { opcua } = site;
    if (opcua === null) return refusal(409, "name", "the sorters of this site are not on OPC UA");
    if (serverDown !== null) return refusal(409, "name", "the server is down already");
    const stopped = opcua.stop();
    serverDown = setTimeout(() => {
      serverDown = null;
      void stopped.then(() => opcua.start());
    }, durationS * 1_000);
    return [202, { broken: "sorterServerDown", durationS }];
  };

  const breakOne = (body: unknown): Answer => {
    const parsed = zFaultRequest.safeParse(body);
    if (!parsed.success) return invalid(parsed.error);
    const { name, lineId, durationS } = parsed.data;
    if (isSiteFault(name)) return breakSite(durationS);
    const line = lineOf(site, lineId);
    if (line === undefined) return noLine(lineId);
    if (!line.faults.breakFor(name, durationS * 1_000)) {
      return refusal(409, "name", `${lineId ?? ""} has no switch for ${name}`);
    }
    return [202, { broken: name, lineId, durationS }];
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    switch (`${request.method ?? ""} ${request.url ?? ""}`) {
      case "GET /faults":
        return [
          200,
          {
            lines: site.lines.map(({ lineId, faults }) => ({
              lineId,
              breakable: faults.breakable(),
              broken: faults.broken(),
            })),
            site: { breakable: siteFaults, broken: serverDown === null ? [] : siteFaults },
          },
        ];
      case "GET /status":
        return [200, site.counters()];
      case "POST /faults": {
        const body = await readJson(request);
        return body === undefined ? notJson : breakOne(body);
      }
      case "POST /swaps": {
        const body = await readJson(request);
        return body === undefined ? notJson : swapOn(site, body);
      }
      default:
        return refusal(404, null, "there is nothing here");
    }
  };

  const server = createServer((request, response) => {
    answerTo(request)
      .catch((error: unknown): Answer => refusal(400, null, String(error)))
      .then((answer) => reply(response, answer))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        if (serverDown !== null) clearTimeout(serverDown);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Undefined for what is no JSON or too long. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > bodyBytesMax) return undefined;
  }
  const parsed = parseJson(text);
  return parsed.kind === "ok" ? parsed.value : undefined;
}

function reply(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
