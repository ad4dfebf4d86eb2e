import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";

/**
 * Certificates by our own hand, made while a test runs, so that each may be wrong in the one way that
 * is wanted. Elliptic keys, because they are drawn at once.
 * @see RFC 5280, 4.1 and 4.2
 */
export interface MadeCertificate {
  readonly pem: string;
  readonly keyPem: string;
  readonly name: string;
}

export interface CertificateWish {
  /** Its common name. */
  readonly name: string;
  /** Default: itself. */
  readonly issuer?: MadeCertificate;
  readonly isAuthority?: boolean;
  /** Default: since yesterday. */
  readonly from?: Date;
  /** Default: for 30 days from now. */
  readonly to?: Date;
  /** Host names that it is good for. */
  readonly dns?: readonly string[];
  /** IPv4 addresses that it is good for. */
  readonly ip?: readonly string[];
}

const dayMs = 86_400_000;

export function makeCertificate(wish: CertificateWish): MadeCertificate {
  const { name, issuer, isAuthority = false, dns = [], ip = [] } = wish;
  const now = Date.now();
  const from = wish.from ?? new Date(now - dayMs);
  const to = wish.to ?? new Date(now + 30 * dayMs);
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.keyPem);
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const extensions = [
    sequence(
      oid("551d13"),
      tagged(0x01, "ff"),
      octets(sequence(...(isAuthority ? [tagged(0x01, "ff")] : []))),
    ),
    ...(dns.length + ip.length === 0
      ? []
      : [sequence(oid("551d11"), octets(alternativeNames(dns, ip)))]),
  ];
  const toSign = sequence(
    tagged(0xa0, tagged(0x02, "02")),
    tagged(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer?.name ?? name),
    sequence(time(from), time(to)),
    distinguishedName(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", toSign, signer);
  const der = sequence(toSign, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    name,
    pem: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function tagged(tag: number, content: Buffer | string): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "hex") : content;
  const length =
    bytes.length < 0x80
      ? Buffer.of(bytes.length)
      : Buffer.of(0x82, bytes.length >> 8, bytes.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, bytes]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const oid = (hex: string): Buffer => tagged(0x06, hex);
const octets = (content: Buffer): Buffer => tagged(0x04, content);

const distinguishedName = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(name)))));

/** UTCTime, which holds until 2049. */
const time = (at: Date): Buffer =>
  tagged(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replaceAll(/[-T:]/g, "")}Z`));

const alternativeNames = (dns: readonly string[], ip: readonly string[]): Buffer =>
  sequence(
    ...dns.map((name) => tagged(0x82, Buffer.from(name))),
    ...ip.map((address) => tagged(0x87, Buffer.from(address.split(".").map(Number)))),
  );
