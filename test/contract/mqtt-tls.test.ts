/**
 * Goal: an MQTT broker is spoken to over TLS when its certificate is in order by the authority that
 * is configured, and it hears who we are; each thing that is wrong has its own reason, for devices
 * and for the link alike, since both open the same bus. Method: a broker behind TLS on loopback,
 * with certificates made on the spot.
 */
import { chmodSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { Aedes } from "aedes";
import { describe, expect, test } from "vitest";
import type { DeviceReason } from "../../protocols/device-reasons.ts";
import { makeCertificate, type MadeCertificate } from "../kit/certificates.ts";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { silentLog } from "../../protocols/log.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { evenEntropy, startBroker } from "./device-rig.ts";
import { useTlsStand } from "./tls-stand.ts";

const { atEnd, file, pathOf, authority, foreignAuthority, caFile, firstNews } = useTlsStand();
const dayMs = 86_400_000;
const ofBroker = { name: "broker", issuer: authority, ip: ["127.0.0.1"] };

interface BrokerWish {
  readonly certificate?: MadeCertificate;
  readonly tls?: TlsOptions;
  readonly password?: string;
  /** Every password that it was told. */
  readonly offered?: string[];
}

/** Resolves with its URL. */
async function serve(wish: BrokerWish = {}): Promise<string> {
  const { certificate, tls = {}, password, offered } = wish;
  const { pem, keyPem } = certificate ?? makeCertificate(ofBroker);
  const aedes = await Aedes.createBroker({
    authenticate(_client, name, given, done) {
      offered?.push(given?.toString() ?? "");
      done(null, password === undefined || (name === "line" && given?.toString() === password));
    },
  });
  const sockets = new Set<TLSSocket>();
  const server = createServer({ cert: pem, key: keyPem, ...tls }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    aedes.handle(socket);
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
  });
  return `mqtts://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("DEV1-43: a broker over TLS", () => {
  test("whose certificate the configured authority has signed is spoken to", async () => {
    expect(await firstNews({ brokerUrl: await serve(), tls: { caFile } })).toBe("up");
  });

  test.each<[string, () => MadeCertificate, DeviceReason["code"], RegExp]>([
    [
      "of another authority",
      () => makeCertificate({ ...ofBroker, issuer: foreignAuthority }),
      "notTrusted",
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
    ],
    [
      "of its own",
      () => makeCertificate({ name: "broker", ip: ["127.0.0.1"] }),
      "notTrusted",
      /DEPTH_ZERO_SELF_SIGNED_CERT/,
    ],
    [
      "that has expired",
      () => makeCertificate({ ...ofBroker, to: new Date(Date.now() - dayMs / 2) }),
      "certificateExpired",
      /CERT_HAS_EXPIRED/,
    ],
    [
      "that begins tomorrow",
      () => makeCertificate({ ...ofBroker, from: new Date(Date.now() + dayMs) }),
      "certificateNotYetValid",
      /CERT_NOT_YET_VALID/,
    ],
    [
      "of another host",
      () => makeCertificate({ name: "broker", issuer: authority, dns: ["other.example"] }),
      "certificateOtherName",
      /127\.0\.0\.1/,
    ],
  ])("with a certificate %s is refused as that", async (_what, make, code, detail) => {
    const brokerUrl = await serve({ certificate: make() });
    const news = await firstNews({ brokerUrl, tls: { caFile } });
    expect(news).toMatchObject({ code, params: { address: brokerUrl } });
    expect(news).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  test("of the site's own authority is trusted by nobody who does not name it", async () => {
    expect(await firstNews({ brokerUrl: await serve() })).toMatchObject({ code: "notTrusted" });
  });

  test("that wants a certificate of ours gets it, and is quoted where it gets none", async () => {
    const tls = { ca: authority.pem, requestCert: true, rejectUnauthorized: true };
    const brokerUrl = await serve({ tls });
    const own = makeCertificate({ name: "agent", issuer: authority });
    const ours = { certificateFile: file(own.pem), keyFile: file(own.keyPem) };
    expect(await firstNews({ brokerUrl, tls: { caFile, ...ours } })).toBe("up");
    expect(await firstNews({ brokerUrl, tls: { caFile } })).toMatchObject({
      code: "ourCertificateRefused",
    });
  });

  test("is not asked with what is no certificate, no key to it, or out of date", async () => {
    const brokerUrl = await serve();
    const own = makeCertificate({ name: "agent", issuer: authority });
    const other = makeCertificate({ name: "agent", issuer: authority });
    const over = makeCertificate({
      name: "agent",
      issuer: authority,
      to: new Date(Date.now() - dayMs / 2),
    });
    const noCertificate = file("-----BEGIN CERTIFICATE-----");
    expect(await firstNews({ brokerUrl, tls: { caFile: noCertificate } })).toMatchObject({
      code: "secretFile",
      params: { address: noCertificate },
    });
    const [certificateFile, keyFile] = [file(own.pem), file(other.keyPem)];
    expect(await firstNews({ brokerUrl, tls: { caFile, certificateFile, keyFile } })).toMatchObject(
      {
        code: "secretFile",
        params: { address: keyFile },
        detail: expect.stringMatching(/mismatch/),
      },
    );
    const late = { certificateFile: file(over.pem), keyFile: file(over.keyPem) };
    expect(await firstNews({ brokerUrl, tls: { caFile, ...late } })).toMatchObject({
      code: "ownCertificate",
      params: { address: late.certificateFile },
      detail: expect.stringMatching(/^valid from .* today is/),
    });
  });

  test("that does not speak TLS at all is told as that", async () => {
    const broker = await startBroker();
    atEnd.push(() => broker.stop());
    const brokerUrl = broker.url.replace("mqtt:", "mqtts:");
    const news = await firstNews({ brokerUrl, tls: { caFile } });
    expect(news).toMatchObject({ code: "securityNotOffered", params: { address: brokerUrl } });
  });
});

describe("user and password", () => {
  test("are told from a file, and a wrong one is refused as that", async () => {
    const brokerUrl = await serve({ password: "line secret" });
    const reach = { brokerUrl, tls: { caFile } };
    const as = (passwordFile: string) => ({ ...reach, user: { name: "line", passwordFile } });
    expect(await firstNews(as(file("line secret\n")))).toBe("up");
    for (const wrong of [as(file("guessed")), reach]) {
      const news = await firstNews(wrong);
      expect(news).toMatchObject({ code: "accessDenied", params: { address: brokerUrl } });
      expect(JSON.stringify(news)).not.toContain("guessed");
    }
  });

  test("a wrong one is offered ever later and locks no account, and a changed one at once", async () => {
    const offered: string[] = [];
    const brokerUrl = await serve({ password: "right", offered });
    const passwordFile = file("wrong");
    const clock = createVirtualClock();
    const bus = openMqttBus({
      brokerUrl,
      tls: { caFile },
      user: { name: "line", passwordFile },
      clientId: "site:agent:line",
      clock,
      entropy: evenEntropy,
      log: silentLog,
    });
    atEnd.push(() => bus.close());
    let news: true | DeviceReason | undefined;
    bus.onState((isUp, reason) => (news = isUp || reason));
    /** What goes over sockets takes turns of the real program. */
    const runUntil = async (isSo: () => boolean, stepMs: number): Promise<void> => {
      const endsAt = performance.now() + 10_000;
      while (!isSo()) {
        if (performance.now() > endsAt) throw new Error(`not in time: ${offered.join()}`);
        clock.runFor(stepMs);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const isDenied = (): boolean => news !== true && news?.code === "accessDenied";
    await runUntil(isDenied, 0);
    const from = clock.monotonic();
    await runUntil(() => clock.monotonic() - from > 7_000, 100);
    expect(offered).toEqual(["wrong"]);
    await runUntil(() => offered.length === 2, 100);
    expect(isDenied()).toBe(true);
    writeFileSync(passwordFile, "right");
    await runUntil(() => news === true, 100);
    expect(offered).toEqual(["wrong", "wrong", "right"]);
  });

  test("a file that others may use, or that is not there, is named and tried again", async () => {
    const brokerUrl = await serve({ password: "line secret" });
    const passwordFile = file("line secret", 0o644);
    const reach = { brokerUrl, tls: { caFile }, user: { name: "line", passwordFile } };
    expect(await firstNews(reach)).toMatchObject({
      code: "secretFile",
      params: { address: passwordFile },
    });
    chmodSync(passwordFile, 0o600);
    expect(await firstNews(reach)).toBe("up");
    const missing = pathOf("no-such-ca");
    expect(await firstNews({ brokerUrl, tls: { caFile: missing } })).toMatchObject({
      code: "secretFile",
      params: { address: missing },
    });
  });
});
