import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { importsOf } from "../architecture/rules.ts";

/**
 * Goal: what package.json promises is so, for whoever installs without the tools of development,
 * and with an older Node. Method: package.json, .npmrc and the lock file are read beside the
 * sources that need them.
 */
interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly version: string }>>;
};

describe("the runtime", () => {
  test("comes with the package, not with the tools of development", () => {
    expect(Object.keys(manifest.dependencies)).toContain("node");
    expect(lock.packages["node_modules/node"]).not.toHaveProperty("dev");
  });

  test("is one that engines wants, and so is the one that runs this", () => {
    const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(manifest.engines.node) ?? [];
    const wanted = Number(major) * 1_000 + Number(minor);
    const numberOf = (version: string): number => {
      const [own = 0, below = 0] = version.split(".").map(Number);
      return own * 1_000 + below;
    };
    expect(numberOf(lock.packages["node_modules/node"]?.version ?? "")).toBeGreaterThan(wanted);
    expect(numberOf(process.versions.node)).toBeGreaterThanOrEqual(wanted);
  });
});

/** Type imports are gone before anything runs. */
const withoutTypes = (text: string): string =>
  text.replace(/(?:import|export) type\s[^;]*;/g, "").replace(/typeof import\([^)]*\)/g, "");

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function packagesUsedIn(folder: string): Set<string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = names.filter((name) => /\.(?:ts|tsx|css)$/.test(name) && !/dist\//.test(name));
  const specifiers = sources.flatMap((name) =>
    importsOf({ path: name, text: withoutTypes(readFileSync(`${folder}/${name}`, "utf8")) }),
  );
  return new Set(specifiers.filter((each) => /^@?[a-z][\w./-]*$/.test(each)).map(packageOf));
}

test.each(["protocols", "edge", "simulators", "control-ui"])(
  "%s runs on dependencies alone",
  (folder) => {
    const used = packagesUsedIn(folder);
    expect(used.size).toBeGreaterThan(0);
    const missing = [...used].filter((name) => !Object.hasOwn(manifest.dependencies, name));
    expect(missing).toEqual([]);
  },
);

describe("installing", () => {
  test("is quiet, and ends in a sentence", () => {
    expect(readFileSync(".npmrc", "utf8")).toMatch(/^loglevel=error$/m);
    expect(manifest.scripts["postinstall"]).toBe("node bin/installed.js");
  });

  test("needs nothing of what bin holds to be newer than the Node that npm runs on", () => {
    const files = readdirSync("bin");
    expect(files.filter((name) => !name.endsWith(".js"))).toEqual([]);
    const imported = files.flatMap((name) =>
      importsOf({ path: `bin/${name}`, text: readFileSync(`bin/${name}`, "utf8") }),
    );
    expect(imported.filter((each) => !/^node:|^\.\/[a-z-]+\.js$/.test(each))).toEqual([]);
  });
});
