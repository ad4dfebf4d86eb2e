import { mkdirSync, renameSync } from "node:fs";
import { createCamera, zCameraConfig } from "../../edge/devices/camera/open-camera.ts";
import type { CameraPort } from "../../edge/devices/camera/camera.ts";
import type { SimulatedCamera } from "../../simulators/devices/camera/camera.ts";
import { startFolderCamera } from "../../simulators/devices/camera/folder-camera.ts";
import { startHttpCamera } from "../../simulators/devices/camera/http-camera.ts";
import type { CellId } from "./cells.ts";
import { agentWires, realTime, temporaryFolder, type TimeRig } from "./device-rig.ts";
import { openRelay } from "./relay.ts";

/** A camera and the shipped driver, with a real wire between them. */
export interface CameraRig extends TimeRig {
  readonly port: CameraPort;
  readonly device: SimulatedCamera;
  /** Asks for a still of what is before the camera; one with a trigger of its own sees it as well. */
  take(id: string): void;
  /** A still that is asked for now can be told from what came before. */
  isReady(): boolean;
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

interface CameraCell {
  readonly cell: CellId;
  readonly wire: string;
  readonly open: () => Promise<CameraRig>;
}

const ages = { staleAfterMs: 1_500, downAfterMs: 2_500, moments: ["left"] };

async function overHttp(): Promise<CameraRig> {
  const time = realTime();
  const { clock } = time;
  const device = await startHttpCamera({ port: 0, user: null });
  const relay = await openRelay(Number(new URL(device.url).port));
  const url = `http://127.0.0.1:${relay.port}/still`;
  const reach = { kind: "http", url, lookEveryMs: 500, answerMsMax: 500 };
  const config = zCameraConfig.parse({
    id: "camera-1",
    reach,
    dialect: { kind: "snapshot" },
    ...ages,
  });
  const port = createCamera(config, { wires: agentWires(clock), clock });
  return {
    ...time,
    port,
    device,
    take: (id) => void port.take(id),
    isReady: () => true,
    cut: () => relay.pull(),
    restore: () => relay.plugIn(),
    async close() {
      await port.stop();
      await relay.pull();
      await device.stop();
    },
  };
}

async function overFolder(): Promise<CameraRig> {
  const time = realTime();
  const { clock } = time;
  const folder = temporaryFolder();
  const path = folder.path("stills");
  mkdirSync(path);
  const onNotPut = (why: string): void => {
    throw new Error(why);
  };
  const device = startFolderCamera({ folder: path, clock, onNotPut });
  const reach = { kind: "folder", path, writes: "renamed", lookEveryMs: 40 };
  const dialect = { kind: "files", withinMs: 700 };
  const config = zCameraConfig.parse({ id: "camera-1", reach, dialect, ...ages });
  const port = createCamera(config, { wires: agentWires(clock), clock });
  return {
    ...time,
    port,
    device,
    take(id) {
      if (port.take(id).kind === "sent") device.trigger();
    },
    isReady() {
      const { pairingSureTotal = 0, pairingLostTotal = 0 } = port.health().counters;
      return pairingSureTotal > pairingLostTotal;
    },
    async cut() {
      renameSync(path, folder.path("away"));
    },
    async restore() {
      renameSync(folder.path("away"), path);
    },
    async close() {
      await port.stop();
      await device.stop();
      folder.remove();
    },
  };
}

export const cameraCells: readonly CameraCell[] = [
  { cell: "camera/snapshot/http", wire: "snapshots over HTTP", open: overHttp },
  { cell: "camera/files/folder", wire: "files in a folder", open: overFolder },
];
