#!/usr/bin/env bash
# Software: node-opcua 2.186.4 from npm, at its defaults and with NODEOPCUA_SILENT=1.
# Expected: a variable whose value is a plain array of numbers costs its copy and a check of each
#   element: a few times what a typed array costs, and nothing for a warning that is not printed.
# Seen: of more than ten elements in a plain array, each value that is built works out call stacks for
#   three lines of warning, also where not one of them is printed: many times the cost of ten elements
#   for eleven, and hundreds of times that of a typed array. A server whose variables are lists, read
#   fifty times a second by eight clients, spent 41 % of its process in it.
# Ends with 0 while this is so, with 1 when it has changed, with 2 when the package cannot be fetched.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . node-opcua@2.186.4 >/dev/null || exit 2
cat >main.mjs <<'JS'
import { performance } from "node:perf_hooks";
import { DataType, Variant, VariantArrayType } from "node-opcua";

const build = (value) =>
  new Variant({ dataType: DataType.UInt32, arrayType: VariantArrayType.Array, value });
const list = (size) => Array.from({ length: size }, (_, at) => at);
/** Microseconds of one, of the best of five rounds. */
function cost(value) {
  let best = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const from = performance.now();
    for (let turn = 0; turn < 500; turn += 1) build(value);
    best = Math.min(best, ((performance.now() - from) / 500) * 1_000);
  }
  return best;
}
const [ten, eleven, typed] = [list(10), list(11), Uint32Array.from(list(11))].map(cost);
console.error(`us: plain 10 ${ten.toFixed(2)}, plain 11 ${eleven.toFixed(2)}, typed 11 ${typed.toFixed(2)}`);
console.log(`eleven cost more than five times what ten cost: ${eleven > 5 * ten}`);
console.log(`eleven cost more than twenty times a typed array: ${eleven > 20 * typed}`);
JS
seen=$(NODEOPCUA_SILENT=1 node main.mjs | grep '^eleven' || true)
echo "$seen"
expected='eleven cost more than five times what ten cost: true
eleven cost more than twenty times a typed array: true'
if [ "$seen" != "$expected" ]; then
  echo "changed: this is not what was seen with node-opcua 2.186.4" >&2
  exit 1
fi
