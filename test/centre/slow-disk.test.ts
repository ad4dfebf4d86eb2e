// Goal: a disk that hangs under the centre keeps no doubt from the lines (laws 2 and 5, ZJG-25).
// Method: a real centre and agent session, with the journal's answers held back.
import { expect, test } from "vitest";
import { createMemoryLink } from "../../edge/link/memory-link.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { ClearanceRecord } from "../../protocols/clearance.ts";
import {
  createSlowDisk,
  openAgent,
  openCentre,
  removeFolder,
  sendDocuments,
  temporaryFolder,
  until,
  type TestAgent,
} from "./kit/site.ts";

const waybill = "HB000000014CN";
const toldOf = ({ down }: TestAgent): readonly ClearanceRecord["standing"][] =>
  down.flatMap((message) =>
    message.kind === "clearance" && "records" in message.message
      ? message.message.records.map(({ standing }) => standing)
      : [],
  );

test("a control reaches the lines before it is durable, and is answered after", async () => {
  const clock = createSystemClock();
  const folder = await temporaryFolder();
  const link = createMemoryLink({ clock });
  const disk = createSlowDisk();
  const site = await openCentre({ folder, clock, link, disk });
  const agent = openAgent(link, clock, "L1");
  await until("hello", () => agent.down.length > 0);

  await sendDocuments(site, [waybill]);
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
