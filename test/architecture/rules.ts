import { waitsWithoutClock } from "./stream-waits.ts";
import { withoutComments } from "./without-comments.ts";

/** The import rules of the rooms (edge/README.md), as data and pure functions. */
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
  /** A folder without those below it, or one file. */
  readonly room: string;
  /** Folders below it that belong to it. One that is in no row is no room, and nothing lies there. */
  readonly parts?: readonly string[];
  /** Rooms it may import from, besides itself: exactly these, not what lies below them. */
  readonly mayImport: readonly string[];
}

/** Rooms without clock, chance and I/O; `protocols` are pure, too, and run in a browser. */
const pureRooms = ["edge/line", "edge/decision", "edge/clearance", "edge/alarms"] as const;
/** What controllers' variables mean; pure, though they lie among the machines. */
const plcMap = "edge/devices/sorter/plc-map";
const signals = "edge/devices/xray/signals";
const machines = ["scanner", "scale", "xray", "sorter", "annunciator", "camera"].map(
  (name) => `edge/devices/${name}`,
);
const journals = [
  "edge/journal",
  "edge/journal/anchors",
  "edge/journal/segments",
  "edge/journal/sqlite",
];
const centreSubjects = [
  "documents",
  "lines",
  "alarms",
  "claims",
  "records",
  "officers",
  "page",
].map((name) => `edge/centre/${name}`);
const pageShell = ["protocols", "control-ui/web/shell", "control-ui/web/motion"];

/**
 * From the bottom up: a room names only rooms above it in this list, so that no arrow leads back
 * up and no circle can close. A test holds that, too.
 */
