import { expect, test } from "vitest";
import { read, repositoryFiles } from "./repository.ts";
import type { SourceFile } from "./rules.ts";
import { withoutComments } from "./without-comments.ts";

/**
 * Goal: what somebody else has written as JSON is read in one place, where it is bounded, checked and
 * refused with a reason. Method: who else parses is listed with the reason; another one is planted.
 */
const parsesItself: ReadonlyMap<string, string> = new Map([
  ["protocols/json-message.ts", "it is that place"],
  ["edge/runtime/readable-log.ts", "a line that the log has written in this process"],
  ["edge/clearance/rows.ts", "a row that this room has written, out of a checked journal"],
  ["edge/centre/http/bodies.ts", "looks for the key for which the framework refused a body"],
  ["control-ui/font-plugin.ts", "a file of a package, while the page is built"],
]);
/** Journals, anchors and what audits them read their own lines, tied by hashes. */
const ownLines = /^edge\/(?:journal|audit)\//;

const readers = (files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path }) => !ownLines.test(path))
    .filter(({ text }) => /\bJSON\s*\.\s*parse\b/.test(withoutComments(text)))
    .map(({ path }) => path);

test("JSON from outside is read by the one reader", () => {
  const files = repositoryFiles()
    .filter((path) => /^(?:edge|protocols|simulators|control-ui)\/.*\.tsx?$/.test(path))
    .map(read);
  expect(files.length).toBeGreaterThan(400);
  expect(readers(files).filter((path) => !parsesItself.has(path))).toEqual([]);
  const planted = { path: "edge/link/planted.ts", text: "const said = JSON.parse(text);" };
  expect(readers([planted])).toEqual(["edge/link/planted.ts"]);
});
