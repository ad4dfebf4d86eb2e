/**
 * Goal: each simulated device can be played by hand, in a process of its own; what is wrong with its
 * arguments is named. Method: the real program, and a socket at the other end.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { restingAnnunciation } from "../../protocols/annunciator/annunciation.ts";
import { imageFormatOf } from "../../protocols/xray/image-format.ts";
import { createTelegramParser } from "../../protocols/xray/telegram-frame.ts";
import { decodeXrayTelegram, encodeXrayTelegram } from "../../protocols/xray/telegrams.ts";
import { serveBelt } from "../../simulators/alone/belt-link.ts";
import { readAloneOptions } from "../../simulators/alone/options.ts";
import { temporaryFolder } from "../contract/device-rig.ts";
import { annunciatorRegistersInput, lit } from "../kit/annunciator.ts";
import { killProgram, startProgram, type Program } from "../kit/own-programs.ts";
import { freePort } from "../kit/ports.ts";
import { mapOfPage } from "../kit/site-maps.ts";

/** Asks a program that listens, bytes for bytes, each written as on the pages. */
async function askerAt({ ready }: Program): Promise<(question: string) => Promise<string>> {
  const port = Number(String(ready["at"]).split(":")[1]);
  const socket = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return async (question) => {
    socket.write(Buffer.from(question.replaceAll(" ", ""), "hex"));
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString("hex").replaceAll(/(..)(?=.)/g, "$1 ");
  };
}

describe("what cannot be played is refused in a sentence", () => {
  test.each(["plc-map --map m.yaml --tcp 0", "xray --map m.yaml --call 192.0.2.5:502"])(
    "%s over ISO transport",
    (args) => {
      const read = readAloneOptions([...args.split(" "), "--iso-tcp", "02.01:02.02"]);
      if (read.kind !== "refused") throw new Error(read.kind);
      expect(read.text).toMatch(/--iso-tcp: not with --map: Modbus has a head of its own/);
    },
  );

  test("a belt's port that is taken", async () => {
    const port = await freePort();
    const handlers = { onMessage: () => {}, onLost: () => {} };
    const belt = await serveBelt(port, handlers);
    onTestFinished(() => belt.close());
    await expect(serveBelt(port, handlers)).rejects.toThrow(
      `--belt: ${port} is in use on 127.0.0.1, by another belt or another program; name another port`,
    );
  });
});

