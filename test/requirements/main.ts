import { answer, createCommandLine, flagOption } from "../../protocols/command-line.ts";
import { citationsOf, claimsOf, isTest } from "../architecture/citations.ts";
import { read, repositoryFiles } from "../architecture/repository.ts";
import { notYet, vectors } from "../claims.ts";
import { requirements } from "./ids.ts";

/** `npm run requirements`: what may be cited by number, and which tests name or claim it. */
const usage = `Usage: npm run requirements [-- --unnamed]

Every requirement that comments and tests may cite, with the tests that name it, and every vector
of a device's protocol, with the tests that claim it.

  --unnamed  only those that no test names or claims
Exit codes: 0 printed, 2 bad arguments.`;

const options = { unnamed: flagOption };
const commandLine = createCommandLine({ name: "requirements", usage, options });
const arguments_ = commandLine.read(process.argv.slice(2));
if (arguments_.kind === "read") print(arguments_.values.unnamed);
else process.exitCode = answer(arguments_, console);

function print(isUnnamedOnly: boolean): void {
  const naming = testsByCitation();
  const why: Readonly<Record<string, string>> = notYet;
  for (const [id, meaning] of Object.entries({ ...requirements, ...vectors })) {
    const tests = naming.get(id) ?? [];
    if (isUnnamedOnly && tests.length > 0) continue;
    console.log(`${id.padEnd(10)}${meaning}`);
    for (const path of tests) console.log(`          ${path}`);
    if (why[id] !== undefined) console.log(`          not yet: ${why[id]}`);
  }
}

function testsByCitation(): ReadonlyMap<string, readonly string[]> {
  const naming = new Map<string, string[]>();
  for (const path of repositoryFiles().filter(isTest)) {
    const file = read(path);
    const named = citationsOf(file).filter((cited) => !(cited in vectors));
    for (const cited of [...named, ...claimsOf(file)]) {
      naming.set(cited, [...(naming.get(cited) ?? []), path]);
    }
  }
  return naming;
}
