/**
 * Goal: a sorter can be played with `printf` alone, as its page says.
 * Method: the page's own commands, run by bash on a pair of terminals of socat, against the shipped
 * driver, opened as the page has it in the configuration.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import { sent } from "../../protocols/transport.ts";
import { beltCount } from "../../protocols/units.ts";
import { agentWires, listen, realTime, temporaryFolder } from "../contract/device-rig.ts";

const page = readFileSync("edge/devices/sorter/README.md", "utf8");
const byHand = page.slice(
  page.indexOf("\n## By hand\n"),
  page.indexOf("\n| the page or a counter", page.indexOf("\n## By hand\n")),
);
const blocksOf = (language: string): string[] =>
  [...byHand.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, of, block = ""]) =>
    of === language ? [block] : [],
  );

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** In a group of its own, so that whatever it has begun ends with it. */
function startBash(script: string) {
  const bash = spawn("bash", ["-c", script], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  bash.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  return {
    said: () => said,
    async stop() {
      const ended = new Promise((resolve) => bash.once("close", resolve));
      if (bash.pid !== undefined) process.kill(-bash.pid, "SIGKILL");
      await ended;
    },
  };
}

test("with socat and the commands of the page a divert is accepted and fires", async () => {
  const { clock, until } = realTime();
  const onSerialLine = blocksOf("sh").find((block) => block.startsWith("socat")) ?? "";
  const [means = "", session = "", fired = ""] = blocksOf("bash");
  const waiting = "until grep -aq ,divert, /tmp/plc.log; do run 1; done\n";
  const script = [onSerialLine, means, session, waiting, fired, "run 100\n"].join("\n");
  const bash = startBash(script.replaceAll("/tmp/", `${folder.path("")}/`));
  const config = zSorterConfig.parse({
    id: "L1-sorter",
    reach: { kind: "serial", path: folder.path("sorter") },
    dialect: { kind: "sortline-telegrams" },
  });
  const sorter = createSorter(
    config,
    { speedMmPerS: 1_000, mmPerCount: 1 },
    { wires: agentWires(clock), clock },
  );
  const heard = listen(sorter);
  const isHeard = (kind: string) => () => heard.said().some((event) => event.kind === kind);
  try {
    await until(isHeard("eye"), "an eye");
    expect(
      sorter.send({
        kind: "divert",
        commandId: "p1-c1",
        passId: "p1",
        exit: "red",
        fireAtCount: beltCount(9_000),
        releaseAtCount: beltCount(9_500),
        notAfterCount: beltCount(8_900),
      }),
    ).toEqual(sent);
    await until(isHeard("fired"), "the divert fired");
    expect(heard.said().filter((event) => "commandId" in event)).toMatchObject([
      { kind: "accepted", commandId: "p1-c1" },
      { kind: "fired", commandId: "p1-c1", count: 9_000 },
    ]);
    // Whether a hand is quick enough for the acknowledgement is another matter.
    expect(sorter.health()).toMatchObject({ state: "receiving", counters: { discardedTotal: 0 } });
    expect(bash.said()).toBe("");
  } finally {
    await sorter.stop();
    await bash.stop();
  }
});
