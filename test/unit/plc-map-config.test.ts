/**
 * Goal: a map of a controller's variables that does not fit its line is refused in sentences that
 * name the key, and the worked example of the device's page is one that fits. Method: the page's own
 * text, put into the shipped example and changed in one place at a time.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readAgentFile } from "../../edge/runtime/config/read-agent-file.ts";

const agent = readFileSync("edge/examples/line-agent.yaml", "utf8");
const page = readFileSync("edge/devices/sorter/README.md", "utf8");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sortline-plc-map-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Tree = { [key: string]: Tree };

/** The page's sorter in the shipped agent, after `change`. */
function readWith(change: (sorter: Tree) => void = () => {}) {
  const content = parse(agent) as { lines: { devices: { sorter: Tree } }[] };
  const sorter = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "") as Tree;
  change(sorter);
  content.lines[0]!.devices.sorter = sorter;
  const path = join(folder, "agent.yaml");
  writeFileSync(path, stringify(content));
  return readAgentFile(path);
}

const at = (tree: Tree, path: string): Tree =>
  path.split(".").reduce((inside, key) => inside[key]!, tree);

const set = (path: string, value: unknown) => (sorter: Tree) => {
  const keys = path.split(".");
  const last = keys.pop()!;
  const inside = keys.length === 0 ? sorter : at(sorter, keys.join("."));
  if (value === undefined) delete inside[last];
  else inside[last] = value as Tree;
};

const said = (change?: (sorter: Tree) => void): string => {
  const read = readWith(change);
  const lines =
    read.kind === "refused"
      ? read.sentences
      : read.findings.map(({ level, key, sentence }) => `${level} ${key}: ${sentence}`);
  return lines.join("\n");
};

