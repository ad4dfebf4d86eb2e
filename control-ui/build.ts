import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
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
 * All scripts together, compressed: a weak panel loads the page within a second. Every alarm and
 * reason brings its words in both languages along; a split by role is to bring this down again.
 */
export const scriptGzipBytesMax = 100 * 1_024;

export interface BuiltPage {
  readonly outDir: string;
  /** False when the page there was made of the same sources. */
  readonly isNew: boolean;
  readonly scriptGzipBytes: number;
}

/**
 * Builds the page into `outDir` unless it is already there and up to date. Called by `npm start`
 * and by tests before the centre serves the folder. Throws when the sources do not build or the
 * scripts have outgrown their budget: there is no page to serve then.
 */
export async function buildPage({ outDir }: { readonly outDir: string }): Promise<BuiltPage> {
  const stampPath = join(outDir, stampFile);
  const stamp = hashSources();
  const isCurrent = existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp;
  if (!isCurrent) {
    await build({
      configFile: join(root, "control-ui/vite.config.ts"),
      logLevel: "error",
      build: { outDir },
    });
  }
  const scriptGzipBytes = gzipBytesOfScripts(join(outDir, "assets"));
  if (scriptGzipBytes > scriptGzipBytesMax) {
    throw new Error(`the page's scripts are ${scriptGzipBytes} bytes, over ${scriptGzipBytesMax}`);
  }
  if (!isCurrent) writeFileSync(stampPath, stamp);
  return { outDir, isNew: !isCurrent, scriptGzipBytes };
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

const gzipBytesOfScripts = (folder: string): number =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
