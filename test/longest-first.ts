import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files of each layer that take longest, in this order. One that began last would run alone, while
 * the other cores have nothing left to do.
 */
const longest: readonly string[] = [
  "agent/segments",
  "agent/lab-faults",
  "agent/command-lines",
  "contract/document-store",
  "contract/sorter-opcua",
  "contract/sorter-opcua-reach",
  "contract/document-store-kill",
  "journal/segments",
  "centre/unread-messages",
  "journal/segments-week",
  "centre/kill",
  "journal/kill",
  "agent/agent-log",
  "claims/claims",
  "property/working-set",
  "swarm/swarm",
  "swarm/mutants",
  "swarm/binding-test",
  "unit/world-lab",
  "property/exhaustive-orders",
  "property/retention",
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
