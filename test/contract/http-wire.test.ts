/**
 * Goal: a password is given only to whom it may be given, and whatever else answers in a camera's place
 * is refused with the reason that mends it. Method: the real wire against small servers of the test.
 */
import { chmodSync, writeFileSync } from "node:fs";
import type { OutgoingHttpHeaders, RequestListener } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { WireRefusal } from "../../edge/devices/network-reason.ts";
import { askHttp } from "../../edge/devices/wires/http-request.ts";
import { httpAsksMax, openHttpWire, type HttpNews } from "../../edge/devices/wires/http-wire.ts";
import { zReach, type HttpReach } from "../../edge/devices/reach.ts";
import type { DeviceReason } from "../../protocols/device-reasons.ts";
import { silentLog } from "../../protocols/log.ts";
import { notConnected, sent, wireFull } from "../../protocols/transport.ts";
import type { Clock } from "../../protocols/time.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { startHttpCamera } from "../../simulators/devices/camera/http-camera.ts";
import { makeCertificate, type CertificateWish } from "../kit/certificates.ts";
import { evenEntropy, realTime } from "./device-rig.ts";
import { listeningTo, passwordIn, serverOf } from "./http-stand.ts";
import { useTlsStand } from "./tls-stand.ts";

const { authority, foreignAuthority, caFile, file } = useTlsStand();

