// Goal: the HTTP interface is what `protocols/ui/http.ts` says, and bad input costs only itself.
// Method: the whole centre on real stores, asked by injection; the line is a journal of facts.
import { hash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { roleHeader } from "../../protocols/actor.ts";
import { setJournalTaken } from "../../edge/centre/page/scene.ts";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import {
  zControlAnswer,
  zControlsAnswer,
  zDecisionAnswer,
  zLinesAnswer,
  zPanel,
  zProblem,
  zStory,
  zTasksAnswer,
} from "../../protocols/ui/http.ts";
import { packmlStateNumbers } from "../../protocols/sorting.ts";
import { beltCount } from "../../protocols/units.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";
import { createHurriedClock } from "../kit/hurried-clock.ts";
import { lastUseful } from "./kit/config.ts";
import {
  claimAnswersIn,
  documentsOf,
  openAgent,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  lookAt,
  until,
  type RunningCentre,
  type TestAgent,
  isReleased,
  recordOf,
} from "./kit/site.ts";

const clock = createHurriedClock();
const li = { officer: "li", station: "desk-1" };
const image = new TextEncoder().encode("an image of two energies");
const imageHash = hash("sha256", image, "hex");
let folder = "";
let link: MemoryLink;
let site: RunningCentre;
let agent: TestAgent;

beforeAll(async () => {
  folder = await temporaryFolder();
  link = createMemoryLink({ clock });
  site = await openCentre({ folder, clock, link });
  agent = openAgent(link, clock, "L1");
  agent.stand("L1", 1_000);
});

afterAll(async () => {
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

const problem = (body: unknown) => zProblem.parse(body);
const xml = (payload: string | Buffer, type = "application/xml") =>
  site.server.inject({
    method: "POST",
    url: "/api/customs/messages",
    headers: { "content-type": type },
    payload,
  });

const size = { length: 420, width: 310, height: 95 };

/** A parcel on L1 with its front inducted at `front`, read, and imaged as suspect. */
async function suspectParcel(passId: string, waybill: string, front: number): Promise<void> {
  agent.stand("L1", front);
  agent.session.image(passId, imageHash, image);
  const box = { x: 1, y: 1, width: 9, height: 9, label: "knife", confidence: 0.8 };
  agent.tell(
    "L1",
    front,
    { kind: "inducted", passId, frontCount: beltCount(front) },
    { kind: "identified", passId, waybill, deviceId: "L1-scanner" },
    { kind: "weighed", passId, weightG: 503, dimensionsMm: size },
    { kind: "imaged", passId, imageHash, itemSequence: 1 },
    { kind: "algorithmAnswered", passId, imageHash, verdict: "suspect", boxes: [box] },
  );
  await until("task", () => site.centre.site.officers.tasks.has(passId));
}

describe("health, lines, metrics", () => {
  test("/healthz says what is missing", async () => {
    await until("heard", () => site.centre.notReadyReasons().length === 1);
    const { status, body } = await site.get("/healthz");
    expect(status).toBe(503);
    expect(body).toEqual({ status: "notReady", reasons: ["agent agent-L2: not heard"] });
    const other = openAgent(link, clock, "L2");
    await until("heard", () => site.centre.notReadyReasons().length === 0);
    expect(await site.get("/healthz")).toEqual({ status: 200, body: { status: "ready" } });
    await other.session.stop();
  });

  test("/api/lines", async () => {
    const lines = zLinesAnswer.parse((await site.get("/api/lines")).body);
    expect(lines.map(({ id }) => id)).toEqual(["L1", "L2"]);
    expect(lines[0]?.exits).toMatchObject({ green: {}, red: {}, inspection: {} });
  });

  test("/api/lines says of which line nothing new is told", async () => {
    const { scene } = site.centre.site;
    setJournalTaken(scene, "L1", false);
    const lines = zLinesAnswer.parse((await site.get("/api/lines")).body);
    setJournalTaken(scene, "L1", true);
    const after = zLinesAnswer.parse((await site.get("/api/lines")).body);
    expect(lines.map(({ conditions }) => conditions[0] ?? null)).toEqual(["journalNotTaken", null]);
    expect(after[0]?.conditions).not.toContain("journalNotTaken");
  });

  test("/metrics is Prometheus text, and can be read twice", async () => {
    await site.server.inject("/metrics");
    const { body, headers } = await site.server.inject("/metrics");
    expect(headers["content-type"]).toMatch(/text\/plain/);
    expect(body).toMatch(/^sortline_centre_count\{part="claims",name="grantedTotal"\} \d+$/m);
    expect(body).toMatch(
      /^sortline_device_receiving\{line="L1",device="L1-xray",kind="xray"\} 0$/m,
    );
    const { state } = site.centre.site.scene.lines.get("L1")!.view;
    expect(body).toContain(`\nsortline_line_state{line="L1"} ${packmlStateNumbers[state]}\n`);
    expect(body).toMatch(/^process_resident_memory_bytes /m);
  });
});

describe("documents in", () => {
  test("customs messages are answered element by element, and make clearance records", async () => {
    await sendDocuments(site, ["99012345678"]);
    const record = await recordOf(site, "99012345678");
    expect(record).toMatchObject({ standing: "releasableIfMachinePassOk" });
  });

  test.each([
    ["not XML", "hello", 400],
    ["empty", "", 400],
    ["not UTF-8", Buffer.from([0x3c, 0xff, 0xfe, 0x3e]), 400],
  ])("%s is a problem, not a crash", async (_name, payload, status) => {
    const response = await xml(payload);
    expect([status, 415, 422]).toContain(response.statusCode);
    expect(zProblem.safeParse(response.json()).error).toBeUndefined();
  });

  test.each([
    "text/xml",
    "text/plain",
    "application/octet-stream",
    "application/xml;charset=utf-8",
  ])("media type %s is read", async (type) => {
    expect((await xml("<x/>", type)).statusCode).not.toBe(415);
  });

  test("in another charset a message is refused, and a receipt in it is doubt", async () => {
    await sendDocuments(site, ["99012345679"]);
    const { xmls } = documentsOf(["99012345679"]);
    const [, orderNo = ""] = /<ceb:orderNo>([^<]*)/.exec(xmls.join("")) ?? [];
    const receipt = `<InventoryReturn><orderNo>${orderNo}</orderNo><returnStatus>500</returnStatus></InventoryReturn>`;
    const response = await xml(receipt, "application/xml; charset=GBK");
    expect([response.statusCode, problem(response.json())]).toEqual([
      415,
      {
        error: "badMediaType",
        field: "content-type",
        message: "the only charset is utf-8; it came as GBK",
      },
    ]);
    const record = await recordOf(site, "99012345679");
    expect(record).toMatchObject({
      reasons: [{ code: "receiptUnread", params: { status: "500" } }],
    });
    const kept = site.refused.list().map(({ code, field }) => ({ code, field }));
    expect(kept).toContainEqual({ code: "badMediaType", field: "content-type" });
  });

  test("another media type is refused by name", async () => {
    const response = await xml("{}", "application/json");
    expect([response.statusCode, problem(response.json()).error]).toEqual([415, "badMediaType"]);
  });

  test("a message that is too long is refused", async () => {
    const response = await xml(Buffer.alloc(9 * 1024 * 1024, 0x20));
    expect([response.statusCode, problem(response.json()).error]).toEqual([413, "tooLarge"]);
  });

  const accept = (change: object) =>
    site.post("/api/carrier/acceptances", {
      acceptanceId: "ACC-1",
      carrierCode: "3202W6K001",
      waybill: "99012340099",
      weightG: 500,
      pieces: 1,
      acceptedAt: 1_000,
      ...change,
    });

  test.each([
    ["acceptanceId", { acceptanceId: "a b" }],
    ["carrierCode", { carrierCode: " " }],
    ["carrierCode", { carrierCode: "顺丰" }],
  ])("an acceptance names its wrong field: %s", async (field, change) => {
    const { status, body } = await accept(change);
    expect([status, problem(body).field]).toEqual([400, field]);
  });

  test("an acceptance's number stands for one parcel; one from the future is none", async () => {
    expect(await accept({})).toMatchObject({ status: 200, body: { outcome: "parked" } });
    expect(await accept({})).toMatchObject({ status: 200, body: { outcome: "repeated" } });
    const refused = { accepted: false, outcome: "refused" };
    expect(await accept({ pieces: 2 })).toMatchObject({
      status: 422,
      body: { ...refused, reason: expect.stringMatching(/^acceptanceIdReused: pieces /) as string },
    });
    const acceptedAt = clock.wall() + 25 * 3_600_000;
    expect(await accept({ acceptanceId: "ACC-2", acceptedAt })).toMatchObject({
      status: 422,
      body: { ...refused, reason: expect.stringMatching(/^timeAhead: acceptedAt /) as string },
    });
  });
});

describe("S8: stories", () => {
  test("of a waybill and of a pass, with the manifest", async () => {
    await sendDocuments(site, ["99012340001"]);
    await suspectParcel("L1.s.1", "99012340001", 100_000);
    const story = zStory.parse((await site.get("/api/parcels/99012340001")).body);
    expect(story.manifest?.waybill).toBe("99012340001");
    expect(story.passes[0]?.timeline.map(({ fact }) => fact.kind)).toContain("algorithmAnswered");
    const same = zStory.parse((await site.get("/api/passes/L1.s.1")).body);
    expect(same.passes).toEqual(story.passes);
  });

  test.each([
    ["/api/parcels/NOBODY-KNOWS", 404, "notFound", "waybill"],
    ["/api/parcels/x", 400, "badField", "waybill"],
    ["/api/passes/nope", 404, "unknownPass", "passId"],
    ["/api/passes/a%20b", 400, "badField", "passId"],
    ["/api/images/zz", 400, "badField", "sha256"],
    [`/api/images/${"0".repeat(64)}`, 404, "notFound", "sha256"],
    ["/api/nothing", 404, "notFound", null],
  ])("%s: %i", async (path, status, error, field) => {
    const answer = await site.get(path);
    expect(answer.status).toBe(status);
    expect(problem(answer.body)).toMatchObject({ error, field });
  });

  test("an image is its bytes, for ever", async () => {
    await until("image", () => site.centre.images.has(imageHash));
    const response = await site.server.inject(`/api/images/${imageHash}`);
    expect(new Uint8Array(response.rawPayload)).toEqual(image);
    expect(response.headers["cache-control"]).toMatch(/immutable/);
  });
});

test("ZJG-44: a still of a parcel that is gone stands in its story, and a browser is told what it is", async () => {
  const still = drawStill({ label: "RB123456785GB", number: 1 });
  const sha256 = hash("sha256", still, "hex");
  const passId = "L1.s.still";
  const pictured = { deviceId: "L1-chute", moment: "left", imageHash: sha256, lateMs: 90 } as const;
  agent.tell(
    "L1",
    240_000,
    { kind: "inducted", passId, frontCount: beltCount(200_000) },
    { kind: "left", passId, exit: "inspection", expected: "inspection", count: beltCount(240_000) },
    { kind: "pictured", passId, ...pictured },
  );
  const { imageRequests } = site.centre.site;
  await until("awaited", () => imageRequests.counters().stillsWaiting === 1);
  agent.session.image(passId, sha256, still);
  await until("the still", () => site.centre.images.has(sha256));
  const response = await site.server.inject(`/api/images/${sha256}`);
  expect(response.headers["content-type"]).toBe("image/png");
  expect(new Uint8Array(response.rawPayload)).toEqual(new Uint8Array(still));
  const story = await site.get(`/api/passes/${passId}`);
  expect(JSON.stringify(story.body)).toContain(
    JSON.stringify({ kind: "pictured", passId, ...pictured }),
  );
});

describe("S9: officers", () => {
  test("task, lock, decision, and the line is told", async () => {
    await sendDocuments(site, ["99012340002"]);
    await suspectParcel("L1.s.2", "99012340002", 200_000);
    const tasks = zTasksAnswer.parse((await site.get("/api/officer/tasks")).body);
    expect(tasks.find(({ taskId }) => taskId === "L1.s.2")).toMatchObject({
      why: "suspect",
      lastUsefulCount: 200_000 + lastUseful,
    });
    const locked = await site.post("/api/officer/tasks/L1.s.2/lock", li);
    const panel = zPanel.parse(locked.body);
    expect(panel).toMatchObject({ imageHash, weightG: 503, manifest: { waybill: "99012340002" } });
    expect(panel.dimensionsMm).toEqual(size);
    const other = await site.post("/api/officer/tasks/L1.s.2/lock", { ...li, officer: "wang" });
    expect([other.status, problem(other.body).error]).toEqual([409, "lockedByOther"]);
    await lookAt(site, "L1.s.2", li);
    const request = {
      cmdId: "cmd-2",
      taskId: panel.taskId,
      passId: panel.passId,
      imageHash,
      decision: "open",
      reason: "suspectObject",
      ...li,
      shownAt: clock.wall() - 3_000,
      decidedAt: clock.wall(),
    };
    const answer = zDecisionAnswer.parse((await site.post("/api/officer/decisions", request)).body);
    expect(answer).toEqual({ cmdId: "cmd-2", accepted: true, why: null });
    await until("verdict", () => agent.down.some(({ kind }) => kind === "officerVerdict"));
    const verdict = agent.down.find((message) => message.kind === "officerVerdict");
    expect(verdict).toMatchObject({ verdict: { verdictId: "cmd-2", decision: "open" } });
    const again = await site.post("/api/officer/decisions", request);
    expect(again.body).toEqual(answer);
  });

  test("a parcel that the algorithm cleared can be looked at by hand", async () => {
    agent.tell(
      "L1",
      250_000,
      { kind: "inducted", passId: "L1.s.3", frontCount: beltCount(250_000) },
      { kind: "imaged", passId: "L1.s.3", imageHash, itemSequence: 2 },
    );
    agent.stand("L1", 250_000);
    await until("pass", () => site.centre.site.passes.byId.get("L1.s.3")?.imageHash === imageHash);
    const opened = await site.post("/api/officer/passes/L1.s.3/task", li);
    expect(opened).toEqual({ status: 200, body: { taskId: "L1.s.3" } });
    const none = await site.post("/api/officer/passes/nobody/task", li);
    expect([none.status, problem(none.body).error]).toEqual([404, "unknownPass"]);
  });

  test.each([
    [{}, "cmdId"],
    [{ cmdId: "c", decision: "burn" }, "taskId"],
  ])("a decision without its fields names the first: %j", async (body, field) => {
    const { status, body: answer } = await site.post("/api/officer/decisions", body);
    expect([status, problem(answer).field]).toEqual([400, field]);
  });

  test("open and review need a reason; an unknown key is named", async () => {
    const request = {
      cmdId: "c9",
      taskId: "t",
      passId: "p",
      imageHash,
      decision: "open",
      reason: null,
      ...li,
      shownAt: 1,
      decidedAt: 1_000,
    };
    expect(problem((await site.post("/api/officer/decisions", request)).body).field).toBe("reason");
    const extra = { ...request, admin: true };
    expect(problem((await site.post("/api/officer/decisions", extra)).body).field).toBe("admin");
  });

  test("a decision from before it was shown names its field, one without a lock is not taken", async () => {
    await suspectParcel("L1.s.4", "99012340004", 300_000);
    const request = {
      cmdId: "c10",
      taskId: "L1.s.4",
      passId: "L1.s.4",
      imageHash,
      decision: "release",
      reason: null,
      ...li,
      shownAt: clock.wall() - 3_000,
      decidedAt: clock.wall(),
    };
    const before = { ...request, decidedAt: request.shownAt - 1 };
    const refused = await site.post("/api/officer/decisions", before);
    expect([refused.status, problem(refused.body).field]).toEqual([400, "decidedAt"]);
    const answer = await site.post("/api/officer/decisions", request);
    expect(answer.body).toMatchObject({ accepted: false, why: "notLocked" });
  });

  test("a lock request that is no JSON is a bad request", async () => {
    const response = await site.server.inject({
      method: "POST",
      url: "/api/officer/tasks/L1.s.2/lock",
      headers: { "content-type": "application/json" },
      payload: "{",
    });
    expect([response.statusCode, problem(response.json()).error]).toEqual([400, "badRequest"]);
  });
});

describe("S10: manual control", () => {
  const place = async (cmdId: string, waybill: string) => {
    const body = { cmdId, waybill, reason: "tip", placedBy: "zhao", station: "risk-1" };
    return zControlAnswer.parse((await site.post("/api/controls", body)).body);
  };

  test("closes the record at once and is listed", async () => {
    await sendDocuments(site, ["99012340005"]);
    expect(await place("k5", "99012340005")).toEqual({
      cmdId: "k5",
      accepted: true,
      effect: "waiting",
      confirmed: [],
      unconfirmed: [],
      cannotRelease: [],
    });
    expect((await recordOf(site, "99012340005"))?.reasons[0]?.code).toBe("manualControl");
    const listed = zControlsAnswer.parse((await site.get("/api/controls")).body);
    expect(listed).toMatchObject([{ cmdId: "k5", waybill: "99012340005", placedBy: "zhao" }]);
    expect((await place("k5", "99012340005")).accepted).toBe(true);
    expect(zControlsAnswer.parse((await site.get("/api/controls")).body)).toHaveLength(1);
  });

  test("a number that no documents have named is taken, and told to be checked", async () => {
    expect(await place("k9", "99012349999")).toMatchObject({
      accepted: true,
      effect: "undocumented",
    });
  });

  test("PF-22: at its last useful count it is on the belt, one count later it must be fetched", async () => {
    await suspectParcel("L1.s.6", "99012340006", 300_000);
    const passed = (count: number) => () =>
      site.centre.site.scene.lines.get("L1")?.view.motion.count === count;
    agent.stand("L1", 300_000 + lastUseful);
    await until("motion", passed(300_000 + lastUseful));
    expect((await place("k6", "99012340006")).effect).toBe("onBelt");
    agent.stand("L1", 300_000 + lastUseful + 1);
    await until("motion", passed(300_000 + lastUseful + 1));
    expect((await place("k7", "99012340006")).effect).toBe("intercept");
  });

  test("a parcel that was on the belt when its line was started anew must be looked for", async () => {
    await suspectParcel("L1.s.9", "99012340009", 400_000);
    agent.tell("L1", 0, {
      kind: "sessionOpened",
      epoch: "e9",
      configHash: "0".repeat(64),
      logicVersion: "1",
    });
    await until("ended", () => site.centre.site.passes.byId.get("L1.s.9")?.isEnded === true);
    expect((await place("k10", "99012340009")).effect).toBe("unseen");
  });

  test("one more on a waybill than are kept is a problem, and no control that waits", async () => {
    for (let index = 0; index < 20; index += 1) {
      expect((await place(`full-${index}`, "99012340077")).accepted).toBe(true);
    }
    const body = { waybill: "99012340077", reason: "tip", placedBy: "zhao", station: "risk-1" };
    const answer = await site.post("/api/controls", { cmdId: "full-20", ...body });
    expect(answer.status).toBe(507);
    expect(problem(answer.body)).toEqual({
      error: "storeFull",
      field: "waybill",
      message: "the waybill has 20 controls, the most kept",
    });
    expect((await place("full-0", "99012340077")).accepted).toBe(true);
  });

  test("the story of a waybill that nobody has declared, tells of the control that is held on it", async () => {
    const control = { waybill: "99012340088", reason: "tip", placedBy: "zhao", station: "risk-1" };
    const first = { placedBy: "zhao", station: "risk-1", reason: "tip" };
    await site.post("/api/controls", { cmdId: "s1", ...control });
    expect(await site.get("/api/parcels/99012340088", "officer")).toEqual({
      status: 200,
      body: { waybill: "99012340088", manifest: null, controls: [first], passes: [] },
    });
    await site.post("/api/controls", { cmdId: "s2", ...control, reason: "another tip" });
    await suspectParcel("L1.s.88", "99012340088", 120_000);
    const story = zStory.parse((await site.get("/api/passes/L1.s.88", "officer")).body);
    expect(story.controls).toEqual([first, { ...first, reason: "another tip" }]);
    expect(zStory.parse((await site.get("/api/passes/L1.s.1", "officer")).body).controls).toEqual(
      [],
    );
  });

  test("who handles parcels is told neither of controls nor of draws, by waybill or by pass (law 18)", async () => {
    const waybill = "99012340089";
    const seenAs = async (role: string | undefined, path: string) => {
      const headers = role === undefined ? {} : { [roleHeader]: role };
      const answer = await site.server.inject({ url: path, headers });
      return { status: answer.statusCode, text: answer.body };
    };
    const control = { waybill, reason: "tip of Zhao", placedBy: "zhao", station: "risk-1" };
    await site.post("/api/controls", { cmdId: "h1", ...control });
    const byWaybill = `/api/parcels/${waybill}`;
    // That there is a control on it would be told by the answer alone.
    expect((await seenAs("floor", byWaybill)).status).toBe(404);

    await sendDocuments(site, [waybill]);
    // Nor by the state of its manifest: another one like it, without a control, has the same.
    const free = "99012340090";
    await sendDocuments(site, [free]);
    const stateAs = async (role: string | undefined, of: string): Promise<string | undefined> =>
      zStory.parse((await site.get(`/api/parcels/${of}`, role)).body).manifest?.state;
    const stateOfFree = await stateAs("officer", free);
    expect(await stateAs("officer", waybill)).toBe("CONTROLLED");
    for (const role of ["floor", "logistics", undefined]) {
      expect([role, await stateAs(role, waybill)]).toEqual([role, stateOfFree]);
    }
    await suspectParcel("L1.s.89", waybill, 130_000);
    const manual = { code: "manualControl", params: { controls: 1, control: "h1" } } as const;
    const drawn = { code: "randomControl", params: { rules: "1" } } as const;
    const reasons = [manual, drawn, { code: "noRead" } as const];
    agent.tell(
      "L1",
      130_001,
      { kind: "reasonRaised", passId: "L1.s.89", reason: manual },
      {
        kind: "decided",
        passId: "L1.s.89",
        exit: "inspection",
        reasons,
        waybill,
        recordVersion: 1,
        imageHash: null,
        rulesVersion: "1",
      },
    );
    await until("decided", () => site.centre.site.passes.byId.get("L1.s.89")?.decided != null);
    const secrets = ["manualControl", "randomControl", "zhao", "Zhao"];
    for (const path of [byWaybill, "/api/passes/L1.s.89"]) {
      for (const role of ["floor", "logistics", undefined]) {
        const { status, text } = await seenAs(role, path);
        expect([status, secrets.filter((each) => text.includes(each))]).toEqual([200, []]);
        expect(zStory.parse(JSON.parse(text)).passes[0]?.outcome.reasons).toEqual([
          { code: "noRead" },
        ]);
      }
      for (const role of ["officer", "risk", "inspector", "auditor"]) {
        const { text } = await seenAs(role, path);
        expect(secrets.filter((each) => !text.includes(each))).toEqual([]);
      }
    }
  });

  test("nobody orders without a name", async () => {
    const body = { cmdId: "k11", waybill: "W0008", reason: "tip", placedBy: " ", station: "s" };
    const answer = await site.post("/api/controls", body);
    expect([answer.status, problem(answer.body).field]).toEqual([400, "placedBy"]);
  });

  test("a reason is not blank", async () => {
    const body = { cmdId: "k8", waybill: "W0008", reason: "  ", placedBy: "z", station: "s" };
    const answer = await site.post("/api/controls", body);
    expect([answer.status, problem(answer.body).field]).toEqual([400, "reason"]);
  });
});

describe("law 1: claims over the link", () => {
  const claim = async (lineAgent: TestAgent, lineId: string, passId: string, waybill: string) => {
    const answers = () => claimAnswersIn(lineAgent.down).filter((each) => each.passId === passId);
    const before = answers().length;
    lineAgent.session.claim(lineId, passId, waybill);
    await until("answer", () => answers().length > before);
    return answers().at(-1);
  };

  test("granted once; the second line is refused and both lines see the doubt", async () => {
    const other = openAgent(link, clock, "L2");
    const frontCount = beltCount(300_000);
    agent.tell("L1", frontCount, { kind: "inducted", passId: "L1-c-1", frontCount });
    other.tell("L2", frontCount, { kind: "inducted", passId: "L2-c-1", frontCount });
    await sendDocuments(site, ["99012340010"]);
    expect(await claim(agent, "L1", "L1-c-1", "99012340010")).toMatchObject({ granted: true });
    expect(await claim(other, "L2", "L2-c-1", "99012340010")).toMatchObject({
      granted: false,
      why: "claimedElsewhere",
    });
    const told = (): boolean =>
      agent.down.some(
        (message) =>
          message.kind === "clearance" &&
          message.message.kind === "change" &&
          message.message.records.some(
            ({ waybill, reasons }) =>
              waybill === "99012340010" && reasons.some(({ code }) => code === "claimedElsewhere"),
          ),
      );
    await until("both lines are told", told);
    expect(await claim(agent, "L1", "L1-c-2", "NOBODY-KNOWS")).toMatchObject({
      why: "unknownWaybill",
    });
    // An agent cannot claim for another's line.
    const before = site.centre.counters()["intake"]?.["foreignTotal"] ?? 0;
    other.session.claim("L1", "L1-c-3", "99012340010");
    await until("counted", () => site.centre.counters()["intake"]?.["foreignTotal"] === before + 1);
    await other.session.stop();
  });

  test("law 13: the journalled green decision is the release, and nothing claims it after", async () => {
    await sendDocuments(site, ["99012340011"]);
    await claim(agent, "L1", "L1-c-4", "99012340011");
    const passId = "L1-c-4";
    agent.tell(
      "L1",
      400_000,
      { kind: "inducted", passId, frontCount: beltCount(400_000) },
      {
        kind: "decided",
        passId,
        exit: "green",
        reasons: [],
        waybill: "99012340011",
        recordVersion: (await recordOf(site, "99012340011"))?.version ?? null,
        imageHash,
        rulesVersion: "r",
      },
    );
    await until("released", () => isReleased(site, "99012340011"));
    const green = (): number =>
      site.centre.site.scene.lines.get("L1")?.view.exits.green.count ?? -1;
    const before = green();
    const left = { exit: "green", expected: "green", count: beltCount(431_000) } as const;
    agent.tell("L1", 431_000, { kind: "left", passId, ...left });
    await until("counted", () => green() === before + 1);
    expect(await claim(agent, "L1", "L1-c-5", "99012340011")).toMatchObject({
      why: "alreadyReleased",
    });
    expect(await claim(agent, "L1", "L1-c-4", "99012340011")).toMatchObject({ granted: false });
  });
});

describe("who may ask", () => {
  test("headers keep the page to itself", async () => {
    const { headers } = await site.server.inject("/healthz");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'/);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
  });

  test.each([
    [{ host: "evil.example" }, 403],
    [{ host: "localhost:8080", origin: "http://evil.example" }, 403],
    [{ host: "localhost:8080", origin: "http://localhost:9999" }, 403],
    [{ host: "localhost:8080", origin: "null" }, 403],
    [{ host: "localhost:8080", origin: "http://localhost:8080" }, 200],
    [{ host: "127.0.0.1:8080" }, 200],
    [{ host: "[::1]:8080" }, 200],
  ])("%j: %i", async (headers, status) => {
    const response = await site.server.inject({ url: "/api/lines", headers });
    expect(response.statusCode).toBe(status);
    if (status === 403) expect(problem(response.json()).error).toBe("foreignOrigin");
  });
});
