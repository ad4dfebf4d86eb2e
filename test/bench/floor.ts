import { Socket } from "node:net";
import mqtt from "mqtt";
import sqlite3 from "sqlite3";
import { exitOf, kindOf, waybillOf } from "./mqtt-path/parcels.ts";
import { site } from "./mqtt-path/plan.ts";

/**
 * The floor: the least that a program on this runtime must do to bring a scan in and a divert
 * command out durably. It receives, looks up in a Map, group-commits and sends: no tracking, no
 * evidence, no claims, no chain of hashes, no checks of what comes in.
 *
 *   node test/bench/floor.ts '{"brokerUrl":"mqtt://...","file":"...","parcelsTotal":1000}'
 *
 * Every message is a row, synced (WAL, synchronous FULL) before the command that it causes leaves.
 * Prints `{"kind":"ready"}` when it listens.
 */
export interface FloorPlan {
  readonly brokerUrl: string;
  readonly file: string;
  /** How many waybills the Map holds; numbered as the generator's parcels are. */
  readonly parcelsTotal: number;
}

export interface FloorCommand {
  readonly waybill: string;
  readonly exit: "green";
}

interface Row {
  readonly text: string;
  readonly command: { readonly topic: string; readonly payload: string } | null;
}

const rowsPerCommitMax = 512;

const plan = JSON.parse(process.argv[2] ?? "{}") as FloorPlan;
const exits = new Map<string, "green">();
for (let index = 0; index < plan.parcelsTotal; index += 1) {
  const exit = exitOf(kindOf(index));
  if (exit === "green") exits.set(waybillOf(index), exit);
}

const database = new sqlite3.Database(plan.file);
const insert = await new Promise<sqlite3.Statement>((resolve, reject) => {
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (text TEXT)",
    (failure) => {
      if (failure !== null) return reject(failure);
      const statement = database.prepare(
        "INSERT INTO row SELECT value FROM json_each(?1)",
        (error: Error | null) => (error === null ? resolve(statement) : reject(error)),
      );
    },
  );
});

let waiting: Row[] = [];
let isCommitting = false;

function commit(): void {
  if (isCommitting || waiting.length === 0) return;
  isCommitting = true;
  const rows = waiting.splice(0, rowsPerCommitMax);
  insert.run([JSON.stringify(rows.map(({ text }) => text))], (error: Error | null) => {
    if (error !== null) throw error;
    for (const { command } of rows) {
      if (command !== null) client.publish(command.topic, command.payload, { qos: 1 });
    }
    isCommitting = false;
    commit();
  });
}

const client = mqtt.connect(plan.brokerUrl, { clientId: "bench-floor", protocolVersion: 4 });
client.on("message", (topic, payload) => {
  const text = payload.toString();
  waiting.push({ text, command: topic.endsWith("/read") ? commandFor(topic, text) : null });
  setImmediate(commit);
});
client.on("connect", () => {
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  client.subscribe([`${site}/dev/+/scanner/+`, `${site}/dev/+/sorter/event`], { qos: 1 }, () =>
    console.log(JSON.stringify({ kind: "ready" })),
  );
});

function commandFor(topic: string, text: string): Row["command"] {
  const { codes } = JSON.parse(text) as { readonly codes: readonly { readonly text: string }[] };
  const waybill = codes[0]?.text ?? "";
  const exit = exits.get(waybill);
  if (exit === undefined) return null;
  const command: FloorCommand = { waybill, exit };
  return {
    topic: topic.replace(/scanner\/read$/, "sorter/command"),
    payload: JSON.stringify(command),
  };
}

process.once("SIGTERM", () => process.exit(0));
