/**
 * Goal: OPC UA reaches many sorters of one server in one session, secured where configured, and a
 * server that is not as expected costs only the sorter concerned. Method: real servers on loopback,
 * reached through the configuration schema and the factory that the agent uses.
 */
import { existsSync, mkdirSync, renameSync, watch } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeApplicationUrn, OPCUACertificateManager } from "node-opcua";
import {
  ownCertificateFile,
  setOwnCertificateAside,
} from "../../edge/devices/wires/opcua/own-certificate.ts";
import { addressOfUrl } from "../../edge/devices/network-reason.ts";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { SorterPort } from "../../edge/devices/sorter/sorter.ts";
import type { Wires } from "../../edge/devices/wires/wires.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { notConnected } from "../../protocols/transport.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import { beltCount, epochMs } from "../../protocols/units.ts";
import {
  createSorterOpcuaServer,
  type SorterOpcuaServer,
} from "../../simulators/devices/sorter/opcua-server.ts";
import { agentWires } from "./device-rig.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { untilReal } from "./sorter-waiting.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("sorter-reach-");
const { atEnd } = stand;

async function startServer(
  sorterIds: readonly string[],
  security: "none" | "signAndEncrypt",
  publishingIntervalMsMin?: number,
): Promise<SorterOpcuaServer> {
  const certificatesFolder = stand.path("server");
  const server = createSorterOpcuaServer({
    sorterIds,
    port: 0,
    certificatesFolder,
    security: { mode: security },
    ...(publishingIntervalMsMin === undefined ? {} : { publishingIntervalMsMin }),
  });
  await server.start();
  atEnd.push(() => server.stop());
  for (const sorterId of sorterIds) {
    const { model } = createSorterByHand(clock, sorterId, server.wire(sorterId));
    model.powerOn();
    atEnd.push(() => model.powerOff());
  }
  return server;
}

/** As the library would have made it on that day. */
async function makeOwnCertificate(inFolder: string, startDate: Date, validity: number) {
  const certificates = new OPCUACertificateManager({ rootFolder: inFolder });
  await certificates.initialize();
  await certificates.createSelfSignedCertificate({
    applicationUri: makeApplicationUrn(hostname(), "Sortline"),
    dns: [hostname()],
    outputFile: ownCertificateFile(inFolder),
    subject: "/CN=Sortline",
    startDate,
    validity,
  });
  await certificates.dispose();
}

const newWires = (certificatesFolder = stand.path("client")): Wires =>
  agentWires(clock, certificatesFolder);

const belt = { speedMmPerS: 1_000, mmPerCount: 1 };

function openSorter(id: string, reach: object, wires = newWires(), dialect = {}, ages = {}) {
  const config = zSorterConfig.parse({
    id,
    ...ages,
    reach: { kind: "opcua", ...reach },
    dialect: { kind: "sortline-opcua", ...dialect },
  });
  const driver = createSorter(config, belt, { wires, clock });
  const accepted: string[] = [];
  /** Refused ones as well: where this process stood still, a sorter has missed our signs of life. */
  const answered: string[] = [];
  driver.start((event) => {
    if (event.kind === "accepted") accepted.push(event.commandId);
    if (event.kind === "accepted" || event.kind === "refused") answered.push(event.commandId);
  });
  atEnd.push(() => driver.stop());
  return { driver, accepted, answered };
}

/**
 * A divert is taken. Where this process stood still, the sorter has missed our signs of life and
 * refuses: it is asked anew until `msMax` is over.
 */
async function untilDiverted(
  { driver, accepted, answered }: ReturnType<typeof openSorter>,
  msMax?: number,
): Promise<void> {
  let asked = 0;
  const isTaken = (): boolean => {
    if (accepted.length > 0) return true;
    if (answered.length === asked && driver.send(divert(`c${asked + 1}`)).kind === "sent")
      asked += 1;
    return false;
  };
  await untilReal(isTaken, "accepted", msMax);
}

const isReceiving = (driver: SorterPort) => () => driver.health().state === "receiving";

const divert = (commandId: string) =>
  ({
    kind: "divert",
    commandId,
    passId: `pass-of-${commandId}`,
    exit: "red",
    fireAtCount: beltCount(100),
    releaseAtCount: beltCount(150),
    notAfterCount: beltCount(90),
  }) as const;

