/** What `npm run trust` says of a server's certificate, for the technician who decides on it. */
export const trust = {
  shown: "{address} shows this certificate:",
  replaced: "Trusted there now is this one:",
  subject: "of",
  applicationUri: "application",
  fingerprint: "SHA-256",
  valid: "valid",
  days: "{from} to {to}",
  nobody: "(says nothing)",
  compare: "Compare the SHA-256 with what the device itself shows before you trust it.",
  renewal:
    "It bears the names of the one that is trusted now, and is newer: it looks renewed. Anybody can write names into a certificate, so compare the SHA-256 with what the device itself shows.",
  foreign:
    "It bears other names than the one that is trusted now. If the machine was not exchanged, somebody else answers there: find out who. If it was exchanged, say so with --replace.",
  question: "Trust it? (yes/no) ",
  already: "It is trusted already; nothing was changed.",
  done: "It is trusted now. A running agent takes it at its next attempt, within seconds.",
  unchanged: "Nothing was changed.",
  nobodyToAsk: "Nothing was changed, because there is nobody to ask; --yes answers for a script.",
  unfit: "It cannot be trusted: {why}",
  unreached: "The server does not show its certificate: {why}",
  noServer:
    "{id} is reached over {kind} and has no server whose certificate could be trusted here.",
  unsecured: "{id} is reached without security; set security.mode in the configuration first.",
} as const;
