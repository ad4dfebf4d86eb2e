#!/usr/bin/env bash
# Software: mqtt (MQTT.js) 5.16.0 from npm, as an MQTT 5 client at its defaults.
# Expected: a server that says "Receive Maximum 5" in its CONNACK gets at most 5 QoS 1 messages before
#   it has acknowledged one (MQTT 5.0, 4.9: the client MUST NOT send more).
# Seen: all 100 come at once. A server may answer that with DISCONNECT 0x93; several do.
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
const receiveMaximum = 5;
const messages = 100;
let unacknowledged = 0;

// A server that welcomes, allows five at once, and acknowledges nothing for a second.
const server = net.createServer((socket) => {
  const version5 = { protocolVersion: 5 };
  const read = parser(version5);
  read.on("packet", ({ cmd }) => {
    if (cmd === "publish") unacknowledged += 1;
    if (cmd !== "connect") return;
    const properties = { receiveMaximum };
    socket.write(generate({ cmd: "connack", reasonCode: 0, sessionPresent: false, properties }, version5));
  });
  socket.on("data", (bytes) => read.parse(bytes));
  socket.on("error", () => {});
});

server.listen(0, "127.0.0.1", () => {
  const client = mqtt.connect(`mqtt://127.0.0.1:${server.address().port}`, { protocolVersion: 5 });
  client.on("connect", ({ properties }) => {
    console.log(`mqtt ${require("mqtt/package.json").version}: CONNACK says receiveMaximum ${properties.receiveMaximum}`);
    for (let n = 0; n < messages; n += 1) client.publish("t", String(n), { qos: 1 }, () => {});
    setTimeout(() => {
      console.log(`${unacknowledged} QoS 1 messages came, none acknowledged; ${receiveMaximum} were allowed`);
      process.exit(unacknowledged === messages ? 0 : 1);
    }, 1000);
  });
});
JS
node try.cjs
