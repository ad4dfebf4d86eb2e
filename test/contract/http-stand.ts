import { chmodSync, writeFileSync } from "node:fs";
import { createServer as createPlainServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { MadeCertificate } from "../kit/certificates.ts";
import { temporaryFolder } from "./device-rig.ts";

/** A file with a password that only its owner may read, until the test ends. */
export function passwordIn(password: string): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const path = folder.path("password");
  writeFileSync(path, `${password}\n`);
  chmodSync(path, 0o600);
  return path;
}

/** Where somebody answers so until the test ends; with a certificate, over TLS. */
export async function listeningTo(
  listener: RequestListener,
  certificate?: MadeCertificate,
): Promise<{ url: string; server: Server }> {
  const server =
    certificate === undefined
      ? createPlainServer(listener)
      : createTlsServer({ cert: certificate.pem, key: certificate.keyPem }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const scheme = certificate === undefined ? "http" : "https";
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/still`, server };
}

export const serverOf = async (
  listener: RequestListener,
  certificate?: MadeCertificate,
): Promise<string> => (await listeningTo(listener, certificate)).url;
