// Goal: what was answered "accepted" is there after the centre was killed, however long the message
// was (law 17). Method: a centre in a process of its own on a real disk, real sockets, kill -9.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { messageBytesMax } from "../../protocols/ceb/envelope.ts";
import { zMessageAnswer } from "../../protocols/ceb/answers.ts";
import { zProblem, zStory } from "../../protocols/ui/http.ts";
import { epochMs } from "../../protocols/units.ts";
import { documentsFor } from "../../simulators/documents/parcel-documents.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { catalogue } from "../../simulators/scenarios/goods.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { removeFolder, temporaryFolder } from "./kit/site.ts";

const program = fileURLToPath(new URL("./kit/centre-process.ts", import.meta.url));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

async function startCentre(folder: string) {
  const child = spawn(process.execPath, [program, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return {
    send: (xml: string) =>
      fetch(`${url}/api/customs/messages`, {
        method: "POST",
        headers: { "content-type": "application/xml" },
        body: xml,
      }),
    isHeld: async (waybill: string): Promise<boolean> => {
      const answer = await fetch(`${url}/api/parcels/${waybill}`);
      return answer.status === 200 && zStory.parse(await answer.json()).manifest !== null;
    },
    kill: async (): Promise<void> => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      const [, signal] = (await exited) as [number | null, string];
      expect(signal).toBe("SIGKILL");
      running.delete(child);
    },
  };
}

const waybillsOf = (series: string): readonly string[] =>
  Array.from({ length: 100 }, (_, n) => `${series}${String(n).padStart(6, "0")}CN`);

/** One message of a hundred manifests with ten rows each, filled up with quotes to its length. */
function manifests(series: string, bytes: number): string {
  const entropy = createSeededEntropy(1, series);
  const [goods] = catalogue;
  if (goods === undefined) throw new Error("the catalogue is empty");
  const { hsCode, name, model, material } = goods;
  const row = { hsCode, name, model, material, qty: 1, unitWeightG: 5, unitPriceCents: 100 };
  const items = Array.from({ length: 10 }, () => row);
  const parcels = waybillsOf(series).map((waybill) =>
    documentsFor(
      { waybill, category: "plain", items, grossWeightG: 500 },
      { entropy, at: epochMs(Date.now()), contradiction: null },
    ),
  );
  const xml = writeDocuments(parcels, entropy)[3] ?? "";
  const missing = bytes - Buffer.byteLength(xml);
  if (missing < 0) throw new Error(`the message has ${-missing} bytes too many`);
  return `${xml}<!--${'"'.repeat(missing - "<!---->".length)}-->`;
}

test("case 01: 4.3 MB and 8.1 MB are kept once they are accepted, what is longer is refused by name", async () => {
  const folder = await temporaryFolder();
  const first = await startCentre(folder);
  for (const [series, bytes] of [
    ["HA", 4_300_000],
    ["HB", 8_100_000],
  ] as const) {
    const answer = await first.send(manifests(series, bytes));
    const body: unknown = await answer.json();
    const { results } = zMessageAnswer.parse(body);
    expect(results.filter(({ accepted }) => accepted)).toHaveLength(100);
  }
  const tooLong = await first.send(manifests("HC", messageBytesMax + 1));
  expect(tooLong.status).toBe(413);
  expect(zProblem.parse(await tooLong.json()).error).toBe("tooLarge");
  await first.kill();

  const second = await startCentre(folder);
  const held: Record<string, number> = {};
  for (const series of ["HA", "HB", "HC"]) {
    const answers = await Promise.all(waybillsOf(series).map((each) => second.isHeld(each)));
    held[series] = answers.filter((is) => is).length;
  }
  expect(held).toEqual({ HA: 100, HB: 100, HC: 0 });
  await second.kill();
  await removeFolder(folder);
}, 180_000);
