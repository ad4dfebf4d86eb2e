import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this checkout is. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** The Node that came with the packages and runs every program. */
export function packagedRuntime() {
  const file = join(root, "node_modules/.bin/node");
  if (existsSync(file)) return { kind: "found", file };
  return {
    kind: "missing",
    why:
      `${file}, the Node that runs it, is missing: npm ci brings it, ` +
      "unless npm is told to run no install scripts.",
  };
}
