/** The import rules of the rooms (DESIGN, "The rooms"), as data and one pure function. */
export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly rule: string;
  readonly found: string;
}

interface Room {
  readonly folder: string;
  /** Folders of the project it may import from, besides itself. */
  readonly mayImport: readonly string[];
}

const pureRooms = ["edge/line", "edge/decision", "edge/clearance", "edge/alarms"] as const;
const pure = [...pureRooms, "protocols"];

/** The first room whose folder fits is the file's. */
export const rooms: readonly Room[] = [
  { folder: "protocols", mayImport: [] },
  { folder: "edge/line", mayImport: pure },
  { folder: "edge/decision", mayImport: pure },
  { folder: "edge/clearance", mayImport: pure },
  { folder: "edge/alarms", mayImport: pure },
  { folder: "edge/devices", mayImport: pure },
  { folder: "edge/journal", mayImport: pure },
  { folder: "edge/link", mayImport: [...pure, "edge/journal", "edge/devices/mqtt"] },
  { folder: "edge/centre", mayImport: [...pure, "edge/journal", "edge/link"] },
  {
    folder: "edge/runtime",
    mayImport: [...pure, "edge/journal", "edge/link", "edge/devices", "edge/centre"],
  },
  { folder: "edge", mayImport: ["edge", "protocols", "control-ui"] },
  { folder: "simulators", mayImport: ["protocols", "control-ui/build.ts"] },
  { folder: "control-ui", mayImport: ["protocols"] },
];

/** Packages that only these folders may name. */
const packageRules: readonly { readonly packages: RegExp; readonly folders: readonly string[] }[] =
  [
    {
      packages: /^(mqtt|aedes|serialport|node-pty|node-opcua)(\/|$)|^@serialport\//,
      folders: ["edge/devices", "edge/link", "simulators"],
    },
    { packages: /^(fastify|@fastify\/.*|prom-client)$/, folders: ["edge/centre", "edge/runtime"] },
    { packages: /^sqlite3$/, folders: ["edge/journal"] },
    { packages: /^(preact|@preact\/.*|vite)(\/|$)/, folders: ["control-ui"] },
    { packages: /^vitest|^fast-check|^playwright-core/, folders: ["test", "vitest.config.ts"] },
  ];

/** What the pure rooms may not name: clocks, chance, the outside world (DESIGN law 11). */
const impure =
  /\b(Date|performance|setTimeout|setInterval|setImmediate|process|fetch)\b[.(]|Math\.random/;

/** Comments and strings say words that the rules must not trip over. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

const importPattern =
  /(?:import|export)\s[^"';]*?from\s*"([^"]+)"|import\s*"([^"]+)"|import\(\s*"([^"]+)"/g;

export function violations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [...importViolations(file), ...purityViolations(file)]);
}

export function importsOf(file: SourceFile): string[] {
  return [...withoutComments(file.text).matchAll(importPattern)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
}

function importViolations(file: SourceFile): Violation[] {
  const room = rooms.find(({ folder }) => isIn(file.path, folder));
  const found: Violation[] = [];
  for (const target of importsOf(file)) {
    if (target.startsWith(".")) {
      const path = resolve(file.path, target);
      const isAllowed =
        room === undefined || [room.folder, ...room.mayImport].some((folder) => isIn(path, folder));
      if (!isAllowed) found.push({ path: file.path, rule: `${room.folder} imports`, found: path });
      continue;
    }
    for (const { packages, folders } of packageRules) {
      if (packages.test(target) && !folders.some((folder) => isIn(file.path, folder))) {
        if (isIn(file.path, "test")) continue;
        found.push({ path: file.path, rule: "package outside its rooms", found: target });
      }
    }
    const isPure = isIn(file.path, "protocols") || pureRooms.some((pure) => isIn(file.path, pure));
    if (isPure && target.startsWith("node:") && target !== "node:crypto") {
      found.push({ path: file.path, rule: "pure rooms do no I/O", found: target });
    }
    if (isIn(file.path, "protocols") && target === "node:crypto") {
      found.push({ path: file.path, rule: "protocols run in a browser", found: target });
    }
  }
  return found;
}

function purityViolations(file: SourceFile): Violation[] {
  if (!pureRooms.some((folder) => isIn(file.path, folder))) return [];
  const match = impure.exec(withoutComments(file.text));
  return match === null
    ? []
    : [{ path: file.path, rule: "pure rooms see no clock and no chance", found: match[0] }];
}

const isIn = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

function resolve(from: string, target: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
