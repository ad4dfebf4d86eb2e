/**
 * Command lines, one way for every program: `--name value`, `--name=value`, `--flag`, `-h`. Pure:
 * the program hands in its words and prints what comes back. What is wrong is one line that names
 * the option, then the usage; programs end with exit code 2 for it.
 */
export type CommandLineOption =
  | { readonly kind: "flag" }
  | { readonly kind: "text"; readonly wants: string }
  | {
      readonly kind: "number";
      readonly min: number;
      readonly max: number;
      readonly isWhole: boolean;
    }
  /** May be given several times. */
  | { readonly kind: "words"; readonly known: readonly string[] };

export const flagOption = { kind: "flag" } as const;

/** `wants` completes the sentence "... is wanted". Both bounds are included. */
export const textOption = (wants: string) => ({ kind: "text", wants }) as const;
export const wholeOption = (min: number, max: number) =>
  ({ kind: "number", min, max, isWhole: true }) as const;
export const numberOption = (min: number, max: number) =>
  ({ kind: "number", min, max, isWhole: false }) as const;
export const wordsOption = <const Word extends string>(known: readonly Word[]) =>
  ({ kind: "words", known }) as const;

/** Every seed of the lab and its judges: 31 bits. */
export const seedOption = wholeOption(0, 0x7fff_ffff);

type Options = Readonly<Record<string, CommandLineOption>>;

/** An option that is not given is undefined, false or empty. Given twice, the last one counts. */
type Values<Given extends Options> = {
  readonly [Name in keyof Given]: Given[Name] extends { readonly kind: "flag" }
    ? boolean
    : Given[Name] extends { readonly kind: "number" }
      ? number | undefined
      : Given[Name] extends { readonly kind: "words"; readonly known: readonly (infer Word)[] }
        ? readonly Word[]
        : string | undefined;
};

export interface Help {
  readonly kind: "help";
  /** The usage, to be printed on standard output. */
  readonly text: string;
}

export interface Refusal {
  readonly kind: "refused";
  /** To be printed on standard error: the sentence, then the usage. */
  readonly text: string;
}

/** Prints what leaves a program nothing to do, on a console; the exit code it then ends with. */
export function answer(
  { kind, text }: Help | Refusal,
  console: { log(text: string): void; error(text: string): void },
): 0 | 2 {
  if (kind === "help") {
    console.log(text);
    return 0;
  }
  console.error(text);
  return 2;
}

export interface CommandLine<Given extends Options> {
  /** `args` without the program's own name. `--help` and `-h` win over everything else. */
  read(
    args: readonly string[],
  ):
    | { readonly kind: "read"; readonly values: Values<Given>; readonly words: readonly string[] }
    | Help
    | Refusal;
  /** For what only the program can know; the sentence names the option. */
  refuse(sentence: string): Refusal;
}

export function createCommandLine<const Given extends Options>(program: {
  readonly name: string;
  readonly usage: string;
  readonly options: Given;
  /** Words besides the options; default: none. */
  readonly wordsMax?: number;
}): CommandLine<Given> {
  const { name, usage, options, wordsMax = 0 } = program;
  const refuse = (sentence: string): Refusal => ({
    kind: "refused",
    text: `${name}: ${sentence}\n\n${usage}`,
  });
  return {
    refuse,
    read(args) {
      if (isHelpWanted(args)) return { kind: "help", text: usage };
      const found = sort(args, options);
      if (typeof found === "string") return refuse(found);
      const { values, words } = found;
      const extra = words[wordsMax];
      if (extra !== undefined) {
        return refuse(`${extra}: no such word is wanted; npm hands on only what follows --`);
      }
      return { kind: "read", values: values as Values<Given>, words };
    },
  };
}

function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

interface Sorted {
  readonly values: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
}

/** A sentence when something is wrong. */
function sort(args: readonly string[], options: Options): Sorted | string {
  const values = new Map(Object.entries(options).map(([name, option]) => [name, absent(option)]));
  const words: string[] = [];
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (arg === "--") {
      words.push(...left.splice(0));
      continue;
    }
    if (!isDashed(arg)) {
      words.push(arg);
      continue;
    }
    const equalsAt = arg.indexOf("=");
    const dashed = equalsAt < 0 ? arg : arg.slice(0, equalsAt);
    const name = dashed.slice(2);
    const option = dashed.startsWith("--") && Object.hasOwn(options, name) ? options[name] : null;
    if (option == null) return `${dashed}: there is no such option`;
    const given = equalsAt < 0 ? undefined : arg.slice(equalsAt + 1);
    if (option.kind === "flag") {
      if (given !== undefined) return `${dashed}: it takes no value`;
      values.set(name, true);
      continue;
    }
    const text = given ?? (isValueOf(option, left[0]) ? left.shift() : undefined);
    if (text === undefined || text === "") return `${dashed}: ${wantedBy(option)} is wanted`;
    if (!isTaken(option, text)) return `${dashed}: ${text} is not ${wantedBy(option)}`;
    const before = values.get(name);
    if (option.kind === "number") values.set(name, Number(text));
    else values.set(name, Array.isArray(before) ? [...before, text] : text);
  }
  return { values: Object.fromEntries(values), words };
}

const absent = ({ kind }: CommandLineOption): unknown =>
  kind === "flag" ? false : kind === "words" ? [] : undefined;

const isDashed = (arg: string): boolean => arg.startsWith("-") && arg !== "-";

type ValuedOption = Exclude<CommandLineOption, { readonly kind: "flag" }>;

/** What looks like an option is one, save a negative number where a number is wanted. */
const isValueOf = ({ kind }: ValuedOption, next: string | undefined): boolean =>
  next !== undefined && (!isDashed(next) || (kind === "number" && /^-[\d.]/.test(next)));

function isTaken(option: ValuedOption, text: string): boolean {
  switch (option.kind) {
    case "text":
      return true;
    case "words":
      return option.known.includes(text);
    case "number": {
      const { min, max, isWhole } = option;
      if (!/^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/.test(text)) return false;
      const value = Number(text);
      return value >= min && value <= max && (!isWhole || Number.isInteger(value));
    }
  }
}

function wantedBy(option: ValuedOption): string {
  switch (option.kind) {
    case "text":
      return option.wants;
    case "words":
      return `one of ${option.known.join(", ")}`;
    case "number":
      return `a ${option.isWhole ? "whole " : ""}number from ${option.min} to ${option.max}`;
  }
}
