#!/usr/bin/env bash
# Software: nodes7 0.3.18 from npm, a client of S7 controllers, over ISO transport on TCP (RFC 1006).
# Expected: a connect confirm is taken however TCP has cut it, since each packet says how long it is,
#   and also without parameters, which class 0 leaves to the other end (ISO 8073: the size of a packet
#   and the TSAPs may be left out of it).
# Seen: only a confirm that comes in one piece, as long as the request with all of its parameters, makes
#   a connection. One cut in two, 50 ms apart, and one of 11 bytes both end with "TCP connected, ISO
#   didn't", and the client hangs up. So a controller, gateway or simulator that is to be called by it
#   has to send the parameters back, in one segment.
# Ends with 0 while this is so, with 1 when it has changed, with 2 when the package cannot be fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . nodes7@0.3.18 >/dev/null || exit 2

cat >try.cjs <<'JS'
const net = require("node:net");
const NodeS7 = require("nodes7");

/** The confirm of a request: the same parameters, the caller's reference first, then one of ours. */
function confirmOf(request) {
  const confirm = Buffer.from(request);
  confirm[5] = 0xd0;
  request.copy(confirm, 6, 8, 10);
  confirm.writeUInt16BE(0x4431, 8);
  return confirm;
}
const ways = {
  whole: (socket, confirm) => socket.write(confirm),
  "cut in two": (socket, confirm) => {
    socket.write(confirm.subarray(0, 5));
    setTimeout(() => socket.write(confirm.subarray(5)), 50);
  },
  "without parameters": (socket, confirm) => {
    const short = Buffer.from(confirm.subarray(0, 11));
    short.writeUInt16BE(11, 2);
    short[4] = 6;
    socket.write(short);
  },
};

/** Whether data follow the confirm, which is then taken. */
const isTaken = (answer) =>
  new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("data", (bytes) => {
        if (bytes[5] === 0xe0) answer(socket, confirmOf(bytes));
        if (bytes[5] === 0xf0) resolve(true);
      });
      socket.on("close", () => resolve(false));
    });
    server.listen(0, "127.0.0.1", () => {
      const client = new NodeS7({ silent: true });
      const { port } = server.address();
      client.initiateConnection({ port, host: "127.0.0.1", rack: 0, slot: 1 }, () => {});
    });
  });

(async () => {
  const seen = {};
  for (const [way, answer] of Object.entries(ways)) seen[way] = await isTaken(answer);
  const told = Object.entries(seen).map(([way, taken]) => `${way}: ${taken ? "taken" : "refused"}`);
  console.log(`nodes7 ${require("nodes7/package.json").version}, connect confirm ${told.join("; ")}`);
  process.exit(Object.values(seen).join() === "true,false,false" ? 0 : 1);
})();
JS
node try.cjs
