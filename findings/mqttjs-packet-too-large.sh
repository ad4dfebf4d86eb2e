#!/usr/bin/env bash
# Software: mqtt (MQTT.js) 5.16.0 from npm, as an MQTT 5 client at its defaults.
# Expected: told "Maximum Packet Size 1000" in the CONNACK, it refuses to publish 2,000 bytes with an
#   error to the caller (MQTT 5.0, 3.2.2.3.6: the client MUST NOT send such a packet).
# Seen: it sends the message, and the caller hears that it was published. A server may end the
#   connection for that with DISCONNECT 0x95; several do.
# Ends with 0 while this is so, with 1 when it has changed, with 2 when the package cannot be fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . mqtt@5.16.0 >/dev/null || exit 2

cat >try.cjs <<'JS'
const net = require("node:net");
const mqtt = require("mqtt");
const { parser, generate } = require("mqtt-packet");
const maximumPacketSize = 1000;
let tooLong = 0;

// A server that welcomes, names its limit, and counts what is over it.
const server = net.createServer((socket) => {
  const version5 = { protocolVersion: 5 };
  const read = parser(version5);
  read.on("packet", ({ cmd, length }) => {
    if (cmd === "publish" && length > maximumPacketSize) tooLong += 1;
    if (cmd !== "connect") return;
    const properties = { maximumPacketSize };
    socket.write(generate({ cmd: "connack", reasonCode: 0, sessionPresent: false, properties }, version5));
  });
  socket.on("data", (bytes) => read.parse(bytes));
  socket.on("error", () => {});
});

server.listen(0, "127.0.0.1", () => {
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.address().port}`, { protocolVersion: 5 });
  client.on("connect", ({ properties }) => {
    console.log(`mqtt ${require("mqtt/package.json").version}: CONNACK says maximumPacketSize ${properties.maximumPacketSize}`);
    let heard = "nothing";
    client.publish("t", Buffer.alloc(2000), (error) => (heard = error ? error.message : "published"));
    setTimeout(() => {
      console.log(`${tooLong} message of 2,000 bytes came; the caller heard: ${heard}`);
      process.exit(tooLong === 1 && heard === "published" ? 0 : 1);
    }, 1000);
  });
});
JS
node try.cjs
