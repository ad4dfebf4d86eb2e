#!/usr/bin/env bash
# Software: node-opcua 2.186.4 from npm, server and client; the client accepts unknown certificates
#   (automaticallyAcceptUnknownCertificate), everything else at its defaults.
# Expected: a server whose certificate has expired gets the same answer each time it is met. By OPC
#   10000-4, 6.1.3, validity is a check of its own, whether or not a certificate is trusted; the option
#   is about unknown certificates, not about expired ones.
# Seen: the first connection is made, signed and encrypted; the second one, to the same server with the
#   same certificate, is refused with BadCertificateTimeInvalid. The days are looked at only once a
#   certificate is trusted, and the first connection has trusted it.
# Ends with 0 while this is so, with 1 when it has changed, with 2 when the package cannot be fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . node-opcua@2.186.4 >/dev/null || exit 2
cat >main.mjs <<'JS'
import {
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  OPCUAServer,
  SecurityPolicy,
} from "node-opcua";

const manager = (rootFolder) =>
  new OPCUACertificateManager({ rootFolder, automaticallyAcceptUnknownCertificate: true });
const serverCertificateManager = manager("server");
await serverCertificateManager.initialize();
const certificateFile = "server/own/certs/expired.pem";
await serverCertificateManager.createSelfSignedCertificate({
  applicationUri: "urn:expired",
  dns: ["localhost"],
  subject: "/CN=Expired",
  startDate: new Date(Date.UTC(2020, 0, 1)),
  validity: 365,
  outputFile: certificateFile,
});
const server = new OPCUAServer({
  port: 0,
  serverCertificateManager,
  userCertificateManager: manager("users"),
  certificateFile,
  serverInfo: { applicationUri: "urn:expired" },
});
await server.start();

const clientCertificateManager = manager("client");
for (const time of ["first", "second"]) {
  const client = OPCUAClient.create({
    clientCertificateManager,
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Basic256Sha256,
    endpointMustExist: false,
    connectionStrategy: { maxRetry: 0 },
  });
  try {
    await client.connect(server.getEndpointUrl());
    const session = await client.createSession();
    console.log(`${time}: connected`);
    await session.close();
  } catch (error) {
    console.log(`${time}: ${/Bad\w+/.exec(error.message)?.[0] ?? error.message}`);
  }
  await client.disconnect();
}
process.exit(0);
JS
seen=$(NODEOPCUA_SILENT=1 node main.mjs 2>/dev/null | grep -E '^(first|second):' || true)
echo "$seen"
expected='first: connected
second: BadCertificateTimeInvalid'
if [ "$seen" != "$expected" ]; then
  echo "changed: this is not what was seen with node-opcua 2.186.4" >&2
  exit 1
fi
