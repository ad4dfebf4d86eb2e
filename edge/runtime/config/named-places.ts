import { fileURLToPath } from "node:url";
import { devicesIn, type AgentFile } from "./agent-file.ts";

/** A file or a folder that a configuration names, by its key. */
export interface NamedPlace {
  readonly key: string;
  readonly at: string;
  /** `watched`: files that come there are moved away. */
  readonly is: "watched" | "folder" | "file";
}

const programFolder = fileURLToPath(new URL("../../..", import.meta.url));

/** All of them, the configuration itself and the program. A serial line's path is a device, which nobody moves. */
export function namedPlaces(file: AgentFile, configPath: string): readonly NamedPlace[] {
  const { dataDir, link, centre, lines } = file;
  const pageDir = centre?.pageDir ?? null;
  return [
    { key: "this configuration", at: configPath, is: "file" },
    { key: "the program itself", at: programFolder, is: "folder" },
    { key: "dataDir", at: dataDir, is: "folder" },
    ...filesNamedIn(link, "link"),
    ...(pageDir === null ? [] : [{ key: "centre.pageDir", at: pageDir, is: "folder" as const }]),
    ...filesNamedIn(centre?.anchors, "centre.anchors"),
    ...lines.flatMap(({ line, devices }) =>
      devicesIn(devices).flatMap(({ path, device: { reach } }) => {
        const key = `line ${line.id}, devices.${path.join(".")}.reach`;
        return [...watchedBy(reach, key), ...filesNamedIn(reach, key)];
      }),
    ),
  ];
}

type Reach = ReturnType<typeof devicesIn>[number]["device"]["reach"];

function watchedBy(reach: Reach, key: string): readonly NamedPlace[] {
  if (reach.kind !== "folder") return [];
  const { path, tellPath } = reach;
  return Object.entries({ path, tellPath }).flatMap(([name, at]) =>
    at === undefined ? [] : [{ key: `${key}.${name}`, at, is: "watched" as const }],
  );
}

/** Certificates, keys, passwords, anchors: whatever key says by its name that it names a file. */
function filesNamedIn(within: unknown, key: string): readonly NamedPlace[] {
  if (typeof within !== "object" || within === null) return [];
  return Object.entries(within).flatMap(([name, value]) =>
    typeof value === "string" && /(?:^f|F)ile$/.test(name)
      ? [{ key: `${key}.${name}`, at: value, is: "file" as const }]
      : filesNamedIn(value, `${key}.${name}`),
  );
}
