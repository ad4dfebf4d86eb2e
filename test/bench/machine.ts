import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly os: string;
  /** Calendar day, UTC. */
  readonly date: string;
}

export function thisMachine(now: Date): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown CPU",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    os: `${distribution()}, Linux ${release()}`,
    date: now.toISOString().slice(0, 10),
  };
}

function distribution(): string {
  try {
    return (
      /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux"
    );
  } catch {
    return "Linux";
  }
}
