/**
 * Goal: a password is given only to whom it may be given, and whatever else answers in a camera's place
 * is refused with the reason that mends it. Method: the real wire against small servers of the test.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { httpAsksMax, openHttpWire, type HttpNews } from "../../edge/devices/wires/http-wire.ts";
import { zReach, type HttpReach } from "../../edge/devices/reach.ts";
import type { DeviceReason } from "../../protocols/device-reasons.ts";
import { silentLog } from "../../protocols/log.ts";
import { notConnected, sent, wireFull } from "../../protocols/transport.ts";
import { startHttpCamera } from "../../simulators/devices/camera/http-camera.ts";
import { evenEntropy, realTime, temporaryFolder } from "./device-rig.ts";

function passwordIn(password: string): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const path = folder.path("password");
  writeFileSync(path, `${password}\n`);
  chmodSync(path, 0o600);
  return path;
}

function opened(reach: object) {
  const time = realTime();
  const states: (true | DeviceReason | undefined)[] = [];
  const news: HttpNews[] = [];
  const whole = zReach.parse({ kind: "http", lookEveryMs: 500, answerMsMax: 400, ...reach });
  const wire = openHttpWire({
    reach: whole as HttpReach,
    clock: time.clock,
    entropy: evenEntropy,
    log: silentLog,
  });
  onTestFinished(() => wire.close());
  wire.open({
    onState: (isUp, reason) => void states.push(isUp || reason),
    onMessage: (message) => void news.push(message),
    onAdvice: () => {},
    onDropped: () => {},
    onSendFailed: () => {},
  });
  const first = async (): Promise<true | DeviceReason | undefined> => {
    await time.until(() => states.length > 0, "the first answer");
    return states[0];
  };
  return { ...time, wire, states, news, first };
}

async function serverOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/still`;
}

describe("who asks", () => {
  test.each(["digest", "basic", "both"] as const)("is told by %s", async (by) => {
    const camera = await startHttpCamera({
      port: 0,
      user: { name: "sortline", password: "se cr:et", by },
    });
    onTestFinished(() => camera.stop());
    const passwordFile = passwordIn("se cr:et");
    const { first } = opened({ url: camera.url, user: { name: "sortline", passwordFile } });
    expect(await first()).toBe(true);
  });

  test.each(["digest", "basic"] as const)("is refused by %s with another password", async (by) => {
    const camera = await startHttpCamera({
      port: 0,
      user: { name: "sortline", password: "right", by },
    });
    onTestFinished(() => camera.stop());
    const passwordFile = passwordIn("wrong");
    const { first } = opened({ url: camera.url, user: { name: "sortline", passwordFile } });
    expect(await first()).toMatchObject({ code: "accessDenied", detail: "401 Unauthorized" });
  });

  test("is nobody by name, where one is wanted", async () => {
    const user = { name: "a", password: "b", by: "both" } as const;
    const camera = await startHttpCamera({ port: 0, user });
    onTestFinished(() => camera.stop());
    const reason = await opened({ url: camera.url }).first();
    expect(reason).toMatchObject({ code: "accessDenied" });
    expect(reason).toHaveProperty("detail", expect.stringContaining("they go under user"));
  });

  test("gives no password as it is to another computer", async () => {
    const asked: (string | undefined)[] = [];
    const url = await serverOf((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    });
    // The same place, by a name that does not say that it is this very computer.
    const elsewhere = url.replace("127.0.0.1", "127.1");
    const passwordFile = passwordIn("secret");
    const { first } = opened({ url: elsewhere, user: { name: "a", passwordFile } });
    expect(await first()).toMatchObject({ code: "securityNotOffered" });
    expect(asked).toEqual([undefined]);
  });

  test("reads a password that only its owner may read", async () => {
    const user = { name: "a", password: "b", by: "digest" } as const;
    const camera = await startHttpCamera({ port: 0, user });
    onTestFinished(() => camera.stop());
    const passwordFile = passwordIn("b");
    chmodSync(passwordFile, 0o644);
    const { first } = opened({ url: camera.url, user: { name: "a", passwordFile } });
    expect(await first()).toMatchObject({ code: "secretFile" });
  });
});

describe("an answer that is none", () => {
  const answering: Readonly<Record<string, readonly [RequestListener, object]>> = {
    "another page": [
      (_, response) => void response.writeHead(404).end(),
      { code: "unknownThere", detail: "404 Not Found: /still" },
    ],
    "a redirection": [
      (_, response) => void response.writeHead(302, { location: "/elsewhere" }).end(),
      { code: "requestRefused", detail: "302 Found" },
    ],
    "more bytes than any still has": [
      (_, response) => void response.end(Buffer.alloc(9 * 1_024 * 1_024)),
      { code: "requestRefused", detail: "its answer has over 8388608 bytes" },
    ],
    "a head and no end": [
      (_, response) => void response.writeHead(200).write("begun"),
      { code: "noAnswer", params: { seconds: 0.4 } },
    ],
    "half of it": [
      (_, response) => {
        response.writeHead(200, { "content-length": 100 });
        response.write("begun", () => response.destroy());
      },
      { code: "connectionLost" },
    ],
    "a way of asking that nobody knows": [
      (_, response) => void response.writeHead(401, { "www-authenticate": "Negotiate" }).end(),
      { code: "accessDenied", detail: "it asks in a way that is not known here: negotiate" },
    ],
  };

  test.each(Object.entries(answering))("%s", async (_name, [listener, reason]) => {
    const url = await serverOf(listener);
    const user = { name: "a", passwordFile: passwordIn("b") };
    expect(await opened({ url, user }).first()).toMatchObject(reason);
  });
});

test("more than some requests at once are refused, and each that was taken is answered", async () => {
  const held: (() => void)[] = [];
  let isHolding = false;
  const url = await serverOf((_, response) => {
    if (isHolding) held.push(() => void response.end("still"));
    else response.end("still");
  });
  const { wire, first, news, until } = opened({ url, answerMsMax: 5_000, lookEveryMs: 60_000 });
  await first();
  isHolding = true;
  const ids = Array.from({ length: httpAsksMax + 1 }, (_, n) => `ask-${n}`);
  expect(ids.map((id) => wire.send({ id }))).toEqual([...ids.slice(1).map(() => sent), wireFull]);
  await until(() => held.length === httpAsksMax, "all of them");
  for (const answer of held) answer();
  const answered = () => news.flatMap((each) => (each.id === null ? [] : [each.id])).toSorted();
  await until(() => answered().length === httpAsksMax, "each answer");
  expect(answered()).toEqual(ids.slice(0, httpAsksMax));
});

test("a device that is not there is asked again, and not asked for anything meanwhile", async () => {
  const url = await serverOf((_, response) => void response.end("still"));
  const { wire, first } = opened({ url: url.replace(/:\d+/, ":1") });
  expect(await first()).toMatchObject({ code: "refused" });
  expect(wire.send({ id: "a" })).toEqual(notConnected);
});
