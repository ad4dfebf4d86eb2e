import { describe, expect, test } from "vitest";
import { read, repositoryFiles } from "./repository.ts";

/**
 * Goal: whoever looks for something finds it in the table of its folder. Method: what lies in each
 * folder is held against its README, and one that leaves something out is planted.
 */
const files = repositoryFiles();

/** Files and folders right below `folder`, folders with a slash at the end. */
function entriesOf(folder: string): string[] {
  const inside = files
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1));
  return [...new Set(inside.map((path) => path.replace(/\/.*/, "/")))];
}

const isFolder = (entry: string): boolean => entry.endsWith("/");
const isFolderOrSource = (entry: string): boolean => isFolder(entry) || /\.[jt]sx?$/.test(entry);

/** Entries that no `code` of the text is. */
function unnamedIn(text: string, entries: readonly string[]): string[] {
  const named = new Set([...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? ""));
  return entries.filter((entry) => !named.has(entry) && !named.has(entry.replace(/\/$/, "")));
}

const tables: readonly (readonly [string, () => readonly string[]])[] = [
  ["protocols/README.md", () => entriesOf("protocols").filter(isFolderOrSource)],
  ["simulators/README.md", () => entriesOf("simulators").filter(isFolderOrSource)],
  ["control-ui/README.md", () => entriesOf("control-ui/web").filter(isFolder).map(inWeb)],
  ["control-ui/README.md", () => entriesOf("control-ui").filter((each) => each.endsWith(".ts"))],
  ["test/README.md", () => entriesOf("test").filter(isFolder)],
  ["edge/README.md", () => entriesOf("edge").filter(isFolder)],
  ["README.md", () => entriesOf("edge").filter(isFolder).filter(isRoom).map(inEdge)],
  ["README.zh-CN.md", () => entriesOf("edge").filter(isFolder).filter(isRoom).map(inEdge)],
];

const inWeb = (entry: string): string => `web/${entry}`;
const inEdge = (entry: string): string => `edge/${entry}`;
const isRoom = (entry: string): boolean => entry !== "examples/";

describe("each table names all that lies in its folder", () => {
  test.each(tables)("%s", (path, entries) => {
    const wanted = entries();
    expect(wanted.length).toBeGreaterThan(2);
    const { text } = read(path);
    expect(unnamedIn(text, wanted)).toEqual([]);
    const [left = ""] = wanted;
    const planted = text
      .replaceAll(`\`${left}\``, "")
      .replaceAll(`\`${left.replace(/\/$/, "")}\``, "");
    expect(unnamedIn(planted, wanted)).toEqual([left]);
  });
});