export const rooms: readonly Room[] = [
  {
    room: "protocols",
    parts:
      "annunciator barcode camera ceb ceb/tables scanner scale sorter xray ui words words/en words/zh-cn".split(
        " ",
      ),
    mayImport: [],
  },
  { room: "protocols/streams", mayImport: ["protocols"] },

  { room: "edge/decision", mayImport: ["protocols"] },
  { room: "edge/line", mayImport: ["protocols", "edge/decision"] },
  { room: "edge/clearance", mayImport: ["protocols"] },
  { room: "edge/alarms", mayImport: ["protocols"] },

  { room: "edge/devices", mayImport: ["protocols"] },
  { room: "edge/devices/wires/opcua", mayImport: ["protocols", "edge/devices"] },
  { room: "edge/devices/wires/modbus", mayImport: ["protocols", "edge/devices"] },
  {
    room: "edge/devices/wires",
    mayImport: ["protocols", "edge/devices", "edge/devices/wires/opcua"],
  },
  { room: plcMap, mayImport: ["protocols", "edge/devices"] },
  { room: signals, mayImport: ["protocols", "edge/devices"] },
  ...machines.map((room) => ({
    room,
    mayImport: [
      "protocols",
      "edge/devices",
      "edge/devices/wires",
      "edge/devices/wires/opcua",
      ...(room === "edge/devices/sorter" ? [plcMap, "edge/devices/wires/modbus"] : []),
      ...(room === "edge/devices/xray" ? [signals, "edge/devices/wires/modbus"] : []),
      ...(room === "edge/devices/annunciator" ? ["edge/devices/wires/modbus"] : []),
    ],
  })),

  { room: "edge/journal", mayImport: ["protocols"] },
  { room: "edge/journal/anchors", mayImport: ["protocols", "edge/journal"] },
  { room: "edge/journal/segments", mayImport: ["protocols", "edge/journal"] },
  {
    room: "edge/journal/sqlite",
    mayImport: ["protocols", "edge/journal", "edge/journal/segments"],
  },
  { room: "edge/images", mayImport: ["protocols", "edge/journal"] },
  { room: "edge/link", mayImport: ["protocols", "edge/line"] },

  { room: "edge/archive", mayImport: ["protocols", "edge/journal"] },
  {
    room: "edge/store",
    mayImport: ["protocols", "edge/clearance", "edge/journal", "edge/archive"],
  },

  { room: "edge/centre/config.ts", mayImport: ["protocols"] },
  {
    room: "edge/centre/documents",
    mayImport: ["protocols", "edge/clearance", "edge/journal", "edge/archive", "edge/store"],
  },
  {
    room: "edge/centre/acts",
    mayImport: ["protocols", "edge/clearance", "edge/journal", "edge/centre/documents"],
  },
  { room: "edge/audit/binding-test", mayImport: ["protocols", "edge/line"] },
  {
    room: "edge/audit",
    mayImport: [
      "protocols",
      "edge/audit/binding-test",
      ...journals,
      "edge/archive",
      ...pureRooms,
      "edge/centre/documents",
      "edge/centre/acts",
    ],
  },
  { room: "edge/centre/lines", mayImport: ["protocols", "edge/journal"] },
  {
    room: "edge/centre/alarms",
    mayImport: ["protocols", "edge/alarms", "edge/centre/lines"],
  },
  {
    room: "edge/centre/claims",
    mayImport: ["protocols", "edge/centre/documents", "edge/centre/acts"],
  },
  {
    room: "edge/centre/records",
    mayImport: ["protocols", "edge/journal", "edge/store", "edge/centre/acts"],
  },
  {
    room: "edge/centre/officers",
    mayImport: [
      "protocols",
      "edge/clearance",
      "edge/centre/config.ts",
      "edge/centre/acts",
      "edge/centre/lines",
    ],
  },
  {
    room: "edge/centre/page",
    mayImport: [
      "protocols",
      "protocols/streams",
      "edge/centre/config.ts",
      "edge/centre/lines",
      "edge/centre/alarms",
    ],
  },
  {
    room: "edge/centre",
    mayImport: [
      "protocols",
      "edge/clearance",
      "edge/journal",
      "edge/store",
      "edge/link",
      "edge/images",
      "edge/centre/config.ts",
      "edge/centre/acts",
      ...centreSubjects,
    ],
  },
  {
    room: "edge/centre/http",
    mayImport: [
      "protocols",
      "edge/centre/config.ts",
      "edge/centre/acts",
      "edge/centre",
      ...centreSubjects,
    ],
  },

  {
    room: "edge/runtime/config",
    mayImport: [
      "protocols",
      "edge/devices",
      "edge/line",
      "edge/clearance",
      "edge/journal",
      "edge/centre/config.ts",
      ...machines,
      plcMap,
      signals,
    ],
  },
  {
    room: "edge/runtime",
    mayImport: [
      "protocols",
      "protocols/streams",
      ...pureRooms,
      ...journals,
      "edge/archive",
      "edge/store",
      "edge/images",
      "edge/link",
      "edge/devices",
      "edge/devices/wires",
      "edge/devices/wires/opcua",
      ...machines,
      "edge/centre/config.ts",
      "edge/centre/documents",
      "edge/centre",
      "edge/centre/http",
      "edge/runtime/config",
    ],
  },
  {
    room: "edge/probe",
    mayImport: [
      "protocols",
      "edge/devices",
      "edge/devices/wires",
      "edge/runtime",
      "edge/runtime/config",
    ],
  },
  {
    room: "edge/trust",
    mayImport: [
      "protocols",
      "edge/devices",
      "edge/devices/wires/opcua",
      "edge/runtime",
      "edge/runtime/config",
    ],
  },
  { room: "edge/main.ts", mayImport: ["protocols", "edge/runtime", "edge/runtime/config"] },

  { room: "control-ui/web/http", mayImport: ["protocols"] },
  { room: "control-ui/web/live", mayImport: ["protocols", "protocols/streams"] },
  { room: "control-ui/web/motion", mayImport: ["protocols"] },
  {
    room: "control-ui/web/shell",
    mayImport: ["protocols", "control-ui/web/live", "control-ui/web/motion"],
  },
  { room: "control-ui/web/xray", mayImport: [...pageShell, "control-ui/web/http"] },
  { room: "control-ui/web/trace", mayImport: [...pageShell, "control-ui/web/http"] },
  {
    room: "control-ui/web/lanes",
    mayImport: [...pageShell, "control-ui/web/xray", "control-ui/web/trace"],
  },
  {
    room: "control-ui/web/story",
    mayImport: [...pageShell, "control-ui/web/http", "control-ui/web/xray"],
  },
  {
    room: "control-ui/web/officer",
    mayImport: [...pageShell, "control-ui/web/http", "control-ui/web/xray", "control-ui/web/story"],
  },
  {
    room: "control-ui/web",
    parts: ["styles"],
    mayImport: [
      ...pageShell,
      "control-ui/web/lanes",
      "control-ui/web/officer",
      "control-ui/web/story",
      "control-ui/web/trace",
    ],
  },
  { room: "control-ui/fixtures", mayImport: ["protocols"] },
  { room: "control-ui", mayImport: ["protocols"] },

  { room: "simulators/clock", mayImport: ["protocols"] },
  { room: "simulators/wires", mayImport: ["protocols"] },
  { room: "simulators/world", mayImport: ["protocols"] },
  { room: "simulators/images", mayImport: ["protocols", "simulators/world"] },
  {
    room: "simulators/devices",
    parts: ["annunciator", "camera", "sorter", "xray"],
    mayImport: ["protocols", "simulators/world"],
  },
  { room: "simulators/faults", mayImport: ["protocols", "simulators/world"] },
  { room: "simulators/officers", mayImport: ["protocols", "simulators/world"] },
  { room: "simulators/documents", mayImport: ["protocols"] },
  { room: "simulators/customs", mayImport: ["protocols", "simulators/documents"] },
  {
    room: "simulators/scenarios",
    mayImport: ["protocols", "simulators/world", "simulators/documents"],
  },
  {
    room: "simulators/config.ts",
    mayImport: ["protocols", "simulators/world", "simulators/faults", "simulators/scenarios"],
  },
  {
    room: "simulators/site",
    mayImport: [
      "protocols",
      "simulators/config.ts",
      ...["clock", "wires", "world", "images", "devices", "faults", "officers"].map(
        (name) => `simulators/${name}`,
      ),
      ...["documents", "customs", "scenarios"].map((name) => `simulators/${name}`),
    ],
  },
  {
    room: "simulators/alone",
    mayImport: [
      "protocols",
      "simulators/site",
      ...["clock", "world", "images", "devices", "scenarios"].map((name) => `simulators/${name}`),
    ],
  },
  {
    room: "simulators/main.ts",
    mayImport: ["protocols", "simulators/config.ts", "simulators/site", "simulators/clock"],
  },
  { room: "simulators/broker-main.ts", mayImport: ["protocols"] },
  {
    room: "simulators/lab",
    mayImport: [
      "protocols",
      "control-ui",
      "simulators/config.ts",
      "simulators/world",
      "simulators/devices",
      "simulators/scenarios",
    ],
  },
];

