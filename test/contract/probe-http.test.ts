/**
 * Goal: whoever sets a camera up by HTTP and gets no still hears from `npm run probe` what is wrong, each
 * thing in a sentence of its own, in both languages, and never a password. Method: small servers that
 * answer wrongly in one way, and the shipped driver.
 */
import type { RequestListener } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { createCamera, zCameraConfig } from "../../edge/devices/camera/open-camera.ts";
import type { DriverDeps } from "../../edge/devices/wires/wires.ts";
import type { NamedDevice } from "../../edge/runtime/open-devices.ts";
import { startHttpCamera } from "../../simulators/devices/camera/http-camera.ts";
import { makeCertificate, type CertificateWish } from "../kit/certificates.ts";
import { listeningTo, passwordIn, serverOf } from "./http-stand.ts";
import { probed } from "./probed.ts";
import { useTlsStand } from "./tls-stand.ts";

const { authority, foreignAuthority, caFile } = useTlsStand();

function camera(reach: object): NamedDevice {
  const config = zCameraConfig.parse({
    id: "P1-camera",
    reach: { kind: "http", answerMsMax: 500, ...reach },
    dialect: { kind: "snapshot" },
    moments: ["left"],
  });
  return { kind: "camera", config, open: (deps: DriverDeps) => createCamera(config, deps) };
}

const answering =
  (status: number, headers: Record<string, string> = {}, text = ""): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(text);

/** A change of health with its reason: then it is known what is wrong. */
const until = / \* .+: /;

interface Case {
  readonly listener: RequestListener;
  /** Begins the sentence, in each language. */
  readonly en: RegExp;
  readonly zh: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  "another path": {
    listener: answering(404),
    en: /^There is nothing at this path: 404 Not Found: \/still\?channel=…\./,
    zh: /^该路径没有内容/,
  },
  "a redirection": {
    listener: answering(302, { location: "/login?pwd=hunter2" }),
    en: /^It sends us on: 302 Found, which leads to http:\/\/127\.0\.0\.1:\d+\/login\?pwd=…\./,
    zh: /^对方让我们转往别处/,
  },
  "another protocol": {
    listener: ({ socket }) =>
      void socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      ),
    en: /^It switches to another protocol: 101 Switching Protocols, to websocket, so this is no path for a still\./,
    zh: /^对方切换到另一种协议：101 Switching Protocols, to websocket，因此此路径不是抓拍路径。/,
  },
  "no picture": {
    listener: answering(204),
    en: /^It answers, and has no picture: 204 No Content\./,
    zh: /^对方有应答，但没有图片/,
  },
  "no time": {
    listener: answering(503),
    en: /^It has no time, or is still starting: 503 Service Unavailable\./,
    zh: /^对方繁忙或仍在启动/,
  },
  "a request that is not taken": {
    listener: answering(400),
    en: /^It does not take the request: 400 Bad Request\./,
    zh: /^对方不接受此请求/,
  },
  "a video stream": {
    listener: (_, response) => {
      response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=x" });
      response.write("--x");
    },
    en: /^What is at this path never ends: a video stream, multipart\/x-mixed-replace/,
    zh: /^此路径下的内容没有结尾/,
  },
  "an answer that ends early": {
    listener: (_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("begun", () => response.destroy());
    },
    en: /^The camera hangs up in the midst of its answer: .* after 5 of 100 bytes\./,
    zh: /^相机在应答中途断开/,
  },
  "a call that is hung up on": {
    listener: (request) => void request.socket.destroy(),
    en: /^Somebody takes the call and hangs up, or speaks no HTTP: /,
    zh: /^对方接受连接后即断开/,
  },
  "an answer that does not come": {
    listener: () => {},
    en: /^The answer is not there in time\./,
    zh: /^应答未按时到达/,
  },
  "a wish to know who asks, and no way": {
    listener: answering(401),
    en: /^Whoever we are is not let in: it wants to know who asks, and does not say in which way\./,
    zh: /^对方不接受我们的身份/,
  },
  "a page instead of a picture": {
    listener: answering(200, { "content-type": "text/html" }, "<html>"),
    en: /^A message came that cannot be taken: it is neither JPEG nor PNG; it says text\/html/,
    zh: /neither JPEG nor PNG/,
  },
};

describe.each(Object.entries(cases))("%s", (_name, { listener, en, zh }) => {
  test("has a hint of its own, in both languages, without any value of the URL", async () => {
    const url = `${await serverOf(listener)}?channel=hunter2`;
    const device = camera({ url, user: { name: "a", passwordFile: passwordIn("hunter2") } });
    const english = await probed(device, { until });
    expect(english.hints).toEqual([expect.stringMatching(en)]);
    const chinese = await probed(device, { until, language: "zh-CN" });
    expect(chinese.hints).toEqual([expect.stringMatching(zh)]);
    expect(english.text + chinese.text).not.toContain("hunter2");
    expect(english.text).toMatch(/^P1-camera: camera, snapshot, http .*\/still\?channel=…$/m);
  });
});

describe("over TLS", () => {
  const still = answering(200, {}, "still");
  const ofCamera = { name: "camera", issuer: authority, ip: ["127.0.0.1"] };
  const hintsAt = async (url: string, more: object = {}): Promise<readonly string[]> =>
    (await probed(camera({ url, ...more }), { until })).hints;

  test.each<[string, Partial<CertificateWish>, RegExp]>([
    ["another authority", { issuer: foreignAuthority }, /^Nobody who is trusted here has signed/],
    ["days that are over", { to: new Date(Date.now() - 86_400_000) }, /^Its certificate is over: /],
    ["another name", { ip: [], dns: ["other.example"] }, /^Its certificate is good for other/],
  ])("a certificate with %s has a hint of its own", async (_name, wish, hint) => {
    const url = await serverOf(still, makeCertificate({ ...ofCamera, ...wish }));
    expect(await hintsAt(url, { caFile })).toEqual([expect.stringMatching(hint)]);
  });

  test("https where none is spoken is not told as a password that all could read", async () => {
    const url = (await serverOf(still)).replace("http:", "https:");
    expect(await hintsAt(url, { caFile })).toEqual([
      expect.stringMatching(/^No TLS is spoken there: /),
    ]);
  });

  test("a password that all could read is not told as missing TLS", async () => {
    const { url } = await listeningTo(answering(401, { "www-authenticate": "Basic realm=x" }));
    const user = { name: "a", passwordFile: passwordIn("b") };
    const elsewhere = url.replace("127.0.0.1", "[::ffff:127.0.0.1]");
    expect(await hintsAt(elsewhere, { user })).toEqual([
      expect.stringMatching(/^It wants the password as it is, for all to read: /),
    ]);
  });
});

test("a camera in order is told as that", async () => {
  const device = await startHttpCamera({ port: 0, user: null });
  onTestFinished(() => device.stop());
  const { isInOrder, hints } = await probed(camera({ url: device.url }), { seconds: 1 });
  expect(hints).toEqual([]);
  expect(isInOrder).toBe(true);
});
