/**
 * A source without its comments. What only looks like one, because it stands within a string, a
 * template or a regular expression, is code: a check that took it for a comment would not look at
 * what follows.
 */
export function withoutComments(text: string): string {
  let code = "";
  /** Of each `${` that is open around here: how many braces are open within it. */
  const substitutions: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const piece = pattern.exec(text)?.[0] ?? "";
    at += piece.length;
    return piece;
  };
  const takeTemplate = (): void => {
    code += take(templatePart);
    if (code.endsWith("${")) substitutions.push(0);
  };
  while (at < text.length) {
    const char = text[at] ?? "";
    const depth = substitutions.at(-1);
    if (take(comment) !== "") continue;
    if (char === '"' || char === "'") code += take(quoted);
    else if (char === "/" && mayBeginPattern.test(code.slice(-12))) code += take(pattern) || step();
    else if (char === "`") takeTemplate();
    else if (char === "}" && depth === 0) {
      substitutions.pop();
      takeTemplate();
    } else {
      if (depth !== undefined && char === "{") substitutions[substitutions.length - 1] = depth + 1;
      if (depth !== undefined && char === "}") substitutions[substitutions.length - 1] = depth - 1;
      code += step();
    }
  }
  return code;

  function step(): string {
    at += 1;
    return text[at - 1] ?? "";
  }
}

const comment = /\/\*[\s\S]*?\*\/|\/\/.*/y;
const quoted = /(["'])(?:\\[\s\S]|(?!\1)[^\\\n])*\1?/y;
/** From a backtick, or from the brace that ends a substitution, to the next one or to the end. */
const templatePart = /[`}](?:\\[\s\S]|(?!\$\{)[^`\\])*(?:`|\$\{)?/y;
const pattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
/** Behind a value a slash divides; behind these a regular expression begins. */
const mayBeginPattern =
  /(?:^|[(,=:[!&|?{};+*%~^-]|=>|\b(?:return|case|typeof|in|of|await|yield))\s*$/;