/** Source files that are tested or tests, not rooms. */
const roomless = ["test", "findings", ".ci", "vitest.config.ts"];

/**
 * Packages, and those of Node's own that reach other machines or keep data, with the folders that may
 * name them, and all below these. A package that is in no row may be named nowhere.
 */
const packageRules: readonly { readonly packages: RegExp; readonly folders: readonly string[] }[] =
  [
    { packages: /^(mqtt)$/, folders: ["edge/devices/wires", "simulators/devices"] },
    { packages: /^(serialport)$/, folders: ["edge/devices/wires"] },
    { packages: /^@cornerstonejs\//, folders: ["edge/devices/xray"] },
    { packages: /^node-opcua$/, folders: ["edge/devices/wires/opcua", "simulators/devices"] },
    {
      packages: /^node:(net|tls)$/,
      folders: [
        "edge/devices/reach.ts",
        "edge/devices/wires",
        "simulators/alone",
        "simulators/broker-main.ts",
        "simulators/devices",
        "simulators/lab/ports.ts",
        "simulators/site",
      ],
    },
    {
      packages: /^node:https$/,
      // Cameras are asked.
      folders: ["edge/devices/wires"],
    },
    {
      packages: /^node:http$/,
      // A line agent answers at its own computer only: how it is, and its counters. Cameras are asked.
      folders: [
        "edge/centre/http",
        "edge/devices/wires",
        "edge/runtime/metrics.ts",
        "simulators/devices/camera",
        "simulators/site",
      ],
    },
    { packages: /^node:(http2|dgram|sqlite|vm|cluster|inspector|repl)(\/|$)/, folders: [] },
    { packages: /^aedes$/, folders: ["simulators/broker-main.ts"] },
    { packages: /^node-pty$/, folders: ["simulators/devices/pty.ts"] },
    { packages: /^(fastify|@fastify\/[a-z-]+|ws)$/, folders: ["edge/centre/http"] },
    { packages: /^prom-client$/, folders: ["edge/centre/http", "edge/runtime"] },
    { packages: /^yaml$/, folders: ["edge/runtime/config", "simulators/alone/map-file.ts"] },
    { packages: /^zod$/, folders: ["protocols", "edge", "simulators", "control-ui"] },
    { packages: /^(big\.js|saxes)$/, folders: ["protocols"] },
    {
      packages: /^rxjs(\/|$)/,
      folders: [
        "protocols/streams",
        "edge/centre/page",
        "control-ui/web/live",
        "control-ui/web/shell",
      ],
    },
    { packages: /^sqlite3$/, folders: ["edge/journal/sqlite"] },
    { packages: /^pino(\/|$)/, folders: ["edge/runtime"] },
    { packages: /^(preact|@preact\/.*|vite)(\/|$)/, folders: ["control-ui"] },
    { packages: /^vitest|^fast-check|^playwright-core/, folders: ["test", "vitest.config.ts"] },
  ];

/** What the pure rooms may not name: clocks, chance, the outside world (law 11). */
const impure = new RegExp(
  [
    String.raw`\b(?:performance|process|fetch)\b\s*(?:\?\.)?[.([]`,
    String.raw`\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|globalThis)\b`,
    // A day of the calendar may be worked out; today may not be asked for.
    String.raw`\bDate(?!\.UTC)\s*(?:\?\.)?[.([]|\b(?:new|extends)\s+Date\b`,
    String.raw`\bIntl\b|\bAbortSignal\b|\.\s*timeStamp\b`,
    String.raw`\bMath\s*(?:\.\s*random|(?:\?\.)?\[)|\b(?:random(?:UUID|Bytes|Int|Fill)|getRandomValues|generate(?:Key|Prime))`,
    // By another name.
    String.raw`[=(,]\s*(?:Date|Math|performance|process|fetch)\s*[;,)\n]`,
    String.raw`\}\s*=\s*(?:Date|Math|performance|process)\b`,
  ].join("|"),
);
/** They say nothing to anybody, either; a command line's answers in `protocols` are handed in. */
const spoken = /\bconsole\./;

/** What a pure room may take from outside: schemas, exact numbers, an XML reader without I/O. */
const purePackages: ReadonlySet<string> = new Set([
  "zod",
  "big.js",
  "saxes",
  "node:crypto",
  "rxjs",
]);

const importPattern =
  /(?:import|export)\s[^"';]*?from\s*"([^"]+)"|import\s*"([^"]+)"|import\(\s*["`]([^"`]+)["`]/g;

export function violations(files: readonly SourceFile[]): Violation[] {
  return [
    ...files.flatMap((file) => [
      ...importViolations(file),
      ...purityViolations(file),
      ...streamViolations(file),
    ]),
    ...circles(files),
  ];
}

export function importsOf(file: SourceFile): string[] {
  return (
    [...withoutComments(file.text).matchAll(importPattern)]
      .map((match) => match[1] ?? match[2] ?? match[3] ?? "")
      // A string that says "import" is followed by no address.
      .filter((target) => /^[\w@.:/-]+$/.test(target))
  );
}

/** Every folder in which sources may lie, and every file that is a room of its own. */
const roomAt = new Map(
  rooms.flatMap((room) => [
    [room.room, room] as const,
    ...(room.parts ?? []).map((part) => [`${room.room}/${part}`, room] as const),
  ]),
);
export const roomFolders: readonly string[] = [...roomAt.keys()];

/** The room that a file lies in: its own, or that of its very folder. */
const roomOf = (path: string): Room | undefined =>
  roomAt.get(path) ?? roomAt.get(path.split("/").slice(0, -1).join("/"));

/** Arrows of the table that lead back up, or to a room that is not in it. */
export function arrowsUp(table: readonly Room[]): string[] {
  return table.flatMap(({ room, mayImport }, at) =>
    mayImport
      .filter((target) => !table.slice(0, at).some((below) => below.room === target))
      .map((target) => `${room} -> ${target}`),
  );
}

function importViolations(file: SourceFile): Violation[] {
  const { path } = file;
  if (isRoomless(path)) return [];
  const own = roomOf(path);
  // `edge` itself is no room: what composes lies in main.ts and runtime.
  if (own === undefined) return [{ path, rule: "every file lies in a room", found: path }];
  const found: Violation[] = [];
  for (const target of importsOf(file)) {
    if (target.startsWith(".")) {
      const at = resolve(path, target);
      const room = roomOf(at)?.room ?? at;
      const isAllowed = room === own.room || own.mayImport.includes(room);
      if (!isAllowed) found.push({ path, rule: `${own.room} imports`, found: at });
      continue;
    }
    const ruled = packageRules.filter(({ packages }) => packages.test(target));
    const isOutside = ruled.some(({ folders }) => !folders.some((folder) => isIn(path, folder)));
    if (isOutside || (ruled.length === 0 && !target.startsWith("node:") && !isPureAt(path))) {
      found.push({ path, rule: "package outside its rooms", found: target });
    }
    const isProtocol = isIn(path, "protocols");
    const isPure = isPureAt(path);
    if (isOutside) continue;
    if (isPure && target.startsWith("node:") && target !== "node:crypto") {
      found.push({ path, rule: "pure rooms do no I/O", found: target });
    } else if (isPure && !purePackages.has(target) && !isRuled(target)) {
      found.push({ path, rule: "no package of the pure rooms", found: target });
    }
    if (isProtocol && target === "node:crypto") {
      found.push({ path, rule: "protocols run in a browser", found: target });
    }
  }
  return found;
}

function purityViolations(file: SourceFile): Violation[] {
  if (!isPureAt(file.path)) return [];
  const isProtocol = isIn(file.path, "protocols");
  const text = withoutComments(file.text);
  const found = impure.exec(text) ?? (isProtocol ? null : spoken.exec(text));
  return found === null
    ? []
    : [{ path: file.path, rule: "pure rooms see no clock and no chance", found: found[0] }];
}

/** Packages that have a rule of their own are told by that rule alone. */
const isRuled = (target: string): boolean =>
  packageRules.some(({ packages }) => packages.test(target));

function streamViolations({ path, text }: SourceFile): Violation[] {
  if (isRoomless(path)) return [];
  const rule = "streams wait by the clock that was handed in";
  return waitsWithoutClock(withoutComments(text)).map((found) => ({ path, rule, found }));
}

/** Files that import each other, over however many steps; each circle is told once. */
function circles(files: readonly SourceFile[]): Violation[] {
  const known = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, "open" | "done">();
  const found: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const file = known.get(path);
    if (file === undefined || state.get(path) === "done") return;
    if (state.get(path) === "open") {
      const circle = [...trail.slice(trail.indexOf(path)), path];
      found.push({ path, rule: "no import circle", found: circle.join(" -> ") });
      return;
    }
    state.set(path, "open");
    for (const target of importsOf(file)) {
      if (target.startsWith(".")) visit(resolve(path, target), [...trail, path]);
    }
    state.set(path, "done");
  };
  for (const { path } of files) visit(path, []);
  return found;
}

const isRoomless = (path: string): boolean => roomless.some((folder) => isIn(path, folder));

const isPureAt = (path: string): boolean => isIn(path, "protocols") || isPureRoom(path);

const isPureRoom = (path: string): boolean =>
  [...pureRooms, plcMap, signals, "edge/audit/binding-test"].some((room) => isIn(path, room));

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
