import { spawn } from "node:child_process";

/** What a page has to be typed, and what it says appears then. */
export interface TypedBlock {
  readonly typed: string;
  readonly shown: readonly string[];
}

/** The blocks of `bash` below a heading of the first order, each with the `text` that follows it. */
export function blocksBelow(page: string, heading: string): readonly TypedBlock[] {
  const from = page.indexOf(`\n# ${heading}\n`);
  if (from === -1) throw new Error(`the page has no heading ${heading}`);
  const to = fencesAsBlanks(page).indexOf("\n# ", from + 1);
  const part = page.slice(from, to === -1 ? page.length : to);
  const blocks: { typed: string; shown: string[] }[] = [];
  for (const [, language, text = ""] of part.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    const last = blocks.at(-1);
    if (language === "bash") blocks.push({ typed: text, shown: [] });
    else if (language === "text" && last !== undefined) last.shown.push(...text.trim().split("\n"));
    else throw new Error(`a block of "${language}" is neither typed nor shown: ${text}`);
  }
  return blocks;
}

/** A comment of a shell begins as a heading does. */
const fencesAsBlanks = (page: string): string =>
  page.replace(/^```[\s\S]*?^```$/gm, (fence) => fence.replace(/[^\n]/g, " "));

const waitMsMax = 20_000;

/** A `bash` that is typed into, with all that it and what it has begun have said. */
export interface Typist {
  /** Resolves once the block has been worked through and all has appeared, in that order. */
  type(block: TypedBlock): Promise<void>;
  said(): string;
  /** With whatever it has begun. */
  stop(): Promise<void>;
}

export function openTypist(environment: Readonly<Record<string, string>>): Typist {
  // In a group of its own, so that whatever it has begun ends with it.
  const bash = spawn("bash", [], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let said = "";
  let blocks = 0;
  let isClosed = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const hear = (text: string): void => {
    said += text;
    tell();
  };
  bash.stdout.setEncoding("utf8").on("data", hear);
  bash.stderr.setEncoding("utf8").on("data", hear);
  const closed = new Promise<void>((resolve) => {
    bash.once("close", () => {
      isClosed = true;
      tell();
      resolve();
    });
  });

  /** Where, behind `from`, the first match ends. */
  const appears = (pattern: RegExp, from: number, what: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const end = (how: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        how();
      };
      const missing = (why: string): void =>
        end(() => reject(new Error(`${why}: ${what}\nIt said: ${said.slice(from)}`)));
      const timer = setTimeout(() => missing(`not within ${waitMsMax} ms`), waitMsMax);
      const look = (): void => {
        const match = pattern.exec(said.slice(from));
        if (match !== null) end(() => resolve(from + match.index + match[0].length));
        else if (isClosed) missing("bash has ended before");
      };
      listeners.add(look);
      look();
    });

  return {
    async type({ typed, shown }) {
      const from = said.length;
      const mark = `-- block ${(blocks += 1)} --`;
      bash.stdin.write(`${typed}\necho '${mark}'\n`);
      await appears(new RegExp(mark), from, `the end of ${typed}`);
      let at = from;
      for (const line of shown) at = await appears(patternOf(line), at, line);
    },
    said: () => said,
    async stop() {
      if (bash.pid !== undefined) process.kill(-bash.pid, "SIGKILL");
      await closed;
    },
  };
}

/** `…` stands for whatever a line has there. */
const patternOf = (shown: string): RegExp =>
  new RegExp(shown.split("…").map(literally).join("[^\\n]*"));

const literally = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
