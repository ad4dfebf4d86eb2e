/**
 * Goal: a controller that was programmed from the sorters' page alone works with the map that goes with
 * it: strict types and rights, slow subscriptions, a restart with other namespaces (DEV1-40, DEV1-41).
 * Method: the foreign server of the drill `foreign-plc` on loopback, a belt that runs by the clock, and
 * the shipped driver.
 */
import { expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { beltCount } from "../../protocols/units.ts";
import {
  foreignNamespaceUri,
  startForeignServer,
  type ForeignServer,
} from "../drills/foreign-plc/foreign-opcua.ts";
import { createForeignPlc, scanEvery } from "../drills/foreign-plc/foreign-plc.ts";
import { createForeignMap } from "../drills/foreign-plc/map.ts";
import { freePort } from "../kit/ports.ts";
import { agentWires } from "./device-rig.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { untilReal } from "./sorter-waiting.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("foreign-plc-");
const plain = [foreignNamespaceUri, "urn:example:recipes"];
const turned = ["urn:example:recipes", "urn:example:drives", foreignNamespaceUri];
const settled = 20_000;

test("reads, diverts, and goes on after a restart; what is late or of the start before moves nothing", async () => {
  const port = await freePort();
  const plc = createForeignPlc({ now: () => performance.now(), diverters: ["green", "red"] });
  const startedAt = performance.now();
  const count = (): number => Math.floor(performance.now() - startedAt);
  const cycles = scanEvery({
    scan() {
      plc.setCount(count());
      plc.scan();
    },
  });
  let server: ForeignServer | null = null;
  const serve = async (namespaces: readonly string[]): Promise<void> => {
    const certificateFolder = stand.path("server");
    server = await startForeignServer(plc, { port, namespaces, certificateFolder });
  };
  stand.atEnd.push(async () => {
    cycles.stop();
    await server?.stop();
  });
  await serve(plain);

  const driver = createSorter(
    zSorterConfig.parse({
      id: "sorter",
      ...createForeignMap({ port, diverters: ["green", "red"] }),
    }),
    { speedMmPerS: 1_000, mmPerCount: 1 },
    { wires: agentWires(clock, stand.path("client")), clock },
  );
  const told: SorterEvent[] = [];
  driver.start((event) => {
    if (event.kind !== "healthChanged" && event.kind !== "gap") told.push(event);
  });
  stand.atEnd.push(() => driver.stop());
  const ofKind = <K extends SorterEvent["kind"]>(kind: K) =>
    told.filter((event): event is Extract<SorterEvent, { kind: K }> => event.kind === kind);
  const answers = (): readonly string[] =>
    told.flatMap((event) =>
      event.kind === "accepted" || event.kind === "refused" ? [event.commandId] : [],
    );
  /** Where this process stood still, the controller has missed our life, and refuses it. */
  const divert = async (commandId: string, fireInMs: number): Promise<void> => {
    const fireAt = count() + fireInMs;
    driver.send({
      kind: "divert",
      commandId,
      passId: `pass-of-${commandId}`,
      exit: "red",
      fireAtCount: beltCount(fireAt),
      releaseAtCount: beltCount(fireAt + 300),
      notAfterCount: beltCount(fireAt - 20),
    });
    await untilReal(() => answers().includes(commandId), `answer to ${commandId}`);
  };
  const seen = async (): Promise<void> => {
    const at = count();
    const before = ofKind("eye").length;
    plc.eye("induction", true, at);
    plc.eye("induction", false, at + 200);
    await untilReal(() => ofKind("eye").length === before + 2, "both edges");
    expect(ofKind("eye").slice(-2)).toMatchObject([
      { eyeId: "induction", isBlocked: true, count: at },
      { eyeId: "induction", isBlocked: false, count: at + 200 },
    ]);
  };

  await untilReal(() => driver.health().state === "receiving", "receiving", settled);
  await seen();
  for (let turn = 1; plc.executed.length === 0 && turn <= 5; turn += 1) {
    await divert(`c${turn}`, 700);
    await untilReal(
      () => ofKind("fired").length > 0 || ofKind("refused").length === turn,
      "its end",
    );
  }
  expect(plc.executed).toMatchObject([{ exit: "red" }]);
  await divert("late", 10);
  expect(ofKind("refused").find(({ commandId }) => commandId === "late")).toMatchObject({
    why: "staleCount",
  });

  const waiting = { commandId: "waiting", at: count() + 1_500 };
  await divert(waiting.commandId, 1_500);
  const sessions = ofKind("session").length;
  await server!.stop();
  plc.restart(count());
  await serve(turned);
  await untilReal(() => ofKind("session").length > sessions, "a new session", settled);
  await untilReal(() => driver.health().state === "receiving", "receiving again", settled);
  await seen();
  await untilReal(() => count() > waiting.at + 400, "the count of the start before");
  expect(plc.executed).toHaveLength(1);
  expect(server!.namespaceIndex).toBeGreaterThan(2);
});
