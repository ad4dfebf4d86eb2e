#!/usr/bin/env bash
# Software: node-opcua 2.186.4 from npm, server and client, at their defaults.
# Expected: a client that has read the server's types reads a structure as it was written, whichever of
#   its optional fields are there. By OPC 10000-6, 5.2.6 the mask has one bit for each OPTIONAL field,
#   those of the parent type first.
# Seen: of a structure whose parent has an optional field of its own, the child's optional fields are
#   read as not there, without an error; everything else is right. Met with OpticalScanResult of AutoID
#   (OPC 30010 v1.01): grade, position, symbology and image id of a label are lost.
# Ends with 0 while this is so, with 1 when it has changed, with 2 when the package cannot be fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . node-opcua@2.186.4 >/dev/null || exit 2
cat >main.mjs <<'JS'
import { AttributeIds, DataType, OPCUAClient, OPCUAServer, Variant, nodesets } from "node-opcua";

const uri = "http://opcfoundation.org/UA/AutoID/";
const server = new OPCUAServer({
  port: 0,
  nodesets: [nodesets.standard, nodesets.di, nodesets.autoId],
});
await server.initialize();
const { addressSpace } = server.engine;
const type = addressSpace.findDataType("OpticalScanResult", addressSpace.getNamespaceIndex(uri));
const sent = addressSpace.constructExtensionObject(type, {
  codeType: "CODE128",
  scanData: { string: "RB123" },
  timestamp: new Date(Date.UTC(2026, 0, 2)),
  grade: 3.5,
  symbology: "]C0",
});
const own = addressSpace.getOwnNamespace();
const last = own.addVariable({
  organizedBy: addressSpace.rootFolder.objects,
  nodeId: "s=Last",
  browseName: "Last",
  dataType: type,
});
last.setValueFromSource(new Variant({ dataType: DataType.ExtensionObject, value: sent }));
await server.start();

const client = OPCUAClient.create({ endpointMustExist: false });
await client.connect(server.getEndpointUrl());
const session = await client.createSession();
const { value } = await session.read({ nodeId: last.nodeId, attributeId: AttributeIds.Value });
const { codeType, scanData, grade, symbology } = value.value;
console.log(`server: grade ${sent.grade}, symbology ${sent.symbology}`);
console.log(`client: codeType ${codeType}, scanData ${scanData?.string}`);
console.log(`client: grade ${grade}, symbology ${symbology}`);
await session.close();
await client.disconnect();
await server.shutdown();
process.exit(0);
JS
seen=$(NODEOPCUA_SILENT=1 node main.mjs 2>/dev/null | grep -E '^(server|client):' || true)
echo "$seen"
expected='server: grade 3.5, symbology ]C0
client: codeType CODE128, scanData RB123
client: grade undefined, symbology undefined'
if [ "$seen" != "$expected" ]; then
  echo "changed: this is not what was seen with node-opcua 2.186.4" >&2
  exit 1
fi
