import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** What the page is made of. A change in any of these files makes a built page old. */
const root = fileURLToPath(new URL("..", import.meta.url));
const sources = [
  "control-ui/web",
  "control-ui/vite.config.ts",
  "control-ui/font-plugin.ts",
  "protocols",
  "package-lock.json",
];
const stampFile = "sources.sha256";

/**
 * What the floor's page needs before it can draw, compressed: a weak panel has it within a second.
 * Every alarm and reason brings its words in both languages along.
 */
export const firstScriptGzipBytesMax = 104 * 1_024;
/** All scripts together, the officer's desk being one of its own. */
export const scriptGzipBytesMax = 114 * 1_024;

export interface BuiltPage {
  readonly outDir: string;
  /** False when the page there was made of the same sources. */
  readonly isNew: boolean;
  readonly firstScriptGzipBytes: number;
  readonly scriptGzipBytes: number;
}

/**
 * Builds the page into `outDir` unless it is already there and up to date. Called by `npm start`
 * and by tests before the centre serves the folder. Throws when the sources do not build or the
 * scripts have outgrown their budget: there is no page to serve then.
 */
export async function buildPage({ outDir }: { readonly outDir: string }): Promise<BuiltPage> {
  const stamp = hashSources();
  if (stampOf(outDir) === stamp) return { outDir, isNew: false, ...measure(outDir) };
  // Beside it, so that whoever serves or builds the page at this moment has a whole one all along.
  const fresh = join(dirname(outDir), `${basename(outDir)}-${process.pid}-${Date.now()}`);
  try {
    await buildForProduction(fresh);
    const sizes = measure(fresh);
    const { firstScriptGzipBytes: first, scriptGzipBytes: all } = sizes;
    if (first > firstScriptGzipBytesMax || all > scriptGzipBytesMax) {
      throw new Error(
        `the page's first scripts are ${first} bytes (at most ${firstScriptGzipBytesMax}), ` +
          `all of them ${all} (at most ${scriptGzipBytesMax})`,
      );
    }
    writeFileSync(join(fresh, stampFile), stamp);
    putInPlace(fresh, outDir, stamp);
    return { outDir, isNew: true, ...sizes };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const stampOf = (outDir: string): string | null => {
  const path = join(outDir, stampFile);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
};

/** Another one may have put the same page there meanwhile, which is as good. */
function putInPlace(fresh: string, outDir: string, stamp: string): void {
  rmSync(outDir, { recursive: true, force: true });
  try {
    renameSync(fresh, outDir);
  } catch (error) {
    if (stampOf(outDir) !== stamp) throw error;
  }
}

function measure(outDir: string): Pick<BuiltPage, "firstScriptGzipBytes" | "scriptGzipBytes"> {
  const index = readFileSync(join(outDir, "index.html"), "utf8");
  let firstScriptGzipBytes = 0;
  let scriptGzipBytes = 0;
  for (const name of readdirSync(join(outDir, "assets"))) {
    if (!name.endsWith(".js")) continue;
    const { length } = gzipSync(readFileSync(join(outDir, "assets", name)));
    scriptGzipBytes += length;
    if (index.includes(name)) firstScriptGzipBytes += length;
  }
  return { firstScriptGzipBytes, scriptGzipBytes };
}

/** Also where a test runner says otherwise: its page would be another one, and larger. */
async function buildForProduction(outDir: string): Promise<void> {
  const { NODE_ENV } = process.env;
  process.env["NODE_ENV"] = "production";
  try {
    await build({
      configFile: join(root, "control-ui/vite.config.ts"),
      logLevel: "error",
      build: { outDir },
    });
  } finally {
    if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = NODE_ENV;
  }
}

function hashSources(): string {
  const hash = createHash("sha256");
  for (const path of sources.flatMap((source) => filesOf(join(root, source)))) {
    hash.update(relative(root, path)).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesOf(join(path, name)));
}
