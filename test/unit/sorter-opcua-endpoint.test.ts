/**
 * Goal: a shared OPC UA endpoint reconnects for ever without carrying anything over, and renews
 * what is silent without disturbing what is not (PF-13, PF-14). Method: hand-made sessions in
 * virtual time, so that every loss and every late answer can be placed exactly.
 */
import { silentLog } from "../../protocols/log.ts";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import {
  createOpcuaEndpoint,
  type OpcuaEndpoint,
  type OpcuaEndpointOptions,
} from "../../edge/devices/wires/opcua/endpoint.ts";
import { networkReason, WireRefusal } from "../../edge/devices/network-reason.ts";
import type { OpcuaReach } from "../../edge/devices/reach.ts";
import { lastedMs } from "../../edge/devices/reopen-pace.ts";
import { nameOfNode } from "../../edge/devices/wires/opcua/nodes.ts";
import type { OpcuaSession } from "../../edge/devices/wires/opcua/session.ts";
import { deviceReason, type DeviceReason } from "../../protocols/device-reasons.ts";
import { notConnected, sent, wireFull } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const reach: OpcuaReach = {
  kind: "opcua",
  endpointUrl: "opc.tcp://127.0.0.1:4840",
  security: { mode: "none", allowBeyondLoopback: false },
  publishingIntervalMs: 10,
};

const call = {
  object: { namespaceUri: "urn:x", name: "s" },
  method: { namespaceUri: "urn:x", name: "s/Life" },
  inputs: [],
};

/** One attempt to connect, answered by hand. */
interface Attempt {
  succeed(): void;
  fail(reason: string): void;
  lose(reason: string): void;
  isClosed: boolean;
  /** Deliveries of the items that were granted, by node name. */
  readonly items: Map<string, (values: readonly unknown[]) => void>;
  itemsMade: number;
  readonly calls: { answer(): void; fail(reason: string): void }[];
}

function createBench(
  refusedNodes: readonly string[] = [],
  extra: Partial<OpcuaEndpointOptions> = {},
) {
  const clock = createVirtualClock();
  /** By how much the server's clock is ahead; null: it tells no time. */
  const server: { aheadMs: number | null; asked: number } = { aheadMs: null, asked: 0 };
  const serverTime = (): number | null => {
    server.asked += 1;
    return server.aheadMs === null ? null : clock.wall() + server.aheadMs;
  };
  const attempts: Attempt[] = [];
  const open = (_reach: OpcuaReach, onLost: (reason: string) => void) =>
    new Promise<OpcuaSession>((resolve, reject) => {
      const attempt: Attempt = {
        items: new Map(),
        itemsMade: 0,
        calls: [],
        isClosed: false,
        lose: onLost,
        fail: (reason) => reject(new Error(reason)),
        succeed: () =>
          resolve({
            async watchEvents({ node }, onFields) {
              attempt.itemsMade += 1;
              if (refusedNodes.includes(nameOfNode(node))) throw new Error("BadNodeIdUnknown");
              attempt.items.set(nameOfNode(node), onFields);
              return { stop: async () => void attempt.items.delete(nameOfNode(node)) };
            },
            call: () =>
              new Promise((answer, failCall) => {
                attempt.calls.push({
                  answer: () => answer([]),
                  fail: (reason) => failCall(new Error(reason)),
                });
              }),
            openVariables: () => Promise.reject(new Error("no variables here")),
            readTime: async () => serverTime(),
            advice: null,
            async close() {
              attempt.isClosed = true;
            },
          }),
      };
      attempts.push(attempt);
    });
  const endpoint = createOpcuaEndpoint({
    log: silentLog,
    reach,
    clock,
    entropy: { next: () => 0 },
    open,
    reasonOf: networkReason,
    ...extra,
  });
  return { clock, attempts, endpoint, server };
}

/** Lets promises that are settled already be heard. */
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

