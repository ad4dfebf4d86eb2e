import type { SourceFile, Violation } from "./rules.ts";
import { withoutComments } from "./without-comments.ts";

/**
 * Where an error is caught and lost: a `catch` block with nothing in it, one that neither looks at
 * the error nor says by what it returns why none is needed, a `.catch` that makes nothing of it, a
 * listener or callback that would be told of it and does not listen, and each of these that hands it
 * to a function which the same file defines to do nothing, or which is called so.
 */
export function swallowedErrors({ path, text }: SourceFile): Violation[] {
  const code = withoutComments(text);
  const deafNames = new Set([...code.matchAll(doesNothing)].map((match) => match[1] ?? match[2]));
  return [
    ...[...code.matchAll(handsToName)].flatMap((match) =>
      deafNames.has(match[1]) || /^(?:noop|no_op|ignore|doNothing|swallow)/i.test(match[1] ?? "")
        ? [{ path, rule: "an error is handed to what does nothing", found: match[0] }]
        : [],
    ),
    ...[...code.matchAll(deafCallback)].map((match) => ({
      path,
      rule: "a callback that makes nothing of the error",
      found: match[0],
    })),
    ...[...code.matchAll(deafListener)].flatMap((match) => {
      const body = bodyAt(code, match.index + match[0].length);
      return /\b(?:reject|resolve|exit)\(|\bthrow\b/.test(body)
        ? []
        : [{ path, rule: "a listener that makes nothing of the error", found: match[0] }];
    }),
    ...[...code.matchAll(/\bcatch\s*(?:\((?<binding>[^)]*)\)\s*)?\{/g)].flatMap((match) => {
      const body = bodyAt(code, match.index + match[0].length);
      if (body.trim() === "") return [{ path, rule: "an empty catch", found: match[0] }];
      const isAnswer = /\breturn\s+[^;\s]|\bthrow\b/.test(body);
      const name = /^\s*(\w+)/.exec(match.groups?.["binding"] ?? "")?.[1];
      const isLookedAt =
        match.groups?.["binding"]?.trim().startsWith("{") === true ||
        (name !== undefined && new RegExp(`\\b${name}\\b`).test(body));
      return isLookedAt || isAnswer
        ? []
        : [{ path, rule: "a catch that looks at no error and returns no answer", found: match[0] }];
    }),
    ...[
      ...code.matchAll(
        /\.(?:catch\(|then\([^;]*?,)\s*\(\w*(?::\s*\w+)?\)\s*=>\s*(?:\{\s*\}|undefined\b|void\b)/g,
      ),
    ].map((match) => ({ path, rule: "a .catch that makes nothing of the error", found: match[0] })),
    ...[...code.matchAll(/\.catch\(\s*\(\)\s*=>\s*\{/g)].flatMap((match) => {
      const body = bodyAt(code, match.index + match[0].length);
      const isAnswer = body.trim() === "" || /\breturn\s+[^;\s]|\bthrow\b/.test(body);
      return isAnswer
        ? []
        : [
            {
              path,
              rule: "a .catch that looks at no error and returns no answer",
              found: match[0],
            },
          ];
    }),
  ];
}

/** `const deaf = () => {};` or `function deaf() {}`. */
const doesNothing =
  /\bconst\s+(\w+)(?:\s*:[^=]*)?\s*=\s*(?:async\s*)?\([^)]*\)(?:\s*:\s*[\w<>]+)?\s*=>\s*\{\s*\}|\bfunction\s+(\w+)\([^)]*\)(?:\s*:\s*[\w<>]+)?\s*\{\s*\}/g;
const handsToName =
  /(?:\.catch\(|\.(?:on|once|addListener|prependListener)\(\s*["']error["']\s*,)\s*(?:\w+\.)*(\w+)\s*\)/g;
/** Node's way: the last argument is called with the error, if there is one. */
const deafCallback =
  /\.(?:subscribe|unsubscribe|publish|send|write|end|close|flush|drain|unlink|rename|mkdir|rm)\((?:[^;()]*(?:\([^()]*\)[^;()]*)*,\s*)?\(\w*\)\s*=>\s*\{\s*\}\s*\)/g;
const deafListener =
  /\.(?:on|once|addListener|prependListener)\(\s*["']error["']\s*,\s*\(\)\s*=>\s*\{/g;

/** Up to the brace that closes what was opened before `from`; strings in such blocks are short. */
function bodyAt(code: string, from: number): string {
  let depth = 1;
  let at = from;
  while (depth > 0 && at < code.length) {
    if (code[at] === "{") depth += 1;
    else if (code[at] === "}") depth -= 1;
    at += 1;
  }
  return code.slice(from, at - 1);
}
