/**
 * Goal: an anchor is worth its signature, its key is kept from others, its file only grows.
 * Method: real Ed25519 keys and files; every field of an anchor is changed once.
 */
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { signAnchor, verifyAnchor, type Anchor } from "../../edge/journal/anchors/anchor.ts";
import {
  openAnchorFile,
  readAnchors,
  type AnchorFile,
} from "../../edge/journal/anchors/anchor-file.ts";
import {
  createAnchorKey,
  loadOrCreateSigningKey,
  loadSigningKey,
  loadVerifyingKey,
  type KeyOutcome,
} from "../../edge/journal/anchors/anchor-key.ts";
import { epochMs } from "../../protocols/units.ts";
import { temporaryFolder } from "./support.ts";

const keyOf = (outcome: KeyOutcome) => {
  if (outcome.kind === "refused") throw new Error(outcome.why);
  return outcome.key;
};

const tail = { chain: "L1", seq: 7, hash: "ab".repeat(32) };

describe("a signed anchor (law 14)", () => {
  const file = (): string => join(temporaryFolder(), "anchor.key");

  it("verifies with the public key of its signer, and with no other", () => {
    const mine = file();
    const other = file();
    const anchor = signAnchor(tail, epochMs(1_000), keyOf(createAnchorKey(mine)));
    createAnchorKey(other);
    expect(verifyAnchor(anchor, keyOf(loadVerifyingKey(`${mine}.pub`)))).toBe(true);
    expect(verifyAnchor(anchor, keyOf(loadVerifyingKey(`${other}.pub`)))).toBe(false);
  });

  it.each<[string, Partial<Anchor>]>([
    ["chain", { chain: "L2" }],
    ["seq", { seq: 8 }],
    ["hash", { hash: "cd".repeat(32) }],
    ["wallAt", { wallAt: epochMs(1_001) }],
    ["owner", { isOwn: true }],
    ["signature", { signature: "00".repeat(64) }],
  ])("does not verify with another %s", (_, change) => {
    const mine = file();
    const anchor = signAnchor(tail, epochMs(1_000), keyOf(createAnchorKey(mine)));
    const key = keyOf(loadVerifyingKey(`${mine}.pub`));
    expect(verifyAnchor({ ...anchor, ...change }, key)).toBe(false);
  });
});