describe("a device by itself", () => {
  test("a camera whose folder is gone says so in a sentence, and goes on", async () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder.remove());
    const stills = folder.path("stills");
    const args = ["camera", "--folder", stills, "--typed"];
    const camera = await startProgram("simulators/alone/main.ts", args);
    onTestFinished(() => killProgram(camera));
    rmSync(stills, { recursive: true });
    const said = createInterface({ input: camera.child.stdout! })[Symbol.asyncIterator]();
    camera.child.stdin?.write("RB123456785GB\n");
    expect(JSON.parse(String((await said.next()).value))).toEqual({
      kind: "notPut",
      why: `--folder: ${stills}: there is no such file or folder`,
    });
    mkdirSync(stills);
    camera.child.stdin?.write("RB123456785GB\n");
    await expect.poll(() => readdirSync(stills)).toEqual(["still-000002.png"]);
  });

  test("a camera shows what is typed, to whom its password is known", async () => {
    const camera = await startProgram(
      "simulators/alone/main.ts",
      "camera --http 0 --user sortline:se:cret --typed".split(" "),
    );
    onTestFinished(() => killProgram(camera));
    const url = String(camera.ready["at"]);
    const ask = (password: string): Promise<Response> => {
      const basic = Buffer.from(`sortline:${password}`).toString("base64");
      return fetch(url, { headers: { authorization: `Basic ${basic}` } });
    };
    expect((await ask("other")).status).toBe(401);
    const empty = await (await ask("se:cret")).arrayBuffer();
    camera.child.stdin?.write("RB123456785GB\n");
    let still = empty;
    // A label and its parcel make the drawing longer; the number on it alone does not.
    while (still.byteLength < empty.byteLength + 60) {
      still = await (await ask("se:cret")).arrayBuffer();
    }
    expect(imageFormatOf(new Uint8Array(still))).toBe("png");
  });

  test("a scanner reads what is typed", async () => {
    const scanner = await startProgram(
      "simulators/alone/main.ts",
      "scanner --tcp 0 --preset keyence --plain --typed".split(" "),
    );
    onTestFinished(() => killProgram(scanner));
    const at = String(scanner.ready["at"]);
    const socket = connect({ host: "127.0.0.1", port: Number(at.split(":")[1]) });
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    const heard: string[] = [];
    socket.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
    scanner.child.stdin?.write("RB123456785GB CP473124829CN\n\n");
    while (heard.join("").split("\r").length < 3) await once(socket, "data");
    expect(heard.join("")).toBe("]C0RB123456785GB,]C0CP473124829CN\rNoRead\r");
  });

  test("a light shows what it is told, and rests once nobody tells it anything", async () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder.remove());
    const map = folder.path("light.yaml");
    writeFileSync(map, stringify(annunciatorRegistersInput()));
    const light = await startProgram(
      "simulators/alone/main.ts",
      `annunciator --tcp 0 --map ${map}`.split(" "),
    );
    onTestFinished(() => killProgram(light));
    const shown: object[] = [];
    createInterface({ input: light.child.stdout! }).on("line", (line) => {
      shown.push(JSON.parse(line) as object);
    });
    const ask = await askerAt(light);
    // Coil 1 is red, coil 2 has it flash, register 0 is the sign of life.
    await ask("00 01 00 00 00 06 07 05 00 01 ff 00");
    await ask("00 02 00 00 00 06 07 05 00 02 ff 00");
    await ask("00 03 00 00 00 06 07 06 00 00 00 01");
    while (shown.length < 2) await once(light.child.stdout!, "data");
    expect(shown).toEqual([
      { kind: "shows", ...lit({ red: "flashing" }) },
      { kind: "shows", ...restingAnnunciation },
    ]);
  });

  test("a CubiScan measures what is typed when it is asked, with the bytes of its page", async () => {
    const page = readFileSync("edge/devices/scale/README.md", "utf8");
    const [question = "", measured = ""] = [...page.matchAll(/^[<>] ([0-9a-f ]+)$/gm)].map(
      ([, bytes]) => bytes,
    );
    const scale = await startProgram(
      "simulators/alone/main.ts",
      "scale --dialect cubiscan --tcp 0 --typed".split(" "),
    );
    onTestFinished(() => killProgram(scale));
    const socket = connect({
      host: "127.0.0.1",
      port: Number(String(scale.ready["at"]).split(":")[1]),
    });
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    const asked = async (): Promise<string> => {
      socket.write(Buffer.from(question.replaceAll(" ", ""), "hex"));
      const [answer] = (await once(socket, "data")) as [Buffer];
      return answer.toString("hex").replaceAll(/(..)(?=.)/g, "$1 ");
    };
    scale.child.stdin?.write("1250 123 80 45\n");
    let answer = "";
    while (answer !== measured) answer = await asked();
    scale.child.stdin?.write("unready\n");
    // STX, MNHZ, ETX: not zeroed.
    while (answer !== "02 4d 4e 48 5a 03 0d 0a") answer = await asked();
  });

  test("a sorter tells of its belt in telegrams", async () => {
    const sorter = await startProgram(
      "simulators/alone/main.ts",
      `sorter --tcp 0 --belt ${await freePort()}`.split(" "),
    );
    onTestFinished(() => killProgram(sorter));
    const at = String(sorter.ready["at"]);
    const socket = connect({ host: "127.0.0.1", port: Number(at.split(":")[1]) });
    onTestFinished(() => void socket.destroy());
    const heard: string[] = [];
    socket.on("data", (chunk: Buffer) => heard.push(chunk.toString("latin1")));
    await once(socket, "connect");
    while (!/^\$E,[^*]+,belt,[^*]+\*[0-9A-F]{4}\r$/m.test(heard.join("")))
      await once(socket, "data");
  });
});

test("PR7.3-1: a scanner behind ISO transport is connected by its TSAP, and reads in packets", async () => {
  const scanner = await startProgram(
    "simulators/alone/main.ts",
    "scanner --tcp 0 --preset keyence --plain --typed --iso-tcp 02.01:02.02".split(" "),
  );
  onTestFinished(() => killProgram(scanner));
  const port = Number(String(scanner.ready["at"]).split(":")[1]);
  const socket = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void socket.destroy());
  let heard = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
  });
  await once(socket, "connect");
  socket.write(Buffer.from("0300001611e00000000100c0010ac1020201c2020202", "hex"));
  while (heard.length < 22) await once(socket, "data");
  expect(heard.toString("hex")).toMatch(/^0300001611d00001[0-9a-f]{4}00c0010ac1020201c2020202$/);
  heard = Buffer.alloc(0);
  scanner.child.stdin?.write("RB123456785GB\n");
  while (heard.length < 24) await once(socket, "data");
  expect(heard.toString("latin1")).toBe("\x03\x00\x00\x18\x02\xf0\x80]C0RB123456785GB\r");
});

