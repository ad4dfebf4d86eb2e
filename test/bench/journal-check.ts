import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What the shipped tool says of a run's journal. */
export interface JournalCheck {
  readonly stepsTotal: number;
  readonly differencesTotal: number;
  readonly unreplayedTotal: number;
  /** The chain of hashes holds from the first record to the last. */
  readonly isVerified: boolean;
}

interface ReplayAnswer {
  readonly chains: readonly Omit<JournalCheck, "isVerified">[];
}

interface VerifyAnswer {
  readonly isClean: boolean;
}

const cli = fileURLToPath(new URL("../../edge/audit/cli.ts", import.meta.url));

export async function checkJournal(file: string): Promise<JournalCheck> {
  const { chains } = (await ask("replay", file)) as ReplayAnswer;
  const { isClean } = (await ask("verify", file)) as VerifyAnswer;
  const total = (key: "stepsTotal" | "differencesTotal" | "unreplayedTotal"): number =>
    chains.reduce((sum, chain) => sum + chain[key], 0);
  return {
    stepsTotal: total("stepsTotal"),
    differencesTotal: total("differencesTotal"),
    unreplayedTotal: total("unreplayedTotal"),
    isVerified: isClean,
  };
}

function ask(command: "replay" | "verify", file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, command, file, "--json"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.once("error", reject);
    child.once("close", () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        reject(new Error(`journal ${command} ${file}: no answer`));
      }
    });
  });
}
