// Goal: no line holds a relief that the disk does not have, also where the commit that brings it fails
// and over a restart (laws 12 and 17). Method: a real centre on SQLite and an agent's real session; a
// disk that fails what it gets, before it is written or behind it.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryLink, type MemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import { passIdOf } from "../../protocols/pass-id.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  claimAnswersIn,
  createSlowDisk,
  documentsOf,
  openAgent,
  openCentre,
  recordOf,
  recordsIn,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type RunningCentre,
  type SlowDisk,
  type TestAgent,
} from "./kit/site.ts";

const clock = createSystemClock();
const waybill = "HB000000016CN";
const { xmls, acceptances } = documentsOf([waybill]);
const passId = passIdOf({ lineId: "L1", epoch: "e1", number: 1 });
const relieved = "releasableIfMachinePassOk";

let folder = "";
let link: MemoryLink;
let disk: SlowDisk;
let site: RunningCentre;
let agent: TestAgent;

beforeEach(async () => {
  folder = await temporaryFolder();
  disk = createSlowDisk();
  await open();
});
afterEach(async () => {
  await agent.session.stop();
  await site.stop();
  await removeFolder(folder);
});

/** The centre and an agent; with the journal of an earlier one, the same agent again. */
async function open(journal?: TestAgent["journal"]): Promise<void> {
  link = createMemoryLink({ clock });
  site = await openCentre({ folder, clock, link, disk });
  agent = openAgent(link, clock, "L1", journal);
}

const toldOf = ({ down }: TestAgent): readonly ClearanceRecord["standing"][] =>
  down
    .flatMap(recordsIn)
    .filter((record) => record.waybill === waybill)
    .map(({ standing }) => standing);

async function sendPapers(): Promise<void> {
  for (const payload of xmls) {
    const headers = { "content-type": "application/xml" };
    const url = "/api/customs/messages";
    const { statusCode } = await site.server.inject({ method: "POST", url, headers, payload });
    expect(statusCode).toBe(200);
  }
}
const accept = async (): Promise<number> =>
  (await site.post("/api/carrier/acceptances", acceptances[0])).status;

async function claim(): Promise<void> {
  agent.tell("L1", 1, { kind: "inducted", passId, frontCount: beltCount(1) });
  agent.session.claim("L1", passId, waybill);
  await until("an answer", () => claimAnswersIn(agent.down).length > 0);
}

/** Everything by which a line can get a record: a claim that is asked again, a snapshot, a hello. */
async function askForAll(): Promise<void> {
  agent.session.claim("L1", passId, waybill);
  agent.session.snapshotWanted("test");
  link.cut("agent-L1");
  link.restore("agent-L1");
  await new Promise((resolve) => setTimeout(resolve, 300));
}

describe.each(["unwritten", "written"] as const)("a commit that fails, %s", (when) => {
  test.each([false, true])(
    "brings no relief to any line, having hung before: %s",
    async (hangs) => {
      await until("hello", () => agent.down.length > 0);
      await sendPapers();
      await claim();
      expect(toldOf(agent)).not.toContain(relieved);

      if (hangs) disk.hang();
      else disk.fail(when);
      const answered = accept();
      if (hangs) {
        const standing = async () => (await recordOf(site, waybill))?.standing;
        await until("it is judged", async () => (await standing()) === relieved);
        await askForAll();
        expect(toldOf(agent)).not.toContain(relieved);
        disk.fail(when);
      }
      expect(await answered).toBe(503);
      await askForAll();
      expect(toldOf(agent)).not.toContain(relieved);

      // A centre that ends like this knows no more of it than the disk does.
      await agent.session.stop();
      await site.crash();
      disk.goOn();
      await open();
      await until("hello", () => agent.down.length > 0);
      const isOnDisk = (await recordOf(site, waybill))?.standing === relieved;
      // Of what hung nobody knows whether it had come as far as the disk.
      if (!hangs) expect(isOnDisk).toBe(when === "written");
      await askForAll();
      if (!isOnDisk) expect(toldOf(agent)).not.toContain(relieved);
      // Whoever heard that it failed sends it again.
      expect(await accept()).toBe(200);
      await until("the relief", () => toldOf(agent).includes(relieved));
    },
  );

  test("and the disk works again: what was not kept is relief for nobody until it is sent again", async () => {
    await until("hello", () => agent.down.length > 0);
    await sendPapers();
    await claim();
    disk.fail(when);
    expect(await accept()).toBe(503);
    disk.goOn();
    // The centre writes again.
    const others = ["HB000000017CN"];
    await until("it takes something", () =>
      sendDocuments(site, others).then(
        () => true,
        () => false,
      ),
    );
    await askForAll();
    const isTold = toldOf(agent).includes(relieved);
    const record = await recordOf(site, waybill);
    if (when === "unwritten") expect([isTold, record?.standing]).toEqual([false, "notReleasable"]);
    else expect(record?.standing).toBe(relieved);
    expect(await accept()).toBe(200);
    await until("the relief", () => toldOf(agent).includes(relieved));
  });
});
