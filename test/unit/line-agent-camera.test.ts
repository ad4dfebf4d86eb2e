/**
 * Goal: a line agent as it is composed has stills taken of its parcels, journals and sends each, and is
 * hindered by its camera in nothing (ZJG-44). Method: the shipped agent on scripted machines and a
 * camera in the test's hands, in virtual time, without a centre.
 */
import { hash } from "node:crypto";
import { expect, test } from "vitest";
import type { CameraPort } from "../../edge/devices/camera/camera.ts";
import type { DeviceHealth } from "../../edge/devices/port.ts";
import { sent } from "../../protocols/transport.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";
import { startLoneAgent } from "../kit/lone-agent.ts";

const health = (state: DeviceHealth["state"]): DeviceHealth => ({
  state,
  reason: null,
  counters: { stillsTotal: 0 },
});

function createStand() {
  const asked: string[] = [];
  let hear: Parameters<CameraPort["start"]>[0] = () => {};
  let isStopped = false;
  const port: CameraPort = {
    deviceId: "L1-top",
    health: () => health("receiving"),
    start: (sink) => {
      hear = sink;
      sink({ kind: "healthChanged", health: health("receiving") });
    },
    take(id) {
      asked.push(id);
      return sent;
    },
    async stop() {
      isStopped = true;
    },
  };
  const stand = startLoneAgent({
    layout: { cameraIds: [port.deviceId] },
    devices: { cameras: [{ port, moments: ["inducted", "left"], exits: ["inspection"] }] },
  });
  const facts = async () =>
    (await stand.journal.readAfter(0, 10_000)).flatMap(
      ({ body }) =>
        (JSON.parse(body) as { facts?: { kind: string; passId?: string }[] }).facts ?? [],
    );
  return {
    ...stand,
    asked,
    facts,
    gives: (id: string, bytes: Uint8Array) => hear({ kind: "still", id, bytes }),
    says: (state: DeviceHealth["state"]) => hear({ kind: "healthChanged", health: health(state) }),
    isStopped: () => isStopped,
  };
}

const first = drawStill({ label: "WB1N1", number: 1 });
const second = drawStill({ label: "WB1N1", number: 2 });
const sha256Of = (bytes: Uint8Array): string => hash("sha256", bytes, "hex");

test("ZJG-44: of a parcel stills are taken where it comes on and where it leaves, journalled and sent", async () => {
  const { clock, line, images, asked, sentImages, facts, gives } = createStand();
  clock.runFor(40_000);
  line.put("WB1N1");
  clock.runFor(50);
  gives("1", first);
  for (let waitedMs = 0; asked.length < 2 && waitedMs < 90_000; waitedMs += 10) clock.runFor(10);
  expect(asked).toEqual(["1", "2"]);
  gives("2", second);
  clock.runFor(100);
  const told = await facts();
  const passId = told.find(({ kind }) => kind === "inducted")?.passId;
  const pictured = { kind: "pictured", passId, deviceId: "L1-top" };
  expect(told.filter(({ kind }) => kind === "pictured")).toEqual([
    { ...pictured, moment: "inducted", imageHash: sha256Of(first), lateMs: 50 },
    expect.objectContaining({ ...pictured, moment: "left", imageHash: sha256Of(second) }),
  ]);
  expect(sentImages).toEqual([first, second].map((still) => `${passId} ${sha256Of(still)}`));
  expect(await images.read(sha256Of(first))).toEqual(first);
});

test("that it is not heard is told, and holds nothing", async () => {
  const { clock, agent, host, says, isStopped } = createStand();
  clock.runFor(60_000);
  expect(host.state.toldConditions.size).toBe(0);
  says("down");
  clock.runFor(10_000);
  expect([...host.state.toldConditions.keys()]).toEqual(["cameraDown L1-top"]);
  expect(host.state.machine).toMatchObject({ packml: "Execute", isInductionPermitted: true });
  expect(agent.devices().at(-1)).toMatchObject({
    id: "L1-top",
    deviceKind: "camera",
    counters: { stillsTotal: 0, stillsNotKept: 0, stillsGivenUp: 0 },
  });
  await agent.stop();
  expect(isStopped()).toBe(true);
});
