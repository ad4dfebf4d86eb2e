import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files of each layer that take longest, in this order. One that began last would run alone, while
 * the other cores have nothing left to do.
 */
const longest: readonly string[] = [
  "agent/segments",
  "agent/command-lines",
  "agent/lab-faults",
  "contract/document-store",
  "contract/sorter-plc-opcua",
  "contract/sorter-telegrams",
  "contract/sorter-modbus",
  "journal/segments-week",
  "journal/segments",
  "contract/sorter-opcua",
  "contract/sorter-opcua-reach",
  "contract/xray-opcua",
  "contract/xray-telegrams",
  "centre/kill",
  "journal/kill",
  "contract/scale",
  "contract/scanner",
  "centre/older-records",
  "agent/agent-log",
  "contract/sorter-mqtt",
  "centre/unread-messages",
  "contract/sorter-osip",
  "contract/sorter-plc-faults",
  "contract/scanner-autoid",
  "claims/claims",
  "swarm/mutants",
  "swarm/swarm",
  "property/working-set",
  "swarm/binding-test",
  "property/retention",
  "unit/world-lab",
  "property/exhaustive-orders",
  "swarm/day",
  "unit/line-wrong-green",
  "property/older-records",
  "property/line-chaos",
  "e2e/page-officer",
  "e2e/page-lines",
];

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = longest.findIndex((file) => moduleId.endsWith(`/test/${file}.test.ts`));
  return place < 0 ? longest.length : place;
};

/** The longest files first, then as vitest has it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}
