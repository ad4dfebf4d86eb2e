import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissing } from "../../../../protocols/file-reason.ts";
import { unfitFile } from "../../certificate-file.ts";
import { pemOf, readCertificate, type CertificateFacts } from "../../certificate-facts.ts";

/**
 * Which servers a person has come to trust, and which were refused: one file a certificate, named by
 * the address that has shown it, in the folders `trusted/certs` and `rejected`. So one that is moved
 * from the one to the other by hand is trusted where it was seen, and nowhere else.
 */
export interface ServerStore {
  /** Read anew each time: what a person does counts at the next attempt. */
  trustedAt(endpointUrl: string): Promise<readonly CertificateFacts[]>;
  /** Kept for a person to look at; the oldest leave beyond a bound. */
  keepRejected(endpointUrl: string, shown: CertificateFacts): Promise<void>;
  /** In the place of whatever was trusted there. */
  trust(endpointUrl: string, shown: CertificateFacts): Promise<void>;
}

/** Whoever sits at an address may show another one at each attempt. */
const rejectedMax = 100;
/** A file of that many bytes is no certificate, and no chain of some. */
const certificateBytesMax = 65_536;

export function openServerStore(folder: string): ServerStore {
  const trusted = join(folder, "trusted", "certs");
  const rejected = join(folder, "rejected");

  return {
    async trustedAt(endpointUrl) {
      const names = (await namesIn(trusted)).filter((name) => isOf(endpointUrl, name));
      const read = await Promise.all(names.map((name) => readIfCertificate(join(trusted, name))));
      return read.filter((each) => each !== null);
    },
    async keepRejected(endpointUrl, shown) {
      const name = fileNameOf(endpointUrl, shown);
      const names = await namesIn(rejected);
      if (names.includes(name)) return;
      await mkdir(rejected, { recursive: true });
      await writeWhole(join(rejected, name), pemOf(shown));
      for (const old of await oldestFirst(rejected, rejectedMax)) {
        await rm(join(rejected, old), { force: true });
      }
    },
    async trust(endpointUrl, shown) {
      const name = fileNameOf(endpointUrl, shown);
      await mkdir(trusted, { recursive: true });
      await writeWhole(join(trusted, name), pemOf(shown));
      const others = (await namesIn(trusted)).filter(
        (other) => other !== name && isOf(endpointUrl, other),
      );
      for (const other of others) await rm(join(trusted, other), { force: true });
      await rm(join(rejected, name), { force: true });
    },
  };
}

/** Host and port: what lies behind a slash is the same program with the same certificate. */
function placeOf(endpointUrl: string): string {
  const { hostname, port } = new URL(endpointUrl);
  const host = hostname.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "_");
  return `${host.slice(0, 150)}_${port === "" ? "4840" : port}`;
}

const fileNameOf = (endpointUrl: string, { fingerprint }: CertificateFacts): string =>
  `${placeOf(endpointUrl)}[${fingerprint}].pem`;

const isOf = (endpointUrl: string, name: string): boolean =>
  name.startsWith(`${placeOf(endpointUrl)}[`);

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".pem"));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * Null for what vouches for nobody: it is no certificate, or has left meanwhile. Throws a `WireRefusal`
 * that names a file which is there and cannot be read, since whoever is trusted in it would be taken
 * for a stranger.
 */
async function readIfCertificate(path: string): Promise<CertificateFacts | null> {
  const bytes = await readIfThere(path);
  try {
    return bytes === null ? null : readCertificate(bytes);
  } catch {
    // People may leave anything in a folder that is theirs to fill.
    return null;
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= certificateBytesMax ? await readFile(path) : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw unfitFile(path, error);
  }
}

/** Never seen half: an agent may read it while a command, or another of its sessions, writes it. */
async function writeWhole(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.part`;
  await writeFile(aside, text, { mode: 0o644, flush: true });
  await rename(aside, path);
}

/** All but the newest so many. */
async function oldestFirst(folder: string, keptMax: number): Promise<readonly string[]> {
  const names = await namesIn(folder);
  if (names.length <= keptMax) return [];
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  const newestFirst = dated.toSorted((one, other) => other.at - one.at);
  return newestFirst.slice(keptMax).map(({ name }) => name);
}
