// Goal: a disk that hangs or fails under the centre keeps no doubt from the lines, and lets no relief
// and no lease through, on no way (laws 2, 5, 12 and 17, ZJG-25).
// Method: a real centre and agent session, with the journal's answers held back.
import { expect, test } from "vitest";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import type { SessionDown } from "../../edge/link/session-machine.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { passIdOf } from "../../protocols/pass-id.ts";
import { beltCount } from "../../protocols/units.ts";
import { zStory } from "../../protocols/ui/http.ts";
import { createHurriedClock, passed } from "../kit/hurried-clock.ts";
import {
  claimAnswersIn,
  createSlowDisk,
  documentsOf,
  openAgent,
  openCentre,
  recordsIn,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type TestAgent,
  recordOf,
} from "./kit/site.ts";

const waybill = "HB000000014CN";
/** What any message from number `from` on leases at most. */
const leasedOf = ({ down }: TestAgent, from: number): number =>
  Math.max(
    0,
    ...down
      .slice(from)
      .map((message) =>
        message.kind === "clearance" && "leaseMs" in message.message ? message.message.leaseMs : 0,
      ),
  );
const toldOf = ({ down }: TestAgent): readonly ClearanceRecord["standing"][] =>
  down.flatMap(recordsIn).map(({ standing }) => standing);

const passId = passIdOf({ lineId: "L1", epoch: "e1", number: 1 });

/** Its parcel is on the belt, as its journal tells, and its waybill is asked for. */
function claim(agent: TestAgent, asked: string): void {
  agent.tell("L1", 1, { kind: "inducted", passId, frontCount: beltCount(1) });
  agent.session.claim("L1", passId, asked);
}

test("a control reaches the lines before it is durable, and is answered after", async () => {
  const clock = createHurriedClock();
  const folder = await temporaryFolder();
  const link = createMemoryLink({ clock });
  const disk = createSlowDisk();
  const site = await openCentre({ folder, clock, link, disk });
  const agent = openAgent(link, clock, "L1");
  await until("hello", () => agent.down.length > 0);

  await sendDocuments(site, [waybill]);
  claim(agent, waybill);
  await until("a release", () => toldOf(agent).at(-1) === "releasableIfMachinePassOk");

  disk.hang();
  const control = { cmdId: "c1", waybill, reason: "tip", placedBy: "li", station: "risk" };
  const placed = site.post("/api/controls", control);
  let isAnswered = false;
  void placed.then(() => (isAnswered = true));
  await until("the doubt", () => toldOf(agent).at(-1) === "notReleasable");
  expect(isAnswered).toBe(false);
  disk.goOn();
  expect((await placed).status).toBe(200);
  expect(toldOf(agent).at(-1)).toBe("notReleasable");
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

test("an agent that asks for a snapshot of what is not durable gets neither relief nor lease", async () => {
  const clock = createHurriedClock();
  const folder = await temporaryFolder();
  const link = createMemoryLink({ clock });
  const disk = createSlowDisk();
  const site = await openCentre({ folder, clock, link, disk });
  const other = "HB000000015CN";
  await sendDocuments(site, [other]);
  const agent = openAgent(link, clock, "L1");
  await until("a lease", () => leasedOf(agent, 0) > 0);
  // The parcel is here before its papers have come.
  claim(agent, waybill);
  await until("an answer", () => claimAnswersIn(agent.down).length === 1);

  // Agents ask for their snapshots two seconds apart.
  await passed(clock, 2_100);
  disk.hang();
  const { xmls, acceptances } = documentsOf([waybill]);
  const headers = { "content-type": "application/xml" };
  const url = "/api/customs/messages";
  let answersTotal = 0;
  const count = (): void => void (answersTotal += 1);
  for (const payload of xmls) {
    void site.server.inject({ method: "POST", url, headers, payload }).then(count);
  }
  void site.post("/api/carrier/acceptances", acceptances[0]).then(count);
  const standing = async () => (await recordOf(site, waybill))?.standing;
  await until(
    "a release at the centre",
    async () => (await standing()) === "releasableIfMachinePassOk",
  );

  const from = agent.down.length;
  const isEnd = (message: SessionDown): boolean =>
    message.kind === "clearance" && message.message.kind === "snapshotEnd";
  agent.session.snapshotWanted("test");
  await until("the snapshot", () => agent.down.slice(from).some(isEnd));
  // The link comes back: the same is asked for with a hello.
  link.cut("agent-L1");
  link.restore("agent-L1");
  await until("another", () => agent.down.slice(from).filter(isEnd).length === 2);
  expect(agent.down.slice(from).flatMap(recordsIn)).not.toContainEqual(
    expect.objectContaining({ waybill, standing: "releasableIfMachinePassOk" }),
  );
  expect(leasedOf(agent, from)).toBe(0);
  expect(answersTotal).toBe(0);

  disk.goOn();
  await until("a lease", () => leasedOf(agent, from) > 0);
  await until("a release", () => toldOf(agent).at(-1) === "releasableIfMachinePassOk");
  await until("the answers", () => answersTotal === xmls.length + 1);
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

test("law 17: what is read while the disk hangs says that it is not kept yet", async () => {
  const clock = createHurriedClock();
  const folder = await temporaryFolder();
  const disk = createSlowDisk();
  const site = await openCentre({ folder, clock, link: createMemoryLink({ clock }), disk });
  await sendDocuments(site, [waybill]);
  const storyNow = async () =>
    zStory.parse((await site.get(`/api/parcels/${waybill}`, "officer")).body);
  expect(await storyNow()).not.toHaveProperty("isKept");
  expect((await site.get("/api/controls")).status).toBe(200);

  disk.hang();
  const control = { cmdId: "c1", waybill, reason: "tip", placedBy: "li", station: "risk" };
  const placed = site.post("/api/controls", control);
  await until("the control", async () => (await storyNow()).controls.length === 1);
  const story = await storyNow();
  expect(story.controls).toHaveLength(1);
  expect(story.isKept).toBe(false);
  expect((await site.get("/api/controls")).status).toBe(503);

  disk.goOn();
  expect((await placed).status).toBe(200);
  expect(await storyNow()).not.toHaveProperty("isKept");
  await site.stop();
  await removeFolder(folder);
});
