import { resolve } from "node:path";
import { devicesIn, type AgentFile } from "./agent-file.ts";
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
    for (const { path: place, device } of devicesIn(devices)) {
      if (device.reach.kind !== "folder") continue;
      const { path, tellPath } = device.reach;
      for (const [name, folder] of Object.entries({ path, tellPath })) {
        if (folder === undefined) continue;
        const key = `line ${line.id}, devices.${place.join(".")}.reach.${name}`;
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
