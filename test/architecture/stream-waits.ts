/**
 * Whoever waits in a stream waits by the clock that was handed in: rxjs falls back on the timers of
 * the machine when an operator of time is given no scheduler. Here it is found in a file's text
 * where that would happen, as what was written there.
 */
export function waitsWithoutClock(code: string): string[] {
  const found: string[] = [];
  const imported = new Set<string>();
  const rest = code.replaceAll(rxjsImport, (statement, names: string, path: string) => {
    const isByName = path === "rxjs" && names.startsWith("{");
    if (!isByName || hasForbiddenName(names)) found.push(statement.replaceAll(/\s+/g, " "));
    for (const name of names.match(/\w+/g) ?? []) imported.add(name);
    return "";
  });
  for (const match of rest.matchAll(timedName)) {
    const [name] = match;
    if (!imported.has(name)) continue;
    const args = argumentsAt(rest, match.index + name.length);
    const waits = args !== null && (alwaysWaits.has(name) || /\bdelay\b|,/.test(args));
    const isNamedOnly = args === null && alwaysWaits.has(name);
    if (isNamedOnly || (waits && !/scheduler\b/i.test(args))) found.push(`${name}${args ?? ""}`);
  }
  return found;
}

/** These wait, or look at the time, whatever they are given. */
const alwaysWaits: ReadonlySet<string> = new Set(
  `interval timer delay timeout timeoutWith timeInterval timestamp debounceTime auditTime
  throttleTime sampleTime bufferTime windowTime`.split(/\s+/),
);
/** These do when they are given a second argument, or one that names a delay. */
const maybeWaits = ["ReplaySubject", "shareReplay", "retry", "repeat"];

const timedName = new RegExp(
  String.raw`(?<![\w$.])(?:${[...alwaysWaits, ...maybeWaits].join("|")})\b(?!\s*:)`,
  "g",
);
const rxjsImport = /import\s+(?:type\s+)?([^"';]*?)\s*from\s*"(rxjs(?:\/[^"]*)?)";?/g;

/** Schedulers with timers of their own, and another name for what this check looks for. */
const hasForbiddenName = (names: string): boolean =>
  /\b(async|asap|queue|animationFrame)(Scheduler)?\b|\banimationFrames\b|\sas\s/.test(names);

/** The call's parentheses and what is between them; null where nothing is called. */
function argumentsAt(code: string, from: number): string | null {
  const open = /^\s*(?:<[^()]*>)?\s*\(/.exec(code.slice(from));
  if (open === null) return null;
  const start = from + open[0].length - 1;
  let depth = 0;
  for (let at = start; at < code.length; at += 1) {
    if (code[at] === "(") depth += 1;
    if (code[at] === ")") depth -= 1;
    if (depth === 0) return code.slice(start, at + 1);
  }
  return code.slice(start);
}