describe("the anchor key", () => {
  const newFile = (): string => join(temporaryFolder(), "anchor.key");

  it("is readable by its owner alone, and is the same when loaded", () => {
    const file = newFile();
    const made = keyOf(loadOrCreateSigningKey(file));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(keyOf(loadOrCreateSigningKey(file)).equals(made)).toBe(true);
  });

  it("is refused when others may read it", () => {
    const file = newFile();
    createAnchorKey(file);
    chmodSync(file, 0o640);
    const refused = loadSigningKey(file);
    expect(refused).toHaveProperty("why", expect.stringContaining("mode 0640"));
  });

  it("is never overwritten", () => {
    const file = newFile();
    createAnchorKey(file);
    const before = readFileSync(file, "utf8");
    expect(createAnchorKey(file)).toHaveProperty("why", expect.stringContaining("there already"));
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("is refused by name when it is missing, no key, or of another kind", () => {
    const file = newFile();
    expect(loadSigningKey(file)).toHaveProperty(
      "why",
      expect.stringContaining("there is no such file"),
    );
    writeFileSync(file, "no key", { mode: 0o600 });
    expect(loadSigningKey(file)).toMatchObject({ kind: "refused" });
    expect(loadVerifyingKey(file)).toMatchObject({ kind: "refused" });
  });

  it("verifies with the public half only", () => {
    const file = newFile();
    createAnchorKey(file);
    expect(loadVerifyingKey(file)).toHaveProperty("why", expect.stringContaining(".pub"));
  });
});

describe("the anchor file", () => {
  const anchorOf = (seq: number, chain = "L1"): Anchor => ({
    ...tail,
    chain,
    seq,
    wallAt: epochMs(seq),
    signature: "ab".repeat(64),
  });

  const openedFile = async (file: string): Promise<AnchorFile> => {
    const result = await openAnchorFile(file);
    if (result.kind === "refused") throw new Error(result.why);
    return result.anchorFile;
  };

  const anchorsIn = async (file: string) => {
    const read = await readAnchors(file);
    if (read.kind === "refused") throw new Error(read.why);
    return read;
  };

  it("only grows, in order, over restarts, and knows each chain's last anchor", async () => {
    const file = join(temporaryFolder(), "anchors.jsonl");
    const first = await openedFile(file);
    const results = await Promise.all([1, 2, 3].map((seq) => first.append(anchorOf(seq))));
    expect(results).toEqual([null, null, null]);
    await first.close();
    const second = await openedFile(file);
    expect(second.latest({ chain: "L1" })?.seq).toBe(3);
    expect(second.latest({ chain: "L2" })).toBeNull();
    await second.append(anchorOf(1, "L2"));
    await second.close();
    const { anchors } = await anchorsIn(file);
    expect(anchors.map(({ chain, seq }) => `${chain}/${seq}`)).toEqual([
      "L1/1",
      "L1/2",
      "L1/3",
      "L2/1",
    ]);
  });

  it("goes on however many it holds; whoever wants all of too many is refused", async () => {
    const file = join(temporaryFolder(), "anchors.jsonl");
    const first = await openedFile(file);
    for (const seq of [1, 2, 3]) await first.append(anchorOf(seq));
    await first.close();
    expect(await readAnchors(file, 3)).toMatchObject({ anchors: { length: 3 } });
    expect(await readAnchors(file, 2)).toEqual({ kind: "refused", why: `${file}: over 2 anchors` });
    const second = await openedFile(file);
    expect(second.found.map(({ seq }) => seq)).toEqual([3]);
    await second.close();
  });

  it("knows the centre's own journal from an agent's of the same name", async () => {
    const file = join(temporaryFolder(), "anchors.jsonl");
    const first = await openedFile(file);
    await first.append({ ...anchorOf(7), isOwn: true });
    await first.append(anchorOf(4));
    expect(first.latest({ chain: "L1", isOwn: true })?.seq).toBe(7);
    expect(first.latest({ chain: "L1" })?.seq).toBe(4);
    await first.close();
    const second = await openedFile(file);
    expect(second.found.map(({ seq, isOwn = false }) => [seq, isOwn])).toEqual([
      [7, true],
      [4, false],
    ]);
    await second.close();
  });

  it("loses nothing but the line that a crash cut", async () => {
    const file = join(temporaryFolder(), "anchors.jsonl");
    const line = JSON.stringify(anchorOf(1));
    writeFileSync(file, `${line}\n${line.slice(0, 50)}`);
    const anchorFile = await openedFile(file);
    await anchorFile.append(anchorOf(2));
    await anchorFile.close();
    const { anchors, discarded } = await anchorsIn(file);
    expect(anchors.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(discarded.map(({ line: number }) => number)).toEqual([2]);
  });

  it("names the line and field of what is no anchor", async () => {
    const file = join(temporaryFolder(), "anchors.jsonl");
    const wrong = { ...anchorOf(1), hash: "short" };
    writeFileSync(file, `${JSON.stringify(wrong)}\n${"x".repeat(5_000)}\n`);
    const { anchors, discarded } = await anchorsIn(file);
    expect(anchors).toEqual([]);
    expect(discarded).toMatchObject([{ line: 1 }, { line: 2 }]);
    expect(discarded[0]?.why).toContain("hash");
    expect(discarded[1]?.why).toContain("longer than");
  });

  it("is refused when it cannot be read: silence is not the same as no anchors", async () => {
    const missing = join(temporaryFolder(), "missing.jsonl");
    expect(await readAnchors(missing)).toMatchObject({ kind: "refused" });
    expect(await openAnchorFile(join(missing, "inside"))).toMatchObject({ kind: "refused" });
  });

  it("answers what the disk said when an anchor could not be written", async () => {
    const anchorFile = await openedFile(join(temporaryFolder(), "anchors.jsonl"));
    await anchorFile.close();
    expect(await anchorFile.append(anchorOf(1))).toContain("anchors");
    expect(anchorFile.latest({ chain: "L1" })).toBeNull();
  });
});