describe("sorters on OPC UA", () => {
  test.each([
    ["none", "no answer within 5 s"],
    ["oneTooMany", "2 results for one call"],
  ] as const)(
    "calls that are answered with %s are told, and hold up nothing",
    async (as, detail) => {
      const server = await startServer(["L1"], "none");
      const sorter = openSorter("L1", { endpointUrl: server.endpointUrl() });
      const { driver } = sorter;
      await untilReal(isReceiving(driver), "L1");
      server.answer(as);
      await untilReal(() => driver.health().reason?.detail === detail, "told, and why", 30_000);
      expect(driver.health().reason?.code).toBe("commandRefused");
      server.answer("whole");
      await untilDiverted(sorter, 15_000);
    },
  );

  test("twenty sorters of one server share one session, and each hears its own answers", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `L${index}`);
    const server = await startServer(ids, "none");
    const shared = newWires();
    const sorters = ids.map((id) => openSorter(id, { endpointUrl: server.endpointUrl() }, shared));
    for (const { driver } of sorters) await untilReal(isReceiving(driver), driver.deviceId);
    expect(server.sessionCount()).toBe(1);
    for (const [index, { driver }] of sorters.entries()) driver.send(divert(`c${index}`));
    for (const [index, { answered }] of sorters.entries()) {
      await untilReal(() => answered.length > 0, `answer to ${index}`);
      expect(answered).toEqual([`c${index}`]);
    }
    await sorters[0]?.driver.stop();
    sorters[1]?.driver.send(divert("after"));
    await untilReal(() => sorters[1]?.answered.length === 2, "the others go on");
  });

  test("a sorter that the server does not have is down by name, its neighbour is not", async () => {
    const server = await startServer(["L1"], "none");
    const shared = newWires();
    const missing = openSorter("L2", { endpointUrl: server.endpointUrl() }, shared);
    const present = openSorter("own-id", { endpointUrl: server.endpointUrl() }, shared, {
      sorterId: "L1",
    });
    await untilReal(isReceiving(present.driver), "the neighbour");
    await untilReal(() => missing.driver.health().reason?.code === "unknownThere", "the reason");
    expect(missing.driver.health().reason).toMatchObject({
      params: { address: addressOfUrl(server.endpointUrl()) },
      detail: expect.stringContaining("BadNodeIdUnknown"),
    });
    expect(missing.driver.health().state).toBe("down");
    expect(missing.driver.send(divert("c1"))).toEqual(notConnected);
    expect(isReceiving(present.driver)()).toBe(true);
  });

  test.each(["none", "signAndEncrypt"] as const)(
    "a server that nobody runs is told as that, and not as a connection that was lost: %s",
    async (mode) => {
      const server = await startServer(["L1"], "none");
      const endpointUrl = server.endpointUrl();
      await server.stop();
      const { driver } = openSorter("L1", { endpointUrl, security: { mode } });
      await untilReal(() => driver.health().reason?.code === "refused", "the reason", 15_000);
      expect(driver.health().reason).toMatchObject({
        params: { address: addressOfUrl(endpointUrl) },
        detail: expect.stringContaining("ECONNREFUSED"),
      });
    },
  );

  test("signed and encrypted: an unknown server is refused until a person trusts it", async () => {
    const server = await startServer(["L1"], "signAndEncrypt");
    const clientFolder = stand.path("careful-client");
    const [rejected, trusted] = [
      join(clientFolder, "rejected"),
      join(clientFolder, "trusted/certs"),
    ];
    for (const each of [rejected, trusted]) mkdirSync(each, { recursive: true });
    // Trusted in the moment in which it is refused, as by somebody who waits for it.
    const watcher = watch(rejected, (_, name) => {
      if (name?.endsWith(".pem") !== true || !existsSync(join(rejected, name))) return;
      renameSync(join(rejected, name), join(trusted, name));
    });
    atEnd.push(() => watcher.close());
    const sorter = openSorter(
      "L1",
      { endpointUrl: server.endpointUrl(), security: { mode: "signAndEncrypt" } },
      newWires(clientFolder),
    );
    const { driver } = sorter;
    await untilReal(() => driver.health().reason?.code === "notTrusted", "the reason", 15_000);
    expect(driver.health().state).toBe("down");
    await untilReal(isReceiving(driver), "receiving once trusted", 30_000);
    await untilDiverted(sorter);
  });

  test.each([150, 200, 500, 1_000])(
    "case opcua-slow-publisher, DEV1-B8, PR4.4-13: a floor of %i ms is worked with, and told",
    async (floorMs) => {
      const server = await startServer(["L1"], "none", floorMs);
      const sorter = openSorter("L1", { endpointUrl: server.endpointUrl() });
      const { driver } = sorter;
      await untilReal(isReceiving(driver), "receiving", 15_000);
      expect(driver.health().reason).toEqual({
        code: "publishesSlowly",
        params: { everyMs: floorMs, askedMs: 10 },
      });
      await untilDiverted(sorter);
      // Longer than the keep-alive that the asked interval would have led to.
      expect(driver.health().counters["reconnectsTotal"]).toBe(0);
    },
  );

  test.each([1_001, 2_000, 3_300, 5_000])(
    "PR4.4-15: a floor of %i ms is refused by name, with the most that the line can take",
    async (floorMs) => {
      const server = await startServer(["L1"], "none", floorMs);
      const { driver } = openSorter("L1", { endpointUrl: server.endpointUrl() });
      const reason = () => driver.health().reason;
      await untilReal(() => reason()?.code === "publishesTooSlowly", "it is named", 15_000);
      expect(driver.health().state).toBe("down");
      expect(reason()?.params).toMatchObject({ everyMs: floorMs, mostMs: 1_000 });
      expect(deviceReasonLogText(reason()!)).toBe(
        `publishes too slowly: every ${floorMs} ms, 1000 is the most that the line can take`,
      );
      expect(driver.send(divert("c1"))).toEqual(notConnected);
    },
  );

  test("a floor of 2 s is worked with where the line takes a sorter for silent only later", async () => {
    const server = await startServer(["L1"], "none", 2_000);
    const ages = { staleAfterMs: 3_000, downAfterMs: 8_000 };
    const sorter = openSorter("L1", { endpointUrl: server.endpointUrl() }, newWires(), {}, ages);
    const { driver } = sorter;
    await untilReal(isReceiving(driver), "receiving", 15_000);
    await untilDiverted(sorter, 15_000);
    const since = clock.monotonic();
    await untilReal(() => clock.monotonic() > since + 4_500, "longer than a silence", 6_000);
    expect(driver.health()).toMatchObject({
      state: "receiving",
      reason: { code: "publishesSlowly" },
      counters: { reconnectsTotal: 0 },
    });
    expect(driver.health().counters["revivalsTotal"]).toBeUndefined();
  });

  test("case own-certificate, PR4.4-8: one that is not valid now is named as ours, and made anew by a person", async () => {
    const server = await startServer(["L1"], "signAndEncrypt");
    const clientFolder = stand.path("client-of-2010");
    await makeOwnCertificate(clientFolder, new Date(Date.UTC(2010, 0, 2)), 3_650);
    const open = () =>
      openSorter(
        "L1",
        {
          endpointUrl: server.endpointUrl(),
          security: { mode: "signAndEncrypt", trustAnyServer: true },
        },
        newWires(clientFolder),
      );
    // The server's library looks at the dates of a certificate only once it has trusted it.
    const earlier = open();
    await untilReal(isReceiving(earlier.driver), "trusted", 20_000);
    await earlier.driver.stop();
    const { driver } = open();
    const reason = () => driver.health().reason;
    await untilReal(() => reason()?.code === "ownCertificate", "it is named", 20_000);
    expect(reason()?.params?.address).toBe(ownCertificateFile(clientFolder));
    expect(reason()?.detail).toMatch(/^valid from 2010-01-02 to 2019-12-31, today is /);
    expect(setOwnCertificateAside(clientFolder, clock.wall()).kind).toBe("setAside");
    await untilReal(isReceiving(driver), "receiving with a new one", 30_000);
    expect(reason()).toBeNull();
  });

  test("case own-certificate: in its last 60 days a connection that works says so", async () => {
    const server = await startServer(["L1"], "signAndEncrypt");
    const clientFolder = stand.path("client-of-old-age");
    await makeOwnCertificate(clientFolder, new Date(), 30);
    const { driver } = openSorter(
      "L1",
      {
        endpointUrl: server.endpointUrl(),
        security: { mode: "signAndEncrypt", trustAnyServer: true },
      },
      newWires(clientFolder),
    );
    await untilReal(isReceiving(driver), "receiving", 20_000);
    expect(driver.health().reason?.code).toBe("ownCertificateEnds");
  });

  test("case own-certificate: none is made while the calendar is before the build", async () => {
    const server = await startServer(["L1"], "signAndEncrypt");
    const clientFolder = stand.path("client-without-calendar");
    const early = { ...clock, wall: () => epochMs(Date.UTC(2010, 0, 2)) };
    const { driver } = openSorter(
      "L1",
      {
        endpointUrl: server.endpointUrl(),
        security: { mode: "signAndEncrypt", trustAnyServer: true },
      },
      agentWires(early, clientFolder),
    );
    await untilReal(() => driver.health().reason?.code === "ownCertificate", "it is refused");
    expect(driver.health().reason?.detail).toMatch(/none is made.*2010-01-02/);
    expect(existsSync(ownCertificateFile(clientFolder))).toBe(false);
    expect(setOwnCertificateAside(clientFolder, early.wall()).kind).toBe("refused");
  });

  test("PR4.4-5: nothing is written to the user's home", async () => {
    const library = join(homedir(), ".config", "node-opcua-default-nodejs");
    const wasThere = existsSync(library);
    const server = await startServer(["L1"], "none");
    const { driver } = openSorter("L1", { endpointUrl: server.endpointUrl() });
    await untilReal(isReceiving(driver), "receiving");
    expect(existsSync(library)).toBe(wasThere);
  });
});
