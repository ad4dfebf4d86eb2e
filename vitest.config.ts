import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/** These put something else in the place of a module, which others must not see. */
const withFalseModules = [
  "test/contract/document-store-mutant.test.ts",
  "test/contract/sorter-telegram-link.test.ts",
];

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "core",
          include: ["test/{unit,property,architecture,swarm,claims}/**/*.test.ts"],
          // Pure parts keep nothing to themselves, so that files can share what each of them loads.
          isolate: false,
          // Nothing here waits for anything; a busy machine may still take its time.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "wire",
          include: ["test/{contract,journal,centre,agent}/**/*.test.ts"],
          exclude: withFalseModules,
          // What they load (the OPC UA library takes a second) is loaded once by each worker.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "wire-alone",
          include: withFalseModules,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "peers",
          // The suites that say what a wire does run here once more, against foreign programs.
          include: [
            "test/peers/**/*.test.ts",
            "test/contract/{client-ids,message-bus,retained,scanner,sorter-mqtt,sorter-telegrams,xray}.test.ts",
            "test/centre/link-broker.test.ts",
          ],
          globalSetup: "test/peers/all-installed.ts",
          provide: { hasRealPeers: true },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
