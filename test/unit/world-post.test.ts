/**
 * Goal: the lab's documents reach a centre that comes and goes, and its faults are switched from a
 * small endpoint that refuses nonsense by name. Method: real HTTP on loopback, with a centre that
 * answers as asked and a site of which only the switches are looked at.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createSystemClock } from "../../simulators/clock/system-clock.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createLineFaults } from "../../simulators/faults/faults.ts";
import { createCentrePost } from "../../simulators/site/centre-post.ts";
import { serveControl, type ControlEndpoint } from "../../simulators/site/control-endpoint.ts";
import type { LabSite } from "../../simulators/site/site.ts";
import { quietScenario } from "../../simulators/scenarios/options.ts";
import { createParcelStream, type DocumentPlan } from "../../simulators/scenarios/parcel-stream.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";

let server: Server | null = null;
let control: ControlEndpoint | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  await control?.close();
  control = null;
});

const plansOf = (count: number): DocumentPlan[] => {
  const stream = createParcelStream({
    seed: 1,
    lineIndex: 0,
    scenario: quietScenario,
    beltSpeedMmPerS: 1_000,
  });
  return Array.from({ length: count }, () => stream.next().documents!);
};

/** A centre that takes everything, or fails while `isDown()`. */
async function serveCentre(isDown: () => boolean, refuses = "") {
  const got: string[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      if (isDown()) return void response.writeHead(503).end("closed");
      response.setHeader("content-type", "application/json");
      if (request.url === "/api/carrier/acceptances") {
        const { acceptanceId } = JSON.parse(body) as { acceptanceId: string };
        got.push("acceptance");
        const answer = { acceptanceId, accepted: true, outcome: "activated", reason: null };
        return void response.end(JSON.stringify(answer));
      }
      const type = /CEB\d+/.exec(body)?.[0] ?? "?";
      const guids = [...body.matchAll(/<ceb:guid>([^<]+)/g)].map(([, guid]) => guid);
      got.push(`${type} ${guids.length}`);
      const accepted = type !== refuses;
      const reason = accepted ? null : `fieldMissing: element 12 of ${type}`;
      const results = guids.map((guid) => ({ guid, accepted, reason, code: null, field: null }));
      return void response.end(JSON.stringify({ results }));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { got, centreUrl: `http://127.0.0.1:${port}` };
}

function createPost(centreUrl: string, customsReleases = false) {
  const reaches: (string | null)[] = [];
  const refusals: string[] = [];
  const post = createCentrePost({
    centreUrl,
    seed: 1,
    clock: createSystemClock({ speed: 100 }),
    customsReleases,
    onRefused: (reason) => refusals.push(reason),
    onReach: (why) => reaches.push(why),
  });
  return { post, reaches, refusals };
}

const eventually = async (isTrue: () => boolean): Promise<void> => {
  const until = Date.now() + 5_000;
  while (!isTrue() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isTrue()).toBe(true);
};

describe("documents on their way to the centre", () => {
  test("go in the order in which they come about, the acceptance last (ZJG-17)", async () => {
    const { got, centreUrl } = await serveCentre(() => false);
    const { post } = createPost(centreUrl);
    const [plan] = plansOf(1);
    await post.send(plan!);
    expect(got).toEqual(["CEB303 1", "CEB403 1", "CEB505 1", "CEB603 1", "acceptance"]);
  });

  test("are sent together when many wait, and without an acceptance that never comes", async () => {
    const { got, centreUrl } = await serveCentre(() => false);
    const { post } = createPost(centreUrl);
    const plans = plansOf(30).map((plan, index) => ({ ...plan, isAccepted: index > 4 }));
    await Promise.all(plans.map((plan) => post.send(plan)));
    expect(got.filter((what) => what === "acceptance")).toHaveLength(25);
    expect(got.length).toBeLessThan(25 + 3 * 4);
    expect(post.counters()).toMatchObject({ parcelsSent: 30, parcelsLost: 0 });
  });

  test("wait for a centre that is away, while their parcels do not", async () => {
    let isDown = true;
    const { got, centreUrl } = await serveCentre(() => isDown);
    const { post, reaches } = createPost(centreUrl);
    await Promise.all(plansOf(3).map((plan) => post.send(plan)));
    expect(got).toEqual([]);
    expect(reaches).toEqual([expect.stringContaining("503")]);
    isDown = false;
    await eventually(() => post.counters().parcelsSent === 3);
    expect(reaches.at(-1)).toBeNull();
    post.stop();
  });

  test("that are refused are counted, and each kind is told of once", async () => {
    const { centreUrl } = await serveCentre(() => false, "CEB403");
    const { post, refusals } = createPost(centreUrl);
    await Promise.all(plansOf(5).map((plan) => post.send(plan)));
    expect(post.counters().elementsRefused).toBe(5);
    expect(refusals).toEqual(["fieldMissing: element 12 of CEB403"]);
  });

  test("are followed by customs' receipts when asked for", async () => {
    const { got, centreUrl } = await serveCentre(() => false);
    const { post } = createPost(centreUrl);
    const [plan] = plansOf(1);
    await post.send(plan!);
    await post.sendReceipt(plan!, 500);
    expect(got.at(-1)).toBe("CEB604 1");
    const [, , stranger] = plansOf(3);
    await post.sendReceipt(stranger!, 500);
    expect(post.counters().receiptsSent).toBe(1);
  });

  test("of plain goods are released by customs where the site's authority is customs", async () => {
    const { got, centreUrl } = await serveCentre(() => false);
    const { post } = createPost(centreUrl, true);
    const plain = plansOf(20).find((plan) => plan.declaration.category === "plain");
    await post.send(plain!);
    expect(got.filter((what) => what.startsWith("CEB604"))).toHaveLength(5);
  });
});

describe("the control endpoint", () => {
  const open = async () => {
    const toggles: boolean[] = [];
    const faults = createLineFaults({
      clock: createVirtualClock(),
      entropy: createSeededEntropy(1, "faults"),
      plan: {},
    });
    faults.start({ scannerSilent: (isOn) => toggles.push(isOn) });
    const belt = { isRunning: false };
    const [one, other] = [
      { truthId: "t1", lengthMm: 300 },
      { truthId: "t2", lengthMm: 301 },
    ];
    const world = {
      machinery: { belt: () => belt },
      hands: { swapAlike: (fromMm: number) => (fromMm < 9_000 ? [one, other] : null) },
    };
    const site = {
      lines: [{ lineId: "L1", faults, world }],
      opcua: null,
      counters: () => ({ onBelt: { L1: 3 } }),
    } as unknown as LabSite;
    control = await serveControl(site, 0);
    const url = `http://127.0.0.1:${control.port}`;
    const post = async (path: string, body: string) => {
      const response = await fetch(`${url}/${path}`, { method: "POST", body });
      return [response.status, await response.json()] as const;
    };
    const send = (body: string) => post("faults", body);
    const swap = (body: object) => post("swaps", JSON.stringify(body));
    return { url, send, swap, belt, toggles };
  };

  test("breaks what it is asked to, and says what is broken", async () => {
    const { url, send, toggles } = await open();
    const asked = { name: "scannerSilent", lineId: "L1", durationS: 30 };
    expect((await send(JSON.stringify(asked)))[0]).toBe(202);
    expect(toggles).toEqual([true]);
    const listed: unknown = await (await fetch(`${url}/faults`)).json();
    expect(listed).toMatchObject({
      lines: [{ lineId: "L1", breakable: ["scannerSilent"], broken: ["scannerSilent"] }],
    });
    expect(await (await fetch(`${url}/status`)).json()).toEqual({ onBelt: { L1: 3 } });
  });

  test("two parcels change places on a belt that stands, and on no other", async () => {
    const { swap, belt } = await open();
    const asked = { lineId: "L1", fromMm: 7_000, toMm: 25_000 };
    expect(await swap(asked)).toEqual([
      202,
      {
        lineId: "L1",
        swapped: [
          { truthId: "t1", lengthMm: 300 },
          { truthId: "t2", lengthMm: 301 },
        ],
      },
    ]);
    expect(await swap({ ...asked, fromMm: 9_000 })).toMatchObject([409, { field: "fromMm" }]);
    expect(await swap({ ...asked, lineId: "L9" })).toMatchObject([404, { field: "lineId" }]);
    expect(await swap({ lineId: "L1" })).toMatchObject([400, { field: "fromMm" }]);
    belt.isRunning = true;
    expect(await swap(asked)).toMatchObject([409, { field: "lineId" }]);
  });

  test.each([
    ["no JSON", "{", 400, null],
    ["another fault", '{"name":"everything","lineId":"L1","durationS":1}', 400, "name"],
    ["no line", '{"name":"scannerSilent","durationS":1}', 400, "lineId"],
    ["another line", '{"name":"scannerSilent","lineId":"L9","durationS":1}', 404, "lineId"],
    ["no time", '{"name":"scannerSilent","lineId":"L1","durationS":0}', 400, "durationS"],
    ["no switch", '{"name":"xrayDown","lineId":"L1","durationS":1}', 409, "name"],
    ["no server", '{"name":"sorterServerDown","durationS":1}', 409, "name"],
    ["too much", `{"name":"${"x".repeat(5_000)}"}`, 400, null],
  ])("refuses %s by name", async (_what, body, status, field) => {
    const { send, toggles } = await open();
    const answer = await send(body);
    expect(answer[0]).toBe(status);
    expect(answer[1]).toMatchObject({ field });
    expect(toggles).toEqual([]);
  });

  test("knows nothing else", async () => {
    const { url } = await open();
    expect((await fetch(`${url}/parcels`)).status).toBe(404);
  });
});
