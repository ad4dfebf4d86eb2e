import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepWhatIsSaid, shownOf } from "../../simulators/lab/said.ts";

/** What the lab's processes say: all of it is kept, and a person is shown what he has to see. */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-said-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (fields: object): string =>
  JSON.stringify({ at: "2026-01-01T00:00:00.000Z", name: "agent-L1.link", ...fields });

test.each<[who: string, text: string, shown: string | null]>([
  ["agent-L1", line({ level: "info", message: "connected" }), null],
  [
    "agent-L1",
    line({ level: "warn", message: "not connected", why: "refused at mqtt://127.0.0.1:1" }),
    "warn agent-L1.link: not connected: refused at mqtt://127.0.0.1:1",
  ],
  [
    "agent-L1",
    line({ level: "warn", message: "device down", deviceId: "L1-xray", why: { code: "silent" } }),
    `warn agent-L1.link: device down: {"code":"silent"} (deviceId=L1-xray)`,
  ],
  [
    "agent-L1",
    line({
      level: "error",
      message: "a bug of ours",
      where: "GET /api/lines",
      error: {
        stack: "Bug: x\n    at asBug",
        cause: { stack: "TypeError: x\n    at lines.ts:7", cause: { message: "no line" } },
      },
    }),
    [
      'error agent-L1.link: a bug of ours (where="GET /api/lines")',
      "    Bug: x",
      "    at asBug",
      "    caused by:",
      "    TypeError: x",
      "    at lines.ts:7",
      "    caused by:",
      "    no line",
    ].join("\n"),
  ],
  ["agent-L1", "agent: a plain sentence", "agent: a plain sentence"],
  ["agent-L1", "{ no JSON", "{ no JSON"],
  ["world", `{"kind":"parcel"}`, null],
  ["world", "world: a plain sentence", "world: a plain sentence"],
])("of %s %s is shown: %s", (who, text, shown) => {
  expect(shownOf(who, text)).toBe(shown);
});

test("all of it is kept, a file a process", () => {
  const printed: string[] = [];
  const said = keepWhatIsSaid({
    folder: join(folder, "logs"),
    print: (text) => printed.push(text),
  });
  const connected = line({ level: "info", message: "connected" });
  said.take("agent-L1", connected);
  said.take("agent-L1", "ended");
  said.take("centre", "ended");
  expect(readFileSync(join(folder, "logs", "agent-L1.log"), "utf8")).toBe(`${connected}\nended\n`);
  expect(readFileSync(join(folder, "logs", "centre.log"), "utf8")).toBe("ended\n");
  expect(printed).toEqual(["[agent-L1] ended", "[centre] ended"]);
});