function watch(endpoint: OpcuaEndpoint, name: string) {
  const states: string[] = [];
  const advised: (string | null)[] = [];
  const clocks: number[] = [];
  const heard: unknown[] = [];
  const handle = endpoint.watchEvents(
    { node: { namespaceUri: "urn:x", name }, fields: ["Payload"] },
    {
      onState: (isUp, reason) =>
        states.push(isUp ? "up" : `down: ${reason?.code ?? ""} ${reason?.detail ?? ""}`.trim()),
      onAdvice: (advice) => advised.push(advice?.code ?? null),
      onClock: ({ offsetMs }) => clocks.push(offsetMs),
      onFields: (values) => heard.push(...values),
    },
  );
  return { states, advised, clocks, heard, handle };
}

describe("a name and a password that the server refuses", () => {
  const user = { name: "line", passwordFile: "/nowhere/password" };
  const refused = "BadUserAccessDenied (0x801f0000)";

  async function attemptsIn(ms: number, as: Partial<OpcuaReach>, why: unknown): Promise<number> {
    const clock = createVirtualClock();
    let attempts = 0;
    const endpoint = createOpcuaEndpoint({
      log: silentLog,
      reach: { ...reach, ...as },
      clock,
      entropy: { next: () => 0 },
      open() {
        attempts += 1;
        return Promise.reject(why);
      },
      reasonOf: networkReason,
    });
    const { states } = watch(endpoint, "L1");
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      await settle();
      clock.runFor(500);
    }
    expect(states.at(-1)).toMatch(/^down: accessDenied/);
    await endpoint.close();
    return attempts;
  }

  test("are offered ever later, and lock no account", async () => {
    const inTen = await attemptsIn(600_000, { user }, new Error(refused));
    expect(inTen).toBe(12);
  });

  test("are not what is refused where nobody was named, or nothing was offered", async () => {
    expect(await attemptsIn(60_000, {}, new Error(refused))).toBeGreaterThan(10);
    const ours = new WireRefusal(deviceReason("accessDenied"));
    expect(await attemptsIn(60_000, { user }, ours)).toBeGreaterThan(10);
  });
});

describe("the server's clock", () => {
  test("is asked for soon, then every ten seconds, and told to all who watch", async () => {
    const { clock, attempts, endpoint, server } = createBench();
    server.aheadMs = 3_000;
    const [one, other] = [watch(endpoint, "L1"), watch(endpoint, "L2")];
    attempts[0]!.succeed();
    await settle();
    for (let ms = 0; ms < 21_000; ms += 100) {
      clock.runFor(100);
      await settle();
    }
    expect(one.clocks).toEqual(Array.from({ length: 6 }, () => 3_000));
    expect(other.clocks).toEqual(one.clocks);
  });

  test("one that tells none is asked once a session, and a lost session no more", async () => {
    const { clock, attempts, endpoint, server } = createBench();
    const { clocks } = watch(endpoint, "L1");
    attempts[0]!.succeed();
    await settle();
    clock.runFor(60_000);
    await settle();
    expect([server.asked, clocks]).toEqual([1, []]);
    server.aheadMs = 0;
    attempts[0]!.lose("reset");
    await settle();
    clock.runFor(60_000);
    await settle();
    expect(server.asked).toBe(1);
  });
});

