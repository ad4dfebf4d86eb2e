import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { SourceFile } from "./rules.ts";

/** The project's folder, with a slash at its end. */
export const root = new URL("../../", import.meta.url).pathname;

/**
 * Every file that belongs to the repository, from its root: what is committed, and what is new and
 * not ignored.
 */
export function repositoryFiles(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8" });
  return listed.split("\n").filter((path) => path !== "" && existsSync(root + path));
}

export const read = (path: string): SourceFile => ({
  path,
  text: readFileSync(root + path, "utf8"),
});
