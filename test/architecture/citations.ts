import type { SourceFile } from "./rules.ts";
import { withoutComments } from "./without-comments.ts";

/**
 * What comments, test titles and documents cite: laws, numbered requirements, vectors, other files. All
 * of it has to be in the repository, so that whoever has nothing else can follow.
 */
export interface Citation {
  readonly path: string;
  readonly cited: string;
}

export interface Citable {
  /** `law 7`, `ZJG-19`, `X6`, `npm run drills`. */
  readonly names: ReadonlySet<string>;
  /** Of each Markdown file the addresses of its headings, `when-programs-are-updated`. */
  readonly headings: ReadonlyMap<string, ReadonlySet<string>>;
  /** Every file of the repository, from its root. */
  readonly files: ReadonlySet<string>;
}

/** Between numbers of a list; what stands for "to" makes it a range. */
const toPattern = /\s*(?:\bto\b|\bthrough\b|[-–—]|至|到)\s*/;
const andPattern = /\s*(?:,\s*(?:and|or)\b|\band\b|\bor\b|[,;&/、，和与])\s*/;
const lawPattern = new RegExp(
  String.raw`(?:\blaws?\b|定律)[\s(:-]*(?:#|nos?\b\.?|numbers?\b|第)?\s*` +
    String.raw`(#?\d+(?:(?:${andPattern.source}|${toPattern.source})#?\d+)*)(?![\d.]*%)`,
  "gi",
);
/** `the 7th law`, `第7条定律`. */
const nthLawPattern = /\b(\d+)(?:st|nd|rd|th)\s+law\b|第\s*(\d+)\s*条定律/gi;
const numberedPattern = /\b(?:ZJG|PF|INV|QD|HZ|SZ|HH|GZ|D)-\d+\b/g;
/** A protocol's vector, a machine of the first try or a fault met there (`test/claims.ts`). */
const vectorPattern = /\b(?:PR\d\.\d|DEV\d)-B?\d{1,2}\b/g;
/** A letter and a number, but not a symbology (`]C1`), a format (`X1-20`) or a range of bytes. */
const letteredPattern = /(?<![\w\]./-])[SWXHACMT]\d{1,2}(?![\w-]|\.\.)/g;
/** At the head of a test's title: `"X6, S9: an officer decides"`. */
const titlePattern = /["'`]((?:[A-Z]+-?\d{1,2})(?:, (?:[A-Z]+-?\d{1,2}))*): /g;
const commentPattern = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** Documents that only their authors have, and chapters of them. */
const elsewherePattern =
  /\b(?:DESIGN|PROTOCOLS|DEVICES|MEASURED)\b|\bHMI (?:\d|decision)|\b1C\.\d|\bissue #?\d+|\bissue:/g;
const documentPattern = /[\w./-]*\w\.md\b(?:#[\w-]+)?/g;
/** A heading of the same page. */
const headingPattern = /(?<=\]\()#[\w-]+(?=\))/g;
const sourcePattern =
  /\b(?:edge|protocols|simulators|control-ui|test|findings)\/[\w./-]*\w\.(?:tsx?|m?js|css|json|yaml|sh)\b/g;
/** A file by its name alone, as it is cited within its own room: `step.ts`. */
const namePattern = /(?<=`)[A-Za-z][\w-]*\.tsx?(?=`)/g;
const scriptPattern = /(?<=`)npm run (?:-s )?[a-z][\w:-]*/g;

/** Everything cited in the file, once each. */
export function citationsOf(file: SourceFile): string[] {
  const isDocument = file.path.endsWith(".md");
  // A citation may be broken over two lines of a comment.
  const text = file.text.replace(/\n\s*(?:\*|\/\/)(?!\/)\s?/g, " ");
  const comments = isDocument ? text : (file.text.match(commentPattern) ?? []).join("\n");
  const prose = comments.replace(/\n\s*(?:\*|\/\/)\s?/g, " ");
  const titles = [...file.text.matchAll(titlePattern)].map((match) => match[1] ?? "");
  const found = [
    ...[...text.matchAll(lawPattern)].flatMap((match) => lawsIn(match[1] ?? "")),
    ...[...text.matchAll(nthLawPattern)].flatMap((match) => lawsIn(match[1] ?? match[2] ?? "")),
    ...(text.match(numberedPattern) ?? []),
    ...(text.match(vectorPattern) ?? []),
    ...[prose, ...titles].flatMap((each) => each.match(letteredPattern) ?? []),
    ...(prose.match(elsewherePattern) ?? []),
    ...(prose.match(documentPattern) ?? []),
    ...(isDocument ? (prose.match(headingPattern) ?? []) : []),
    ...(prose.match(scriptPattern) ?? []).map((script) => script.replace(" -s ", " ")),
    ...(prose.match(sourcePattern) ?? []),
    ...(prose.match(namePattern) ?? []),
  ];
  return [...new Set(found)];
}

/** The vectors that a file of tests claims: by a title, hence in what is no comment. */
export const claimsOf = ({ path, text }: SourceFile): string[] =>
  isTest(path) ? [...new Set(withoutComments(text).match(vectorPattern) ?? [])] : [];

/** Whether these are tests, by their file's name. */
export const isTest = (path: string): boolean => /^test\/.*\.(?:test|contract)\.ts$/.test(path);

/** `4 to 6, 11` is 4, 5, 6 and 11. */
function lawsIn(list: string): string[] {
  return list
    .replaceAll("#", "")
    .split(andPattern)
    .flatMap((part) => {
      const [from = 0, to = from] = part.split(toPattern).map(Number);
      return Array.from(
        { length: Math.max(to - from + 1, 0) },
        (_, index) => `law ${from + index}`,
      );
    });
}

/** Citations of what is not there. */
export function unknownCitations(files: readonly SourceFile[], citable: Citable): Citation[] {
  return files.flatMap((file) =>
    citationsOf(file)
      .filter((cited) => !isThere(file.path, cited, citable))
      .map((cited) => ({ path: file.path, cited })),
  );
}

function isThere(path: string, cited: string, { names, files, headings }: Citable): boolean {
  const [file = "", heading] = cited.split("#");
  if (heading === undefined && !/\.\w+$/.test(cited)) return names.has(cited);
  const near = simplified([...path.split("/").slice(0, -1), file].join("/"));
  const found =
    file === ""
      ? path
      : ([near, file].find((each) => files.has(each)) ??
        (file.includes("/") ? undefined : [...files].find((each) => each.endsWith(`/${file}`))));
  if (found === undefined) return false;
  return heading === undefined || headings.get(found)?.has(heading) === true;
}

/** The addresses that a page's headings have, as the hosts of repositories make them. */
export const headingsIn = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.matchAll(/^#{1,6}\s+(.*?)\s*$/gm)].map((match) =>
      (match[1] ?? "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(/\s/g, "-"),
    ),
  );

/** `a/../b` is `b`. */
function simplified(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