describe("a shared endpoint", () => {
  test("PR4.4-9: tries again for ever, each time later up to a bound, and starts over after success", async () => {
    const { clock, attempts, endpoint } = createBench();
    const { states } = watch(endpoint, "L1");
    const gapsMs: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      attempts[index]!.fail("ECONNREFUSED");
      await settle();
      const from = clock.monotonic();
      while (attempts.length === index + 1) clock.runNext();
      gapsMs.push(clock.monotonic() - from);
    }
    expect(gapsMs).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    attempts[8]!.succeed();
    await settle();
    expect(states.at(-1)).toBe("up");
    clock.runFor(lastedMs);
    attempts[8]!.lose("reset");
    const lostAt = clock.monotonic();
    while (attempts.length === 9) clock.runNext();
    expect(clock.monotonic() - lostAt).toBe(200);
    expect(states.filter((state) => state === "down: connectionLost reset")).toHaveLength(1);
  });

  test("a server that never answers is given up, and its late answer is closed unused", async () => {
    const { clock, attempts, endpoint } = createBench();
    const { states } = watch(endpoint, "L1");
    clock.runFor(15_000);
    expect(states.at(-1)).toBe("down: noAnswer");
    clock.runFor(1_000);
    expect(attempts).toHaveLength(2);
    attempts[0]!.succeed();
    await settle();
    expect(attempts[0]!.isClosed).toBe(true);
    expect(states).not.toContain("up");
  });

  test("PF-13: nothing is asked while down, and calls of a lost session are not asked again", async () => {
    const { clock, attempts, endpoint } = createBench();
    const failures: string[] = [];
    const ask = () => endpoint.call(call, (reason) => failures.push(reason));
    expect(ask()).toEqual(notConnected);
    attempts[0]!.succeed();
    await settle();
    expect(ask()).toEqual(sent);
    attempts[0]!.lose("reset");
    expect(ask()).toEqual(notConnected);
    attempts[0]!.calls[0]!.fail("connection closed");
    await settle();
    expect(failures).toEqual(["connection closed"]);
    clock.runFor(300);
    attempts[1]!.succeed();
    await settle();
    expect(attempts[1]!.calls).toHaveLength(0);
  });

  const unanswered = async () => {
    const bench = createBench();
    const failures: string[] = [];
    const ask = () => bench.endpoint.call(call, (why) => failures.push(why));
    bench.attempts[0]!.succeed();
    await settle();
    for (let index = 0; index < 256; index += 1) expect(ask()).toEqual(sent);
    expect(ask()).toEqual(wireFull);
    return { ...bench, failures, ask };
  };

  test("a call that is never answered gives its place back, and is told, after 5 s", async () => {
    const { clock, attempts, failures, ask } = await unanswered();
    clock.runFor(4_999);
    await settle();
    expect(ask()).toEqual(wireFull);
    expect(failures).toEqual([]);
    clock.runFor(1);
    await settle();
    expect(failures).toHaveLength(256);
    expect(new Set(failures)).toEqual(new Set(["no answer within 5 s"]));
    expect(ask()).toEqual(sent);
    // One that comes after all is nobody's, and gives no second place.
    attempts[0]!.calls[0]!.answer();
    attempts[0]!.calls[1]!.fail("too late");
    await settle();
    expect(failures).toHaveLength(256);
    for (let index = 1; index < 256; index += 1) expect(ask()).toEqual(sent);
    expect(ask()).toEqual(wireFull);
  });

  test("PF-13, PR4.4-10: a new session begins with nothing under way", async () => {
    const { clock, attempts, ask } = await unanswered();
    attempts[0]!.lose("reset");
    clock.runFor(300);
    attempts[1]!.succeed();
    await settle();
    for (let index = 0; index < 256; index += 1) expect(ask()).toEqual(sent);
    expect(ask()).toEqual(wireFull);
    // Answers of the session before count for nothing in this one.
    for (const each of attempts[0]!.calls) each.answer();
    await settle();
    expect(ask()).toEqual(wireFull);
  });

  test("the number of a command is not written once its arguments have gone unanswered", async () => {
    const clock = createVirtualClock();
    const written: string[] = [];
    let takeArguments = () => {};
    const endpoint = createOpcuaEndpoint({
      log: silentLog,
      reach,
      clock,
      entropy: { next: () => 0 },
      open: async () => ({
        watchEvents: () => Promise.reject(new Error("no events here")),
        call: () => Promise.reject(new Error("no methods here")),
        readTime: async () => null,
        openVariables: async () => ({
          found: [],
          watch: () => Promise.reject(new Error("no news here")),
          read: () => new Promise(() => {}),
          write([first]) {
            written.push(first?.key ?? "");
            return new Promise((resolve) => {
              takeArguments = resolve;
            });
          },
        }),
        advice: null,
        close: async () => {},
      }),
      reasonOf: networkReason,
    });
    const source = { variables: [], namespaceUri: "urn:x", pollMs: 20 };
    const variables = endpoint.watchVariables(source, {
      onState: () => {},
      onAdvice: () => {},
      onReadings: () => {},
    });
    await settle();
    const failed: [number, string][] = [];
    variables.write(
      [[{ key: "command.op", value: 1 }], [{ key: "command.seq", value: 7 }]],
      (step, why) => failed.push([step, why]),
    );
    clock.runFor(5_000);
    await settle();
    takeArguments();
    await settle();
    expect(failed).toEqual([[0, "no answer within 5 s"]]);
    expect(written).toEqual(["command.op"]);
    await endpoint.close();
  });

  test("calls under way have a bound", async () => {
    const { attempts, endpoint } = createBench();
    attempts[0]!.succeed();
    await settle();
    for (let index = 0; index < 256; index += 1)
      expect(endpoint.call(call, () => {})).toEqual(sent);
    expect(endpoint.call(call, () => {})).toEqual(wireFull);
    attempts[0]!.calls[0]!.answer();
    await settle();
    expect(endpoint.call(call, () => {})).toEqual(sent);
  });

  test("PF-14: the silent one is renewed alone while another is served, all if none is", async () => {
    const { clock, attempts, endpoint } = createBench();
    const silent = watch(endpoint, "L1");
    watch(endpoint, "L2");
    attempts[0]!.succeed();
    await settle();
    attempts[0]!.items.get("L2")!(["event"]);
    silent.handle.revive();
    await settle();
    expect(attempts[0]!.itemsMade).toBe(3);
    attempts[0]!.items.get("L1")!(["again"]);
    expect(silent.heard).toEqual(["again"]);
    clock.runFor(2_001);
    silent.handle.revive();
    expect(attempts[0]!.isClosed).toBe(true);
    clock.runFor(300);
    expect(attempts).toHaveLength(2);
  });

  test("case own-certificate: what is to be known comes and goes while one session lasts", async () => {
    let standing: DeviceReason | null = null;
    const { clock, attempts, endpoint } = createBench([], { standingAdvice: () => standing });
    const { advised } = watch(endpoint, "L1");
    attempts[0]!.succeed();
    await settle();
    expect(advised).toEqual([null]);
    standing = deviceReason("ownCertificateEnds");
    clock.runFor(60_000);
    expect(advised.at(-1)).toBe("ownCertificateEnds");
    standing = deviceReason("ownCertificate");
    clock.runFor(60_000);
    expect(advised.at(-1)).toBe("ownCertificate");
    standing = null;
    clock.runFor(60_000);
    expect(advised.at(-1)).toBeNull();
    expect(attempts).toHaveLength(1);
    await endpoint.close();
    expect(clock.pendingCount()).toBe(0);
  });

  test("a refused item is asked for again and leaves the others alone", async () => {
    const { clock, attempts, endpoint } = createBench(["missing"]);
    const missing = watch(endpoint, "missing");
    const present = watch(endpoint, "present");
    attempts[0]!.succeed();
    await settle();
    expect(missing.states.at(-1)).toBe("down: unknownThere BadNodeIdUnknown");
    expect(present.states.at(-1)).toBe("up");
    clock.runFor(200);
    await settle();
    expect(attempts[0]!.itemsMade).toBe(3);
    expect(attempts).toHaveLength(1);
  });

  test("after close nothing is delivered, opened or reported", async () => {
    const { clock, attempts, endpoint } = createBench();
    const { states, heard } = watch(endpoint, "L1");
    attempts[0]!.succeed();
    await settle();
    const deliver = attempts[0]!.items.get("L1")!;
    await endpoint.close();
    const before = states.length;
    deliver(["late"]);
    attempts[0]!.lose("reset");
    clock.runFor(60_000);
    expect(heard).toEqual([]);
    expect(states).toHaveLength(before);
    expect(attempts).toHaveLength(1);
    expect(clock.pendingCount()).toBe(0);
  });
});

