import { resolve } from "node:path";
import type { AgentFile } from "./agent-file.ts";
import { error, type Finding } from "./finding.ts";

/**
 * A watched folder is one machine's, and one way's: what two would find there, each would take from the
 * other. Paths are compared as they lead, not as they are written; links are seen once the folder is
 * opened.
 */
export function checkFolders(file: AgentFile): Finding[] {
  const known = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { line, devices } of file.lines) {
    const { xray, cameras } = devices;
    const watching = [
      ["xray", xray?.reach] as const,
      ...cameras.map(({ reach }, index) => [`cameras.${index}`, reach] as const),
    ];
    for (const [device, reach] of watching) {
      if (reach?.kind !== "folder") continue;
      const { path, tellPath } = reach;
      for (const [name, folder] of Object.entries({ path, tellPath })) {
        if (folder === undefined) continue;
        const key = `line ${line.id}, devices.${device}.reach.${name}`;
        const at = resolve(folder);
        const other = known.get(at);
        known.set(at, key);
        if (other === undefined) continue;
        findings.push(error(key, `${at} is also the folder of ${other}: each needs its own`));
      }
    }
  }
  return findings;
}
