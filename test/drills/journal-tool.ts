import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What `npm run journal` said of a file. */
export interface ToolAnswer {
  readonly code: number | null;
  readonly text: string;
}

const program = fileURLToPath(new URL("../../edge/audit/cli.ts", import.meta.url));

/** The shipped tool in a process of its own, as an auditor runs it. */
export function runJournalTool(args: readonly string[]): Promise<ToolAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text: text.trim() }));
  });
}

/** With the anchors that the lab's centre has signed. */
export function verifyFile(dataDir: string, file: string): Promise<ToolAnswer> {
  const anchors = join(dataDir, "anchors");
  return runJournalTool([
    "verify",
    file,
    "--anchors",
    join(anchors, "anchors.jsonl"),
    "--key",
    join(anchors, "anchor-key.pem.pub"),
  ]);
}

/** With the keys by which draws are derived again. */
export const replayFile = (file: string, keysFile?: string): Promise<ToolAnswer> =>
  runJournalTool(["replay", file, ...(keysFile === undefined ? [] : ["--keys", keysFile])]);
