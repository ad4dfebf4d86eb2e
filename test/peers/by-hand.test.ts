/**
 * Goal: whoever types what the page of the devices shows takes a parcel to green at the first try,
 * with foreign programs alone at the other end of each wire.
 * Method: the page's own blocks in one bash, each waited for until the page's own text has appeared;
 * the programs are those that it names, the agent is the shipped one.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { zStory } from "../../protocols/ui/http.ts";
import { freePort } from "../kit/ports.ts";
import { blocksBelow, openTypist, type TypedBlock, type Typist } from "./typed-page.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** The page as it is typed here. */
interface Stage {
  readonly blocks: readonly TypedBlock[];
  readonly typist: Typist;
  readonly url: string;
  readonly heard: (name: string) => Promise<string>;
}

/**
 * The one place where something is put for what the page has: the folder and the two ports, in its
 * blocks and in the configuration that they name. The clients of mosquitto read their port in a file,
 * so that their commands stay as they are.
 */
async function stage(heading: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "sortline-by-hand-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const [brokerPort, httpPort] = [String(await freePort()), String(await freePort())];
  const hand = join(folder, "hand");
  const config = join(folder, "config.yaml");
  const here = (text: string): string =>
    text.replaceAll("/tmp/hand", hand).replaceAll("1883", brokerPort).replaceAll("8080", httpPort);

  const page = await readFile("edge/devices/README.md", "utf8");
  const original = /edge\/examples\/by-hand\/\w+\.yaml/;
  const blocks = blocksBelow(page, heading);
  const named = blocks.map(({ typed }) => original.exec(typed)?.[0]).find((name) => name);
  await writeFile(config, here(await readFile(named ?? "", "utf8")));
  await mkdir(join(folder, "clients"));
  for (const client of ["mosquitto_pub", "mosquitto_sub"]) {
    await writeFile(join(folder, "clients", client), `-p ${brokerPort}\n`);
  }
  const typist = openTypist({ XDG_CONFIG_HOME: join(folder, "clients") });
  closing.push(() => typist.stop());
  return {
    typist,
    blocks: blocks.map(({ typed, shown }) => ({
      typed: here(typed.replace(original, config)),
      shown: shown.map(here),
    })),
    url: `http://127.0.0.1:${httpPort}`,
    heard: (name) => readFile(join(hand, name), "utf8"),
  };
}

test.each([
  ["A parcel over MQTT", "heard"],
  ["A parcel on serial lines", "commands"],
])("%s: what the page has leads to green at the first try", async (heading, commands) => {
  const { blocks, typist, url, heard } = await stage(heading);
  const [end, ...parcel] = blocks.toReversed();
  for (const block of parcel.toReversed()) await typist.type(block);

  const answer = await fetch(`${url}/api/parcels/RB123456785GB`);
  const { passes } = zStory.parse(await answer.json());
  expect(passes).toMatchObject([{ outcome: { exit: "green", expected: "green", reasons: [] } }]);
  // The sorter has done what it was told, and nothing was taken back.
  expect((await heard(commands)).match(/divert|abort/g)).toEqual(["divert"]);
  expect(await heard("agent.log")).not.toMatch(/"level":"(?:warn|error)"/);

  await typist.type(end ?? { typed: "false", shown: [] });
  await expect(heard("agent.log")).rejects.toThrow("ENOENT");
});
