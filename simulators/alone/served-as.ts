import type { ServerCertificate, ServerSecurity } from "../devices/opcua-security.ts";

/** How a device's OPC UA server shows itself, besides in order. */
export const certificateKinds = ["good", "expired", "early", "misnamed", "foreign"] as const;
export type CertificateKind = (typeof certificateKinds)[number];

export interface ServedAs {
  readonly security: ServerSecurity;
  /** What the server calls itself, if not as all of its kind. */
  readonly applicationUri?: string;
}

interface ServedWish {
  readonly isSecure: boolean;
  readonly certificate: CertificateKind;
  readonly user: { readonly name: string; readonly password: string } | null;
}

const dayMs = 86_400_000;
const uri = "urn:sortline:simulated";

/**
 * Unsecured, or with a certificate as wished at a time in milliseconds since 1970. A good one is kept
 * with its folder.
 */
export function servedAs({ isSecure, certificate, user }: ServedWish, wallMs: number): ServedAs {
  if (!isSecure) return { security: { mode: "none" } };
  const letIn = user === null ? {} : { user };
  const inDays = (days: number): Date => new Date(wallMs + days * dayMs);
  const made = (change: Partial<ServerCertificate>, applicationUri = uri): ServedAs => ({
    applicationUri,
    security: {
      mode: "signAndEncrypt",
      ...letIn,
      certificate: {
        subject: "/CN=Simulated",
        applicationUri,
        from: inDays(-1),
        days: 365,
        ...change,
      },
    },
  });
  switch (certificate) {
    case "good":
      return { applicationUri: uri, security: { mode: "signAndEncrypt", ...letIn } };
    case "expired":
      return made({ from: inDays(-400) });
    case "early":
      return made({ from: inDays(2) });
    case "misnamed":
      return made({ applicationUri: `${uri}:other` });
    case "foreign":
      return made({ subject: "/CN=Somebody" }, `${uri}:somebody`);
  }
}
