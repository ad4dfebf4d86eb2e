import { answer, createCommandLine, flagOption } from "../../protocols/command-line.ts";
import { citationsOf } from "../architecture/citations.ts";
import { read, repositoryFiles } from "../architecture/repository.ts";
import { requirements } from "./ids.ts";

/** `npm run requirements`: what may be cited by number, and which tests name it. */
const usage = `Usage: npm run requirements [-- --unnamed]

Every requirement that comments and tests may cite, with the tests that name it.

  --unnamed  only those that no test names
Exit codes: 0 printed, 2 bad arguments.`;

const options = { unnamed: flagOption };
const commandLine = createCommandLine({ name: "requirements", usage, options });
const arguments_ = commandLine.read(process.argv.slice(2));
if (arguments_.kind === "read") print(arguments_.values.unnamed);
else process.exitCode = answer(arguments_, console);

function print(isUnnamedOnly: boolean): void {
  const naming = testsByCitation();
  for (const [id, meaning] of Object.entries(requirements)) {
    const tests = naming.get(id) ?? [];
    if (isUnnamedOnly && tests.length > 0) continue;
    console.log(`${id.padEnd(7)}${meaning}`);
    for (const path of tests) console.log(`       ${path}`);
  }
}

function testsByCitation(): ReadonlyMap<string, readonly string[]> {
  const naming = new Map<string, string[]>();
  const tests = repositoryFiles().filter((path) => /^test\/.*\.(?:test|contract)\.ts$/.test(path));
  for (const path of tests) {
    for (const cited of citationsOf(read(path))) {
      naming.set(cited, [...(naming.get(cited) ?? []), path]);
    }
  }
  return naming;
}
