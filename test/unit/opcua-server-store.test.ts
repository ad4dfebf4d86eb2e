/**
 * Goal: a certificate is trusted where it was seen and nowhere else, by files that a person can see
 * and move; what vouches for nobody, and what strangers leave behind, does no harm. Method: a folder,
 * and certificates made on the spot.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { OPCUACertificateManager } from "node-opcua";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  pemOf,
  readCertificate,
  spokenFingerprint,
  type CertificateFacts,
} from "../../edge/devices/certificate-facts.ts";
import { openServerStore } from "../../edge/devices/wires/opcua/server-store.ts";
import { trustCommand } from "../../edge/runtime/trust-command.ts";
import { temporaryFolder } from "../contract/device-rig.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());

let one: CertificateFacts;
let two: CertificateFacts;
beforeAll(async () => {
  const manager = new OPCUACertificateManager({ rootFolder: folder.path("made") });
  await manager.initialize();
  const make = async (name: string, applicationUri: string): Promise<CertificateFacts> => {
    const outputFile = folder.path(`${name}.pem`);
    await manager.createSelfSignedCertificate({
      subject: `/CN=${name}/O=Maker`,
      applicationUri,
      dns: ["sorter.local"],
      startDate: new Date(Date.UTC(2026, 0, 2)),
      validity: 10,
      outputFile,
    });
    return readCertificate(readFileSync(outputFile));
  };
  one = await make("one", 'urn:a,b:"c"');
  two = await make("two", "urn:two");
  await manager.dispose();
});

const here = "opc.tcp://Sorter.local:4841/UA";
const fingerprints = async (at: string, url: string): Promise<readonly string[]> =>
  (await openServerStore(folder.path(at)).trustedAt(url)).map(({ fingerprint }) => fingerprint);

test("what people go by is read from PEM, from DER, and from the first of a chain", () => {
  expect(one).toMatchObject({
    subject: "CN=one, O=Maker",
    applicationUri: 'urn:a,b:"c"',
    fromAt: Date.UTC(2026, 0, 2),
  });
  const chain = Buffer.concat([one.der, two.der]);
  for (const bytes of [Buffer.from(pemOf(one)), one.der, chain]) {
    expect(readCertificate(bytes).fingerprint).toBe(one.fingerprint);
  }
  expect(spokenFingerprint(one)).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
  expect(() => readCertificate(Buffer.from("nothing"))).toThrow();
  expect(() => readCertificate(new Uint8Array())).toThrow();
});

test("one is trusted at the host and port where it was, however they are written", async () => {
  await openServerStore(folder.path("a")).trust(here, one);
  expect(await fingerprints("a", "opc.tcp://sorter.local:4841")).toEqual([one.fingerprint]);
  for (const other of [
    "opc.tcp://sorter.local:4842",
    "opc.tcp://sorter.loca:4841",
    "opc.tcp://[::1]:4841",
  ]) {
    expect(await fingerprints("a", other)).toEqual([]);
  }
  await openServerStore(folder.path("a")).trust("opc.tcp://plc", two);
  expect(await fingerprints("a", "opc.tcp://plc:4840/x")).toEqual([two.fingerprint]);
});

test("a new one takes the place of the old one, at its address only", async () => {
  const store = openServerStore(folder.path("b"));
  await store.trust(here, one);
  await store.trust("opc.tcp://plc", one);
  await store.trust(here, two);
  expect(await fingerprints("b", here)).toEqual([two.fingerprint]);
  expect(await fingerprints("b", "opc.tcp://plc")).toEqual([one.fingerprint]);
});

test("one that was refused may be moved by hand, and is trusted where it was seen", async () => {
  const store = openServerStore(folder.path("c"));
  await store.keepRejected(here, one);
  const [name = ""] = readdirSync(folder.path("c/rejected"));
  mkdirSync(folder.path("c/trusted/certs"), { recursive: true });
  renameSync(folder.path(`c/rejected/${name}`), folder.path(`c/trusted/certs/${name}`));
  expect(await fingerprints("c", here)).toEqual([one.fingerprint]);
  expect(await fingerprints("c", "opc.tcp://plc")).toEqual([]);
});

test("whatever is no certificate vouches for nobody", async () => {
  await openServerStore(folder.path("d")).trust(here, one);
  const certs = folder.path("d/trusted/certs");
  writeFileSync(join(certs, "sorter.local_4841[AB].pem"), "-----BEGIN");
  writeFileSync(join(certs, "sorter.local_4841[CD].pem"), Buffer.alloc(100_000, "x"));
  writeFileSync(join(certs, `sorter.local_4841[${two.fingerprint}].pem.1.part`), pemOf(two));
  expect(await fingerprints("d", here)).toEqual([one.fingerprint]);
});

test("one that is there and cannot be read is named: whoever is trusted in it is no stranger", async () => {
  await openServerStore(folder.path("g")).trust(here, one);
  const certs = folder.path("g/trusted/certs");
  const unreadable = join(certs, "sorter.local_4841[AB].pem");
  mkdirSync(join(certs, "sorter.local_4841[CD].pem"));
  symlinkSync(unreadable, unreadable);
  await expect(fingerprints("g", here)).rejects.toMatchObject({
    reason: { code: "secretFile", params: { address: unreadable } },
  });
  rmSync(unreadable);
  expect(await fingerprints("g", here)).toEqual([one.fingerprint]);
});

test("several sessions may refuse the same one at once", async () => {
  const stores = Array.from({ length: 8 }, () => openServerStore(folder.path("f")));
  await Promise.all(stores.map((store) => store.keepRejected(here, one)));
  expect(readdirSync(folder.path("f/rejected"))).toHaveLength(1);
});

test("of what was refused the newest hundred stay", async () => {
  const store = openServerStore(folder.path("e"));
  mkdirSync(folder.path("e/rejected"), { recursive: true });
  for (let index = 0; index < 120; index += 1) {
    writeFileSync(folder.path(`e/rejected/sorter.local_4841[${index}].pem`), "");
  }
  await store.keepRejected(here, one);
  const names = readdirSync(folder.path("e/rejected"));
  expect(names).toHaveLength(100);
  expect(names.some((name) => name.includes(one.fingerprint))).toBe(true);
  expect(existsSync(folder.path("e/trusted"))).toBe(false);
});

test("the command is whole, and one that a shell takes as it stands", () => {
  expect(trustCommand("/etc/a b/it's.yaml", "L1")).toBe(
    String.raw`npm run trust -- --config '/etc/a b/it'\''s.yaml' --device L1`,
  );
  expect(trustCommand("agent.yaml", "L1")).toContain(`--config ${process.cwd()}/agent.yaml `);
});
