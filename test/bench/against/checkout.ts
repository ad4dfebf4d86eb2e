import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { fileReason } from "../../../protocols/file-reason.ts";
import { decodeJson } from "../../../protocols/json-message.ts";

/** A build that can be measured: a folder with its sources, its packages and a bench of its own. */
export interface Checkout {
  readonly root: string;
  /** The Node that its packages brought, which runs all of it. */
  readonly runtime: string;
  /** Which build it is, for the reader. */
  readonly title: string;
}

export type ReadCheckout =
  | { readonly kind: "checkout"; readonly checkout: Checkout }
  /** The sentence names the folder, and what is wrong with it. */
  | { readonly kind: "refused"; readonly why: string };

const zManifest = z.object({ name: z.literal("sortline"), version: z.string() });
const zNames = z.record(z.string(), z.string()).default({});
const zLock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dependencies: zNames, devDependencies: zNames }),
  ),
});
const zVersion = z.object({ version: z.string() });

const jsonBytesMax = 2 ** 24;
const nodeMajorMin = 24;
const benchProgram = "test/bench/main.ts";

export function readCheckout(dir: string): ReadCheckout {
  const refused = (why: string): ReadCheckout => ({ kind: "refused", why: `${dir}: ${why}` });
  try {
    if (!statSync(dir).isDirectory()) return refused("it is no folder");
  } catch (error) {
    return refused(fileReason(error));
  }
  const root = realpathSync(dir);
  const manifest = readJson(join(root, "package.json"), zManifest);
  if (manifest === null) return refused("it is no checkout of Sortline");
  if (!existsSync(join(root, "node_modules"))) {
    return refused("it has no node_modules; run npm ci there");
  }
  const odd = packageThatIsNotAsLocked(root);
  if (odd !== null) return refused(`${odd}; run npm ci there`);
  if (!existsSync(join(root, benchProgram))) return refused(`it has no ${benchProgram}`);
  const runtime = join(root, "node_modules/.bin/node");
  const version = wordsOf(runtime, ["--version"]);
  if (version === null) return refused("its node_modules/.bin/node does not run");
  if (Number(/^v(\d+)/.exec(version)?.[1]) < nodeMajorMin) {
    return refused(`its node_modules/.bin/node is ${version}, and ${nodeMajorMin} is wanted`);
  }
  const help = wordsOf(runtime, [join(root, benchProgram), "--help"]);
  if (help === null || !/--json\b/.test(help) || !/--shape\b/.test(help)) {
    return refused("its bench does not measure by --shape and --json");
  }
  const title = `${commitOf(root) ?? `version ${manifest.version}`}, Node ${version}`;
  return { kind: "checkout", checkout: { root, runtime, title } };
}

/** A sentence's beginning about the first package that is missing or of another version. */
function packageThatIsNotAsLocked(root: string): string | null {
  const locked = readJson(join(root, "package-lock.json"), zLock)?.packages;
  const direct = locked?.[""];
  if (direct === undefined) return "it has no readable package-lock.json";
  for (const name of Object.keys({ ...direct.dependencies, ...direct.devDependencies })) {
    const wanted = locked?.[`node_modules/${name}`]?.version;
    const found = readJson(join(root, "node_modules", name, "package.json"), zVersion)?.version;
    if (found === undefined) return `its node_modules has no ${name}`;
    if (found !== wanted) return `its node_modules has ${name} ${found}, its lock file ${wanted}`;
  }
  return null;
}

/** Null: there is no such file, or it holds something else. */
function readJson<Content>(file: string, schema: z.ZodType<Content>): Content | null {
  if (!existsSync(file)) return null;
  const decoded = decodeJson(schema, readFileSync(file), jsonBytesMax);
  return decoded.kind === "ok" ? decoded.value : null;
}

function commitOf(root: string): string | null {
  const commit = wordsOf("git", ["-C", root, "rev-parse", "--short=7", "HEAD"]);
  if (commit === null) return null;
  const changes = wordsOf("git", ["-C", root, "status", "--porcelain", "--untracked-files=no"]);
  return changes === "" ? commit : `${commit} with changes`;
}

/** Null when it did not run, or ended with another code than 0. */
function wordsOf(program: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}
