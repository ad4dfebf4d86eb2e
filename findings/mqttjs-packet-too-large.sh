#!/usr/bin/env bash
# Software: mqtt (MQTT.js) 5.16.0 from npm, as an MQTT 5 client at its defaults but for a shorter
#   reconnectPeriod, so that the script is quick.
# Expected: told "Maximum Packet Size 1000" in the CONNACK, it refuses to publish 2,000 bytes with an
#   error to the caller (MQTT 5.0, 3.2.2.3.6: the client MUST NOT send such a packet); at the least it
#   gives the message up once the server has ended the connection with 0x95, packet too large.
# Seen: it sends the message, is thrown out with 0x95, connects again and sends the same message again
#   before it says "connect", for as long as it lives. The caller hears nothing any more.
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
const packetTooLarge = 0x95;
let tooLong = 0;

// A server that does what the standard says: it names its limit, and ends a connection that is over it.
const server = net.createServer((socket) => {
  const version5 = { protocolVersion: 5 };
  const read = parser(version5);
  read.on("packet", ({ cmd, length }) => {
    if (cmd === "connect") {
      const properties = { maximumPacketSize };
      socket.write(generate({ cmd: "connack", reasonCode: 0, sessionPresent: false, properties }, version5));
    } else if (cmd === "publish" && length > maximumPacketSize) {
      tooLong += 1;
      socket.end(generate({ cmd: "disconnect", reasonCode: packetTooLarge }, version5));
    }
  });
  socket.on("data", (bytes) => read.parse(bytes));
  socket.on("error", () => {});
});

server.listen(0, "127.0.0.1", () => {
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.address().port}`, { protocolVersion: 5, reconnectPeriod: 100 });
  let connects = 0;
  let answers = 0;
  client.on("error", () => (answers += 1));
  client.on("connect", ({ properties }) => {
    connects += 1;
    if (connects > 1) return;
    console.log(`mqtt ${require("mqtt/package.json").version}: CONNACK says maximumPacketSize ${properties.maximumPacketSize}`);
    client.publish("t", Buffer.alloc(2000), { qos: 1 }, () => (answers += 1));
  });
  setTimeout(() => {
    console.log(`in 3 s: the message sent ${tooLong} times; the caller heard "connect" ${connects} time(s) and ${answers} answers`);
    process.exit(tooLong > 3 && answers === 0 ? 0 : 1);
  }, 3000);
});
JS
node try.cjs
