import type { Condition } from "../../../protocols/alarms.ts";
import type { AwaitedAgent } from "./older-book.ts";
import type { OlderView } from "./older-store.ts";

/** What is said of records that are older than what the agents were told, to whom it concerns. */
const ofCentre = { key: "centre", passId: null } as const;

/** Both, whether they hold or not. */
export const conditionsOfOlder = ({
  isOlder,
  lostActs: records,
  awaited,
}: OlderView): readonly { readonly condition: Condition; readonly holds: boolean }[] => [
  {
    condition: { code: "recordsOlder", ...ofCentre, params: { agents: namesOf(awaited) } },
    holds: isOlder,
  },
  {
    condition: { code: "recordsLost", ...ofCentre, params: { records } },
    holds: records > 0,
  },
];

const namesOf = (awaited: readonly AwaitedAgent[]): string =>
  awaited.map(({ agentId }) => agentId).join(", ");

/** Why nothing is granted, for `/healthz`. */
export const olderReasons = ({ isOlder, awaited }: OlderView): readonly string[] =>
  isOlder
    ? [
        `centre: its records are older than what its agents were told; awaited: ${
          awaited.map(awaitedText).join("; ") || "the end of the last leases"
        }`,
      ]
    : [];

function awaitedText({ agentId, isHeard, missing }: AwaitedAgent): string {
  if (!isHeard) return `${agentId} (not heard)`;
  const records = missing.map(
    ({ chain, wantedSeq, heldSeq }) => `${chain}: ${heldSeq} of ${wantedSeq} held`,
  );
  return records.length === 0 ? agentId : `${agentId} (${records.join(", ")})`;
}

/** What is lost though the centre goes on. */
export const lostWarnings = ({ lostActs }: OlderView): readonly string[] =>
  lostActs === 0
    ? []
    : [`centre: ${lostActs} or more of its own records are lost, and nobody has seen to it yet`];
