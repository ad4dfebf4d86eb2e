import { join } from "node:path";
import { setOwnCertificateAside } from "../devices/wires/opcua/own-certificate.ts";
import type { Clock } from "../../protocols/time.ts";

/** Keys, certificates and trust lists of an agent as an OPC UA client. */
export const certificatesFolderOf = (dataDir: string): string => join(dataDir, "certificates");

export interface Renewal {
  readonly isDone: boolean;
  /** For the person who asked. */
  readonly sentence: string;
}

/** An act of a person, because every server has to be told to trust the new certificate. */
export function renewCertificate(dataDir: string, clock: Clock): Renewal {
  const aside = setOwnCertificateAside(certificatesFolderOf(dataDir), clock.wall());
  switch (aside.kind) {
    case "setAside":
      return {
        isDone: true,
        sentence: `the certificate is kept as ${aside.as}; the next connection makes a new one, which each OPC UA server must trust`,
      };
    case "nothingToDo":
      return { isDone: true, sentence: "there is no certificate; the next connection makes one" };
    case "refused":
      return { isDone: false, sentence: `the certificate is not renewed: ${aside.why}` };
  }
}