function opened(reach: object, clock?: Clock, onNews: () => void = () => {}) {
  const time = realTime();
  const states: (true | DeviceReason | undefined)[] = [];
  const news: HttpNews[] = [];
  const whole = zReach.parse({ kind: "http", lookEveryMs: 500, answerMsMax: 400, ...reach });
  const wire = openHttpWire({
    reach: whole as HttpReach,
    clock: clock ?? time.clock,
    entropy: evenEntropy,
    log: silentLog,
  });
  onTestFinished(() => wire.close());
  wire.open({
    onState: (isUp, reason) => void states.push(isUp || reason),
    onMessage(message) {
      news.push(message);
      onNews();
    },
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

  test.each([
    ["digest", false],
    ["digest", true],
    ["basic", false],
  ] as const)(
    "is told by %s, whatever name and realm hold: UTF-8 is said: %s",
    async (by, saysUtf8) => {
      const name = 'Jäsøn "摄像" Doe';
      const camera = await startHttpCamera({
        port: 0,
        user: { name, password: "é 密码", by, realm: "门口, Tür", saysUtf8 },
      });
      onTestFinished(() => camera.stop());
      const { first } = opened({
        url: camera.url,
        user: { name, passwordFile: passwordIn("é 密码") },
      });
      expect(await first()).toBe(true);
    },
  );

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
    const elsewhere = url.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    const passwordFile = passwordIn("secret");
    const { first } = opened({ url: elsewhere, user: { name: "a", passwordFile } });
    expect(await first()).toMatchObject({ code: "securityNotOffered" });
    expect(asked).toEqual([undefined]);
  });

  test.each(["127.1", "127.9.9.9", "LOCALHOST"])(
    "gives it to this computer, however it is written: %s",
    async (host) => {
      const user = { name: "a", password: "b", by: "basic" } as const;
      const camera = await startHttpCamera({ port: 0, user });
      onTestFinished(() => camera.stop());
      const url = camera.url.replace("http://127.0.0.1", `HTTP://${host}`);
      const { first } = opened({ url, user: { name: "a", passwordFile: passwordIn("b") } });
      // Who listens at 127.0.0.1 alone is not reached at 127.9.9.9.
      const reason = await first();
      expect(reason === true || reason?.code === "refused").toBe(true);
    },
  );

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
      (_, response) =>
        void response
          .writeHead(302, { location: "//a:hunter2@192.0.2.1/login?pwd=hunter2" })
          .end("hunter2"),
      {
        code: "requestRefused",
        detail: "302 Found, which leads to http://192.0.2.1/login?pwd=…",
      },
    ],
    "a redirection to nowhere": [
      (_, response) => void response.writeHead(302).end(),
      { code: "requestRefused", detail: "302 Found, which leads to no address" },
    ],
    "no picture": [
      (_, response) => void response.writeHead(204).end(),
      { code: "requestRefused", detail: "204 No Content" },
    ],
    "another protocol": [
      (request) =>
        void request.socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        ),
      { code: "requestRefused", detail: "101 Switching Protocols, to websocket" },
    ],
    "no time": [
      (_, response) => void response.writeHead(503).end(),
      { code: "requestRefused", detail: "503 Service Unavailable" },
    ],
    "a video stream": [
      (_, response) => {
        response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=x" });
        response.write("--x");
      },
      {
        code: "badMessage",
        detail: "a video stream, multipart/x-mixed-replace; boundary=x",
      },
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
      { code: "badMessage", detail: "its answer ends early, after 5 of 100 bytes" },
    ],
    "a call that is hung up on": [
      (request) => void request.socket.destroy(),
      { code: "connectionLost", detail: "ECONNRESET socket hang up" },
    ],
    "a wish to know who asks, and no way": [
      (_, response) => void response.writeHead(401).end(),
      {
        code: "accessDenied",
        detail: "it wants to know who asks, and does not say in which way",
      },
    ],
    "a digest that nobody can reckon": [
      (_, response) =>
        void response
          .writeHead(401, {
            "www-authenticate": 'Digest realm="x", nonce="n", qop="auth-int", algorithm=SHA-1',
          })
          .end(),
      {
        code: "accessDenied",
        detail: "it asks in a way that is not known here: digest (SHA-1, auth-int)",
      },
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

describe("a request that ends in an odd way takes no place for ever, and the agent can stop", () => {
  const said =
    (text: string, isItsLast = false): RequestListener =>
    ({ socket }) =>
      void socket.write(text, () => isItsLast && socket.destroy());
  const ask = (url: string, signal: AbortSignal, more: object = {}): Promise<unknown> =>
    askHttp({ url, ...more }, { bytesMax: 1_000, signal, clientNonce: "n" }).then(
      () => "an answer",
      (error: unknown) => (error instanceof WireRefusal ? error.reason.code : "aborted"),
    );
  const switching = said(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
  );
  const cases: Readonly<Record<string, readonly [RequestListener, string]>> = {
    "it switches to another protocol": [switching, "requestRefused"],
    "the same after who asks": [
      (request, response) => {
        if (request.headers.authorization !== undefined) return switching(request, response);
        response.writeHead(401, { "www-authenticate": "Basic realm=x" }).end();
      },
      "requestRefused",
    ],
    "it is processing for ever": [said("HTTP/1.1 102 Processing\r\n\r\n"), "aborted"],
    "it hints for ever": [said("HTTP/1.1 103 Early Hints\r\n\r\n"), "aborted"],
    "nothing comes": [() => {}, "aborted"],
    "it hangs up behind the head": [
      said("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true),
      "badMessage",
    ],
    "it hangs up within the head": [said("HTTP/1.1 200 OK\r\nContent-", true), "aborted"],
  };

  test.each(Object.entries(cases))("%s", async (_name, [listener, outcome]) => {
    const { url, server } = await listeningTo(listener);
    const abort = new AbortController();
    const user = { name: "a", passwordFile: passwordIn("b") };
    const asked = ask(url, abort.signal, { user });
    if (outcome === "aborted") setTimeout(() => abort.abort(), 100);
    expect(await asked).toBe(outcome);
    const { until } = realTime();
    let open = -1;
    await until(() => {
      server.getConnections((_error, count) => (open = count));
      return open === 0;
    }, "its connection closed");
  });

  test("it was given up before it had a socket", async () => {
    const url = await serverOf(switching);
    expect(await ask(url, AbortSignal.abort())).toBe("aborted");
    const abort = new AbortController();
    const asked = ask(url, abort.signal);
    abort.abort();
    expect(await asked).toBe("aborted");
  });

  test("the wire asks such a camera again, and closes", async () => {
    const url = await serverOf(switching);
    const { first, wire, states, until } = opened({ url });
    expect(await first()).toMatchObject({ code: "requestRefused" });
    await until(() => states.length > 1, "it was asked again");
    await wire.close();
  });
});

describe("DEV1-10: a camera over TLS", () => {
  const ofCamera = { name: "camera", issuer: authority, ip: ["127.0.0.1"] };
  const still: RequestListener = (_, response) => void response.end("still");
  const yesterday = new Date(Date.now() - 86_400_000);

  test("whose certificate the configured authority has signed is believed", async () => {
    const url = await serverOf(still, makeCertificate(ofCamera));
    expect(await opened({ url, caFile }).first()).toBe(true);
    const shouted = url.replace("https", "HTTPS");
    expect(await opened({ url: shouted, caFile }).first()).toBe(true);
  });

  test("of the site's own authority is believed by nobody who does not name it", async () => {
    const url = await serverOf(still, makeCertificate(ofCamera));
    expect(await opened({ url }).first()).toMatchObject({ code: "notTrusted" });
  });

  test.each<[string, Partial<CertificateWish>, DeviceReason["code"]]>([
    ["of another authority", { issuer: foreignAuthority }, "notTrusted"],
    ["that has expired", { to: yesterday }, "certificateExpired"],
    ["that begins tomorrow", { from: new Date(Date.now() + 86_400_000) }, "certificateNotYetValid"],
    ["for another host", { ip: [], dns: ["other.example"] }, "certificateOtherName"],
  ])("with a certificate %s is refused as that", async (_what, wish, code) => {
    const url = await serverOf(still, makeCertificate({ ...ofCamera, ...wish }));
    expect(await opened({ url, caFile }).first()).toMatchObject({ code });
  });

  test("that speaks none is told as that, and a file that is no authority's by its name", async () => {
    const url = (await serverOf(still)).replace("http:", "https:");
    expect(await opened({ url, caFile }).first()).toMatchObject({ code: "securityNotOffered" });
    const broken = file("-----BEGIN CERTIFICATE-----");
    expect(await opened({ url, caFile: broken }).first()).toMatchObject({
      code: "secretFile",
      params: { address: broken },
    });
  });

  test("is given a password as it is", async () => {
    const given: string[] = [];
    const url = await serverOf((request, response) => {
      const { authorization } = request.headers;
      given.push(authorization ?? "nobody");
      const headers = authorization === undefined ? { "www-authenticate": "Basic realm=x" } : {};
      response.writeHead(authorization === undefined ? 401 : 200, headers).end("still");
    }, makeCertificate(ofCamera));
    const user = { name: "a", passwordFile: passwordIn("b") };
    expect(await opened({ url, caFile, user }).first()).toBe(true);
    expect(given.slice(0, 2)).toEqual(["nobody", "Basic YTpi"]);
  });
});

describe("what is not read to its end", () => {
  const endless = (status: number, headers: OutgoingHttpHeaders): RequestListener => {
    return (_, response) => {
      response.writeHead(status, headers);
      const more = setInterval(() => void response.write("more"), 5);
      response.on("close", () => clearInterval(more));
    };
  };
  const basic = { "www-authenticate": 'Basic realm="x"' };

  test.each([
    ["a question who asks", 401, basic],
    ["a refusal", 404, {}],
    ["a redirection", 302, { location: "/" }],
    ["a video stream", 200, { "content-type": "multipart/x-mixed-replace" }],
  ])("%s keeps no connection, though it never ends", async (_name, status, headers) => {
    const { url, server } = await listeningTo(endless(status, headers));
    const user = { name: "a", passwordFile: passwordIn("b") };
    const { first, until } = opened({ url, user });
    await first();
    let open = -1;
    const count = (): boolean => {
      server.getConnections((_error, count) => (open = count));
      return open === 0;
    };
    await until(count, "each connection closed, well before the answer is overdue");
  });
});

describe("a password that was refused", () => {
  /** A camera that counts the passwords it was offered, and takes one. */
  async function counting(right: string) {
    const offered: string[] = [];
    const url = await serverOf((request, response) => {
      const { authorization } = request.headers;
      if (authorization === undefined) {
        return void response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
      }
      const [, password = ""] = Buffer.from(authorization.slice(6), "base64").toString().split(":");
      offered.push(password);
      response.writeHead(password === right ? 200 : 401).end("still");
    });
    return { url, offered };
  }

  test("locks no account: it is offered once in ten minutes, and the reason stands", async () => {
    const { url, offered } = await counting("right");
    const clock = createVirtualClock();
    const passwordFile = passwordIn("wrong");
    const { states, until } = opened(
      { url, user: { name: "a", passwordFile }, answerMsMax: 10_000 },
      clock,
    );
    await until(() => states.length > 0, "the refusal");
    const stays = async (ms: number): Promise<void> => {
      for (let passedMs = 0; passedMs < ms; passedMs += 500) {
        clock.runFor(500);
        // What goes over sockets takes turns of the real program.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    await stays(599_000);
    expect(offered).toEqual(["wrong"]);
    expect(states).toMatchObject([{ code: "accessDenied" }]);
    await stays(2_000);
    await until(() => offered.length === 2, "once more");
  });

  test("is offered at once when its file has changed", async () => {
    const { url, offered } = await counting("right");
    const passwordFile = passwordIn("wrong");
    const { states, until } = opened({ url, user: { name: "a", passwordFile } });
    await until(() => states.length > 0, "the refusal");
    writeFileSync(passwordFile, "right\n");
    await until(() => states.includes(true), "it is let in");
    expect(offered.slice(0, 2)).toEqual(["wrong", "right"]);
  });

  test("is offered by none of several requests that are under way", async () => {
    let right = "right";
    const offered: string[] = [];
    const held: (() => void)[] = [];
    let isHolding = false;
    const url = await serverOf((request, response) => {
      const { authorization = "" } = request.headers;
      if (authorization === "") {
        const ask = () =>
          void response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
        return isHolding ? void held.push(ask) : ask();
      }
      const password = Buffer.from(authorization.slice(6), "base64").toString().split(":")[1] ?? "";
      offered.push(password);
      response.writeHead(password === right ? 200 : 401).end("still");
    });
    const user = { name: "a", passwordFile: passwordIn("right") };
    const rig = opened({ url, user, answerMsMax: 5_000, lookEveryMs: 60_000 });
    expect(await rig.first()).toBe(true);
    [isHolding, right] = [true, "another"];
    offered.length = 0;
    for (const id of ["a", "b", "c"]) rig.wire.send({ id });
    await rig.until(() => held.length === 3, "all of them");
    held[0]?.();
    await rig.until(
      () => rig.news.filter(({ kind }) => kind === "unanswered").length === 3,
      "none",
    );
    expect(offered).toEqual(["right"]);
    expect(rig.states.at(-1)).toMatchObject({ code: "accessDenied" });
  });

  test("a question that was too old is none: it is asked again soon", async () => {
    let asked = 0;
    const url = await serverOf((request, response) => {
      if (request.headers.authorization !== undefined) asked += 1;
      if (asked === 2) return void response.end("still");
      const stale = request.headers.authorization === undefined ? "" : ", stale=true";
      response
        .writeHead(401, { "www-authenticate": `Digest realm="x", nonce="n", qop="auth"${stale}` })
        .end();
    });
    const { states, until } = opened({ url, user: { name: "a", passwordFile: passwordIn("b") } });
    await until(() => states.includes(true), "it is let in");
  });
});

test("a mistake of our own is told as a bug, and not as the device's", async () => {
  const url = await serverOf((_, response) => void response.end("still"));
  const others = process.listeners("unhandledRejection");
  const bugs: unknown[] = [];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (error) => void bugs.push(error));
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  });
  const planted = new TypeError("planted");
  const rig = opened({ url }, undefined, () => {
    throw planted;
  });
  await rig.until(() => bugs.length > 0, "the bug");
  expect(bugs).toEqual([planted]);
  expect(rig.states).toEqual([true]);
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

test("a look for a sign of life is no request beyond those: there are never more than four", async () => {
  const held: (() => void)[] = [];
  let isHolding = false;
  const url = await serverOf((_, response) => {
    if (isHolding) held.push(() => void response.end("still"));
    else response.end("still");
  });
  const { wire, first, news, until } = opened({ url, answerMsMax: 5_000, lookEveryMs: 500 });
  await first();
  isHolding = true;
  for (let n = 0; n < httpAsksMax; n += 1) wire.send({ id: `ask-${n}` });
  await until(() => held.length === httpAsksMax, "all of them");
  // Longer than a look is away.
  await sleep(800);
  expect(held).toHaveLength(httpAsksMax);
  isHolding = false;
  for (const answer of held.splice(0)) answer();
  const looks = (): number => news.filter(({ id }) => id === null).length;
  const before = looks();
  await until(() => looks() > before, "a look once they are over");
});

test("a device that is not there is asked again, and not asked for anything meanwhile", async () => {
  const url = await serverOf((_, response) => void response.end("still"));
  const { wire, first } = opened({ url: url.replace(/:\d+/, ":1") });
  expect(await first()).toMatchObject({ code: "refused" });
  expect(wire.send({ id: "a" })).toEqual(notConnected);
});