describe("an X-ray machine by itself", () => {
  test("begins a session with whoever greets it over TCP", async () => {
    const xray = await startProgram("simulators/alone/main.ts", ["xray", "--tcp", "0"]);
    onTestFinished(() => killProgram(xray));
    const port = Number(String(xray.ready["at"]).split(":")[1]);
    const socket = connect({ host: "127.0.0.1", port });
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    const parser = createTelegramParser();
    const greetings: number[] = [];
    socket.on("data", (chunk: Buffer) => {
      for (const word of parser.push(chunk)) {
        if (word.kind !== "telegram") continue;
        const decoded = decodeXrayTelegram(word);
        if (decoded.kind === "ok" && decoded.telegram.kind === "start") {
          greetings.push(decoded.telegram.greeting);
        }
      }
    });
    socket.write(encodeXrayTelegram({ kind: "lineLife", session: 0, greeting: 4_711 }, 0));
    while (greetings.length === 0) await once(socket, "data");
    expect(greetings[0]).toBe(4_711);
  });

  test("is an object of an OPC UA server", async () => {
    const xray = await startProgram("simulators/alone/main.ts", ["xray", "--opcua", "0"]);
    onTestFinished(() => killProgram(xray));
    expect(xray.ready["at"]).toMatch(/^opc\.tcp:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe("a controller that is laid out by a map", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  /** The page's own example of Modbus, and what is changed in it. */
  async function simulate(change: object, ...words: readonly string[]): Promise<Program> {
    const path = folder.path("map.yaml");
    writeFileSync(path, stringify({ ...mapOfPage("### A worked example"), ...change }));
    const belt = `--belt=${await freePort()}`;
    const args = ["plc-map", `--map=${path}`, belt, ...words];
    const plc = await startProgram("simulators/alone/main.ts", args);
    onTestFinished(() => killProgram(plc));
    return plc;
  }

  test("takes the page's bytes over Modbus TCP, and refuses a command of another start", async () => {
    const plc = await simulate({}, "--tcp=0");
    const ask = await askerAt(plc);
    const page = readFileSync("edge/devices/sorter/README.md", "utf8");
    const asked = [...page.matchAll(/^> ([0-9a-f ]+)$/gm)].map(([, bytes]) => bytes ?? "");
    const answers = [...page.matchAll(/^< ([0-9a-f ]+)$/gm)].map(([, bytes]) => bytes ?? "");
    expect(asked).toHaveLength(4);
    for (const [index, question] of asked.entries()) {
      expect(await ask(question)).toBe(answers[index]);
    }
    // Number 20 bore the boot word 7, which this controller never had: stale, by the map's code.
    expect(await ask("00 09 00 00 00 06 01 04 00 08 00 02")).toBe(
      "00 09 00 00 00 07 01 04 04 00 14 00 03",
    );
    const life = "00 0a 00 00 00 06 01 04 00 03 00 01";
    const first = await ask(life);
    let shown = first;
    while (shown === first) shown = await ask(life);
  });

  test("says by its keys why a map is not served", async () => {
    const boot = { area: "input", at: 1, type: "u16" };
    await expect(simulate({ boot }, "--tcp=0")).rejects.toThrow(
      "ended with 1: simulate: boot: input 1 is count already\n",
    );
    await expect(simulate({}, "--opcua=0")).rejects.toThrow(
      "ended with 1: simulate: kind: plc-map-modbus is served at --tcp, --serial or --call\n",
    );
  });
});

describe("an X-ray machine of signals that is laid out by a map", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  /** The page's own map of registers, and what is changed in it. */
  async function simulate(change: object, ...words: readonly string[]): Promise<Program> {
    const page = readFileSync("edge/devices/xray/README.md", "utf8");
    const [yaml = ""] =
      /^id: L1-xray\nreach: [^\n]*\ndialect:\n[\s\S]*?(?=^```$)/m.exec(page) ?? [];
    const device = parse(yaml) as { dialect: object };
    const path = folder.path("signals.yaml");
    writeFileSync(path, stringify({ ...device, dialect: { ...device.dialect, ...change } }));
    const belt = `--belt=${await freePort()}`;
    const args = ["xray", `--map=${path}`, belt, ...words];
    const xray = await startProgram("simulators/alone/main.ts", args);
    onTestFinished(() => killProgram(xray));
    return xray;
  }

  test("DEV1-37: takes the page's bytes over Modbus TCP, and its heart beats", async () => {
    const xray = await simulate({}, "--tcp=0");
    const ask = await askerAt(xray);
    const page = readFileSync("edge/devices/xray/README.md", "utf8");
    const asked = [...page.matchAll(/^> ([0-9a-f ]+)$/gm)].map(([, bytes]) => bytes ?? "");
    const answers = [...page.matchAll(/^< ([0-9a-f ]+)$/gm)].map(([, bytes]) => bytes ?? "");
    expect(asked).toHaveLength(2);
    for (const [index, question] of asked.entries()) {
      expect(await ask(question)).toBe(answers[index]);
    }
    const state = "00 03 00 00 00 06 05 02 00 00 00 05";
    const first = await ask(state);
    let shown = first;
    while (shown === first) shown = await ask(state);
  });

  test("says by its keys why a map is not served", async () => {
    const announce = { track: { area: "holding", at: 0, type: "u16", bits: 16 } };
    const times = { area: "holding", at: 0, type: "u16" };
    await expect(simulate({ announce: { ...announce, times } }, "--tcp=0")).rejects.toThrow(
      "ended with 1: simulate: dialect.announce.times: holding 0 is announce.track already\n",
    );
    await expect(simulate({}, "--opcua=0")).rejects.toThrow(
      "ended with 1: simulate: dialect.kind: signals-modbus is served at --tcp, --serial or --call\n",
    );
  });
});

test.each([
  ["", "a device is wanted: sorter, plc-map, scanner, scale, xray, annunciator, camera"],
  [
    "toaster",
    "toaster: no such device: sorter, plc-map, scanner, scale, xray, annunciator, camera",
  ],
  ["camera", "camera: exactly one of --http, --folder is wanted"],
  ["scanner", "scanner: exactly one of --serial, --tcp, --call, --mqtt is wanted"],
  [
    "scanner --tcp 1 --serial /x",
    "scanner: exactly one of --serial, --tcp, --call, --mqtt is wanted",
  ],
  ["xray --mqtt mqtt://127.0.0.1", "--mqtt and --base go together"],
  ["xray --mqtt broker --base x", "--mqtt: broker is no broker's URL"],
  ["scanner --call device", "--call: device is not HOST:PORT"],
  ["xray --tcp 1 --secure", "--secure: only with --opcua"],
  ["xray --opcua 0 --certificate expired", "--certificate: only with --secure"],
  ["xray --opcua 0 --secure --certificate odd", "--certificate: odd is not known"],
  ["xray --opcua 0 --user a:b", "--user: only with --secure, --mqtt or --http"],
  ["xray --opcua 0 --secure --user a", "--user: NAME:PASSWORD is wanted"],
  ["scanner --tcp 1 --ca x", "--ca: only with --mqtt"],
  ["scanner --tcp 1 --preset acme", "--preset: acme is not known"],
  ["xray", "xray: exactly one of --opcua, --mqtt, --serial, --tcp, --call, --folder is wanted"],
  ["sorter", "sorter: exactly one of --opcua, --mqtt, --serial, --tcp, --call is wanted"],
  ["sorter --opcua 1 --centre here", "--centre: here is no URL"],
  ["plc-map --opcua 1", "plc-map: --map FILE is wanted"],
  ["plc-map --map x", "plc-map: exactly one of --opcua, --tcp, --serial, --call is wanted"],
  ["sorter --opcua 1 --map x", "--map: only of plc-map, xray and annunciator"],
  ["xray --mqtt mqtt://x --base y --map x", "--map: not with --mqtt"],
  ["sorter --opcua 1 --iso-tcp A:B", "--iso-tcp: only with --tcp or --call"],
  ["sorter --tcp 1 --iso-tcp A", "--iso-tcp: A is not CALLING:CALLED, such as 02.01:02.02"],
  ["scale --tcp 1 --dialect acme", "--dialect: acme is not known"],
  ["scanner --tcp 1 --dialect cubiscan", "--dialect: only of scale"],
])("simulate %s", (words, sentence) => {
  const read = readAloneOptions(words.split(" ").filter((word) => word !== ""));
  expect(read.kind === "refused" && read.text.split("\n")[0]).toBe(`simulate: ${sentence}`);
});