describe("the sorter's configuration", () => {
  const parse = (reachPart: object) =>
    zSorterConfig.safeParse({
      id: "sorter",
      reach: { kind: "opcua", ...reachPart },
      dialect: { kind: "sortline-opcua" },
    });
  const endpointUrl = "opc.tcp://10.0.0.5:4840";

  test.each([
    "opc.tcp://127.0.0.1:4840",
    "opc.tcp://localhost:4840/path",
    "opc.tcp://[::1]:4840",
    "opc.tcp://127.8.9.1:4840",
  ])("unsecured is fine on loopback: %s", (url) => {
    expect(parse({ endpointUrl: url }).success).toBe(true);
  });

  test.each([endpointUrl, "opc.tcp://127.0.0.1.evil.example:4840", "opc.tcp://plc:4840"])(
    "unsecured is refused by name beyond loopback: %s",
    (url) => {
      const result = parse({ endpointUrl: url });
      expect(result.error?.issues[0]?.path).toEqual(["reach", "security"]);
      const security = { mode: "none", allowBeyondLoopback: true };
      expect(parse({ endpointUrl: url, security }).success).toBe(true);
      expect(parse({ endpointUrl: url, security: { mode: "signAndEncrypt" } }).success).toBe(true);
    },
  );

  test("events that would be asked for more seldom than the sorter counts as silent are refused", () => {
    const url = { endpointUrl: "opc.tcp://localhost:4840" };
    expect(parse({ ...url, publishingIntervalMs: 1_000 }).success).toBe(true);
    const result = zSorterConfig.safeParse({
      id: "sorter",
      reach: { kind: "opcua", ...url, publishingIntervalMs: 501 },
      dialect: { kind: "sortline-opcua" },
      staleAfterMs: 1_000,
    });
    expect(result.error?.issues[0]).toMatchObject({
      path: ["reach", "publishingIntervalMs"],
      message: expect.stringContaining("staleAfterMs less 500, 500"),
    });
  });

  test.each(["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"])(
    "PR4.4-1: %s is taken, signed, and signed and encrypted",
    (policy) => {
      for (const mode of ["sign", "signAndEncrypt"]) {
        expect(parse({ endpointUrl, security: { mode, policy } }).error).toBeUndefined();
      }
    },
  );

  test.each(["Basic128Rsa15", "Basic256"])("PR4.4-2: %s is refused by key", (policy) => {
    const { error } = parse({ endpointUrl, security: { mode: "sign", policy } });
    expect(error?.issues.map(({ path }) => path.join("."))).toEqual(["reach.security.policy"]);
  });

  test("PR4.4-3: nothing that starts us reverts what Node has switched off", () => {
    expect(readFileSync("package.json", "utf8")).not.toContain("security-revert");
    expect(process.execArgv.join(" ")).not.toContain("security-revert");
    expect(process.env["NODE_OPTIONS"] ?? "").not.toContain("security-revert");
  });

  test("a deprecated policy, an unknown key and another protocol are refused", () => {
    const security = { mode: "signAndEncrypt", policy: "Basic128Rsa15" };
    expect(parse({ endpointUrl, security }).success).toBe(false);
    expect(parse({ endpointUrl: "opc.tcp://localhost:1", node: "x" }).success).toBe(false);
    expect(parse({ endpointUrl: "http://localhost:1" }).success).toBe(false);
  });

  test("an MQTT sorter takes its own bus and needs no OPC UA", () => {
    const config = zSorterConfig.parse({
      id: "L1-sorter",
      reach: { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1:1883", base: "L1/sorter" },
      dialect: { kind: "sortline-json" },
    });
    const asked: string[] = [];
    const bus = {
      onState: () => {},
      subscribe: () => {},
      publish: () => sent,
      close: async () => {},
    };
    const driver = createSorter(
      config,
      { speedMmPerS: 1_000, mmPerCount: 1 },
      {
        clock: createVirtualClock(),
        wires: {
          byteLink: () => {
            throw new Error("not on a byte link");
          },
          messageBus: (_reach, deviceId) => {
            asked.push(deviceId);
            return bus;
          },
          opcuaEndpoint: () => {
            throw new Error("not on OPC UA");
          },
          folder: () => {
            throw new Error("not in a folder");
          },
          http: () => {
            throw new Error("not over HTTP");
          },
        },
      },
    );
    expect(driver.deviceId).toBe("L1-sorter");
    expect(asked).toEqual(["L1-sorter"]);
  });
});
