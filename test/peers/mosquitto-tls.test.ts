/**
 * Goal: over TLS a foreign broker is spoken to when both sides believe each other, and what stands in
 * the way is named by its own alert. Method: mosquitto on OpenSSL, with certificates made on the spot;
 * our own end is the bus that devices and link open.
 */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { BrokerReach } from "../../edge/devices/reach.ts";
import { useTlsStand } from "../contract/tls-stand.ts";
import { makeCertificate, type CertificateWish } from "../kit/certificates.ts";
import { startMosquitto } from "./mosquitto.ts";

const { atEnd, file, authority, foreignAuthority, caFile, firstNews } = useTlsStand();
const dayMs = 86_400_000;

/** As mosquitto_passwd writes it. */
function passwordLine(name: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, "sha512").toString("base64");
  return `${name}:$7$101$${salt.toString("base64")}$${hash}\n`;
}

async function serve(
  wish: Partial<CertificateWish> = {},
  settings: readonly string[] = [],
): Promise<string> {
  const { pem, keyPem } = makeCertificate({
    name: "broker",
    issuer: authority,
    ip: ["127.0.0.1"],
    ...wish,
  });
  const files = {
    "ca.pem": authority.pem,
    "broker.pem": pem,
    "broker.key": keyPem,
    passwords: passwordLine("line", "line secret"),
  };
  const broker = await startMosquitto(
    (at) => [
      `cafile ${at}/ca.pem`,
      `certfile ${at}/broker.pem`,
      `keyfile ${at}/broker.key`,
      ...settings.map((line) => line.replace("@", at)),
    ],
    files,
  );
  atEnd.push(() => broker.stop());
  return broker.url.replace("mqtt:", "mqtts:");
}

/** "up", or the code of what stands in the way. */
async function firstCode(reach: BrokerReach): Promise<string> {
  const news = await firstNews(reach);
  return news === "up" ? news : news.code;
}

test.each<[string, Partial<CertificateWish>, string]>([
  ["in order", {}, "up"],
  ["of another authority", { issuer: foreignAuthority }, "notTrusted"],
  ["that has expired", { to: new Date(Date.now() - dayMs / 2) }, "certificateExpired"],
  ["of another host", { ip: ["127.0.0.2"] }, "certificateOtherName"],
])("a broker with a certificate %s", async (_what, wish, expected) => {
  expect(await firstCode({ brokerUrl: await serve(wish), tls: { caFile } })).toBe(expected);
});

test.each<[string, Partial<CertificateWish> | null, string]>([
  ["in order", {}, "up"],
  ["missing", null, "ourCertificateRefused"],
  ["of another authority", { issuer: foreignAuthority }, "ourCertificateRefused"],
])("a broker that wants our certificate, and it is %s", async (_what, wish, expected) => {
  const brokerUrl = await serve({}, ["require_certificate true"]);
  const own = wish && makeCertificate({ name: "agent", issuer: authority, ...wish });
  const ours = own && { certificateFile: file(own.pem), keyFile: file(own.keyPem) };
  expect(await firstCode({ brokerUrl, tls: { caFile, ...ours } })).toBe(expected);
});

test("a password is taken, and a wrong one refused as that", async () => {
  const brokerUrl = await serve({}, ["password_file @/passwords"]);
  const as = (password: string): BrokerReach => ({
    brokerUrl,
    tls: { caFile },
    user: { name: "line", passwordFile: file(password) },
  });
  expect(await firstCode(as("line secret"))).toBe("up");
  expect(await firstCode(as("guessed"))).toBe("accessDenied");
});