describe("a map of a controller's variables", () => {
  it("as on the page of the device is taken", () => {
    expect(said()).not.toMatch(/dialect\.(?!count)/);
    expect(readWith().kind).toBe("config");
  });

  it.each<[string, string, unknown, RegExp]>([
    ["an unknown key", "dialect.encoder", {}, /dialect\.encoder: there is no such key/],
    [
      "a node without its kind",
      "dialect.boot.node",
      "Boot",
      /dialect\.boot\.node: s=, i=, g= or b=/,
    ],
    [
      "a path without a name",
      "dialect.boot.node",
      ["Sorter", ""],
      /dialect\.boot\.node\.1: a browse name, or nsu=URI;name/,
    ],
    ["a path that leads nowhere", "dialect.boot.node", [], /dialect\.boot\.node: /],
    [
      "neither boot nor echo",
      "dialect.boot",
      undefined,
      /dialect\.boot: exactly one of boot and echo/,
    ],
    [
      "a ring that is no power of two",
      "dialect.events.size",
      100,
      /dialect\.events\.size: must be a power of two/,
    ],
    [
      "rule 5: a ring too small for two seconds",
      "dialect.events.size",
      64,
      /dialect\.events\.size: this line may tell 79 events within 2 s, and a ring of 64 keeps 56/,
    ],
    [
      "a line's eye without a number",
      "dialect.events.eyes.6",
      undefined,
      /dialect\.events\.eyes: the layout names end, and no number means it/,
    ],
    [
      "what would never be told",
      "dialect.events.kind.kinds.5",
      undefined,
      /dialect\.events\.kind\.kinds: no number means cancelledNoLife/,
    ],
    [
      "a refusal that would not be understood",
      "dialect.ack.code.codes.2",
      undefined,
      /dialect\.ack\.code\.codes: no number means staleCount/,
    ],
    [
      "a diverter without a number",
      "dialect.command.exit.values.red",
      undefined,
      /dialect\.command\.exit\.values: red has a diverter, and no number/,
    ],
    [
      "one number for two exits",
      "dialect.command.exit.values.red",
      1,
      /dialect\.command\.exit\.values: one number means two things/,
    ],
    [
      "an exit of which nobody knows whether it has room",
      "dialect.chutes.inspection",
      undefined,
      /dialect\.chutes: nothing tells whether inspection has room/,
    ],
    [
      "a machine that never executes",
      "dialect.packml.state.states",
      { 2: "Stopped" },
      /dialect\.packml\.state\.states: no number means Execute, so nothing would ever be inducted/,
    ],
    [
      "a state that PackML does not know",
      "dialect.packml.state.states",
      { 6: "Running" },
      /dialect\.packml\.state\.states\.6: /,
    ],
    [
      "less patience than a sign of life may take",
      "staleAfterMs",
      900,
      /staleAfterMs: it must be at least 1000/,
    ],
  ])("is refused for %s", (_, path, value, expected) => {
    expect(readWith(set(path, value)).kind).toBe("refused");
    expect(said(set(path, value))).toMatch(expected);
  });

  it("rule 4: says for how long a silence its counter tells where the belt is, and refuses more", () => {
    const narrow = set("dialect.count.bits", 16);
    expect(said(narrow)).toMatch(
      /note line L1, devices\.sorter\.dialect\.count: a counter of 16 bits at 1 mm a count tells where the belt is over silences of up to 16\.4 s; after a longer one the belt is unknown$/m,
    );
    const patient = (sorter: Tree) => {
      narrow(sorter);
      Object.assign(sorter, { staleAfterMs: 17_000, downAfterMs: 20_000 });
    };
    expect(said(patient)).toMatch(
      /devices\.sorter\.staleAfterMs: a counter of 16 bits .* within 16383 ms/,
    );
  });

  it("says which states of the machine it would not hear in, as the page writes them", () => {
    const packml = parse(/## PackML\n[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "") as Tree;
    expect(said(set("dialect.packml", packml["packml"]))).toMatch(
      /note .*dialect\.packml\.state\.states: no number means Resetting, Idle, .*Complete: while the controller shows one, it is not heard$/m,
    );
  });

  it.each([
    [
      "dialect.belt.stop",
      /note .*dialect\.belt\.stop: there is no such word, so doubt cannot stop the belt/,
    ],
    [
      "dialect.induction",
      /note .*dialect\.induction: there is no such word, so doubt cannot keep parcels off/,
    ],
  ])("says what doubt cannot do without %s", (path, expected) => {
    expect(said(set(path, undefined))).toMatch(expected);
  });
});

describe("a controller that follows parcels by itself", () => {
  const latched = (withTrack: readonly string[]) => (sorter: Tree) => {
    const node = (name: string, more = {}) => ({ node: `s=${name}`, ...more });
    const eyes = Object.values(at(sorter, "dialect.events.eyes")).map(String);
    const once = (name: string) => ({
      times: node(`${name}.Times`, { bits: 16 }),
      seq: node(`${name}.Seq`),
      at: node(`${name}.At`),
    });
    set("dialect.events", undefined)(sorter);
    set("dialect.latches", {
      eyes: Object.fromEntries(
        eyes.map((eye) => [
          eye,
          {
            edges: node(`${eye}.Edges`, { bits: 16 }),
            blockedAt: node(`${eye}.On`),
            clearedAt: node(`${eye}.Off`),
            isBlocked: node(`${eye}.Is`),
            ...(withTrack.includes(eye) ? { track: node(`${eye}.Track`) } : {}),
          },
        ]),
      ),
      fired: { red: once("Red"), green: once("Green") },
      cancelled: { times: node("Cancelled", { bits: 16 }) },
    })(sorter);
  };

  it("tells its number at every eye of the layout, or at none", () => {
    expect(said(latched([]))).not.toMatch(/track/);
    const all = ["induction", "xray-entry", "pre-red", "red-chute", "pre-green", "green-chute"];
    expect(said(latched([...all, "end"]))).not.toMatch(/track/);
    expect(said(latched(all))).toMatch(
      /dialect\.latches\.eyes\.end\.track: induction, .* has the controller's number, and this one does not: every parcel would be unknown here/,
    );
    expect(readWith(latched(all)).kind).toBe("refused");
  });

  it("has a column of its own in the ring", () => {
    expect(said(set("dialect.events.track", { node: "s=Track" }))).not.toMatch(/dialect\.events/);
    const count = 's="DB_Sort"."Ev"."Count"';
    expect(said(set("dialect.events.track", { node: count }))).toMatch(
      /dialect\.events\.track: .* is events\.count already/,
    );
  });
});

describe("a map that is read on news", () => {
  const readOnNews = (subscription: object, change: (sorter: Tree) => void = () => {}) =>
    said((sorter) => {
      set("dialect.subscription", subscription)(sorter);
      change(sorter);
    });

  it("as on the page of the device is taken, and so are its defaults", () => {
    const fragment = /```yaml\n(subscription:[\s\S]*?)```/.exec(page)?.[1] ?? "";
    const { subscription } = parse(fragment) as { subscription: object };
    for (const taken of [subscription, {}]) {
      expect(readOnNews(taken)).not.toMatch(/dialect\.(?!count)|publishingIntervalMs/);
    }
  });

  it.each<[string, object, string, unknown, RegExp]>([
    [
      "more time between two readings than the line's lead has",
      { everyMsMax: 146 },
      "dialect.ackMs",
      500,
      /dialect\.subscription\.everyMsMax: what the belt does may be known two readings late, and with a command that is 382 ms; 380 are left of commit\.leadMs/,
    ],
    [
      "more time until it is found silent than the sorter has",
      { everyMsMax: 110 },
      "staleAfterMs",
      1_049,
      /dialect\.subscription\.everyMsMax: a subscription that has died is noticed after 550 ms, and the sorter counts as silent after 549;/,
    ],
    [
      "answers that are read too late",
      { everyMsMax: 100 },
      "dialect.ackMs",
      139,
      /dialect\.ackMs: it must be at least 140:/,
    ],
    [
      "samples that nobody waits for",
      { samplingMs: 101 },
      "dialect.pollMs",
      20,
      /dialect\.subscription\.samplingMs: 101 ms is more than subscription\.everyMsMax/,
    ],
    [
      "publishings that nobody waits for",
      {},
      "reach.publishingIntervalMs",
      101,
      /reach\.publishingIntervalMs: 101 ms is more than subscription\.everyMsMax/,
    ],
    [
      "polls that are no more often",
      { everyMsMax: 100 },
      "dialect.pollMs",
      100,
      /dialect\.subscription\.everyMsMax: must be more than pollMs/,
    ],
  ])("is refused for %s", (_, subscription, path, value, expected) => {
    expect(readOnNews(subscription, set(path, value))).toMatch(expected);
  });

  it.each<[object, string, number]>([
    [{ everyMsMax: 145 }, "dialect.ackMs", 500],
    [{ everyMsMax: 110 }, "staleAfterMs", 1_050],
    [{ everyMsMax: 100 }, "dialect.ackMs", 140],
    [{ samplingMs: 100 }, "dialect.pollMs", 20],
    [{}, "reach.publishingIntervalMs", 100],
  ])("is taken at the bound: %j with %s %i", (subscription, path, value) => {
    expect(readOnNews(subscription, set(path, value))).not.toMatch(
      /dialect\.(?!count)|staleAfterMs|publishingIntervalMs/,
    );
  });

  it("is none of latches", () => {
    const latched = (sorter: Tree): void => {
      const latches = { eyes: {}, fired: {}, cancelled: { times: { node: "s=C", bits: 16 } } };
      set("dialect.events", undefined)(sorter);
      set("dialect.latches", latches)(sorter);
    };
    expect(readOnNews({}, latched)).toMatch(/dialect\.subscription: latches have to be polled/);
  });
});

describe("two variables in one place", () => {
  it("are seen by their paths, with a namespace that is named and the same that is not", () => {
    const uri = "http://www.example.com/plc/DB";
    const both = (second: readonly string[]) => (sorter: Tree) => {
      set("dialect.command.seq.node", ["Sorter", "Seq"])(sorter);
      set("dialect.ack.seq.node", second)(sorter);
    };
    expect(said(both(["Sorter", `nsu=${uri};Seq`]))).toMatch(
      /dialect\.ack\.seq: \/Sorter\/nsu=.*;Seq is command\.seq already/,
    );
    expect(said(both(["Sorter", "nsu=urn:x;Seq"]))).not.toMatch(/already/);
    expect(said(both(["Sorter/Seq"]))).not.toMatch(/already/);
  });

  it.each<[string, string, RegExp]>([
    ["command.seq", "ack.seq", /dialect\.ack\.seq: .* is command\.seq already/],
    ["ack.seq", "command.seq", /dialect\.ack\.seq: .* is command\.seq already/],
    ["life.toPlc", "life.fromPlc", /dialect\.life\.\w+: .* is life\.\w+ already/],
    ["boot", "command.boot", /dialect\.command\.boot: .* is boot already/],
    ["command.fireAt", "command.notAfter", /dialect\.command\.notAfter: .* is command\.fireAt/],
    ["belt.running", "belt.stop", /dialect\.belt\.stop: .* is belt\.running already/],
    ["packml.state", "ack.code", /dialect\.ack\.code: .* is packml\.state already/],
  ])("%s and %s are refused by name", (one, other, sentence) => {
    const share = (sorter: Tree): void => {
      const node = at(sorter, `dialect.${one}.node`);
      set(`dialect.${other}.node`, node)(sorter);
    };
    expect(said(share)).toMatch(sentence);
  });

  it("are different bits, or different elements, or else one", () => {
    const chute = (exit: string, place: object) => set(`dialect.chutes.${exit}.full`, place);
    const word = 's="DB_Sort"."ChuteWord"';
    const both = (red: object) => (sorter: Tree) => {
      chute("green", { node: word, bit: 0, ...("element" in red ? { element: 1 } : {}) })(sorter);
      chute("red", { node: word, ...red })(sorter);
      chute("inspection", { node: 's="Other"' })(sorter);
    };
    expect(said(both({ bit: 1 }))).not.toMatch(/already/);
    expect(said(both({ element: 2, bit: 0 }))).not.toMatch(/already/);
    for (const red of [{ bit: 0 }, { element: 1, bit: 0 }, {}]) {
      expect(said(both(red))).toMatch(/dialect\.chutes\.red\.full: .* is chutes\.green\.full/);
    }
  });
});
