import type { PlantedChange } from "../swarm/mutants.ts";

/** Faults put into how claims and clearance travel, each of which the schedules must catch. */
export const claimMutants = {
  /** One question, and no other however long nothing is heard. */
  "claim-asked-once": [
    {
      file: "edge/line/claim.ts",
      from: `  if (event.at < state.due.claimAt || !state.belt.isRunning) return;`,
      to: `  if (event.at > 0 || !state.belt.isRunning) return;`,
    },
  ],
  /** An answer that was seen before, or comes out of its place, brings its old record all the same. */
  "stale-answer-taken": [
    {
      file: "edge/line/clearance-mirror.ts",
      from: `  if (message.seq <= mirror.seq) return duplicate;`,
      to: `  if (message.seq <= mirror.seq) {
    if (message.kind === "claimAnswer" && mirror.phase === "current") {
      holdClaim(mirror.held, { ...message.answer, record: message.record });
    }
    return duplicate;
  }`,
    },
  ],
  /** A line takes its claim from an answer, and the record with it never reaches the mirror. */
  "answer-without-its-record": [
    {
      file: "edge/line/claim.ts",
      from: `  applyClearance(mirror, message, turn.event.at);
  takeClaimAnswer`,
      to: `  mirror.seq = message.seq;
  takeClaimAnswer`,
    },
  ],
  /** The centre forgets that a pass has asked, and tells it of no change from then on. */
  "set-forgets-a-pass": [
    {
      file: "edge/link/clearance-stream.ts",
      from: `  const changed = records.filter((record) => replaceRecord(state.held, record));`,
      to: `  const changed = records.filter(({ standing }) => standing !== "notReleasable");`,
    },
  ],
  /** A lease is renewed whatever the agent holds. */
  "any-set-will-do": [
    {
      file: "edge/line/clearance-mirror.ts",
      from: `  if (own.claimsHash !== message.claimsHash) {`,
      to: `  if (own.claimsHash === "") {`,
    },
    {
      file: "edge/link/clearance-stream.ts",
      from: `  if (changed.length === 0 || !isInStream(state)) return [];`,
      to: `  if (changed.length >= 0 || !isInStream(state)) return [];`,
    },
  ],
  /** An answer that waits for the disk tells the record of when its claim was judged. */
  "change-overtaken-by-answer": [
    {
      file: "edge/centre/claims/claim-desk.ts",
      from: `    const outcome = judgeClaim(claims, request, standingOf(request.waybill));`,
      to: `    const { passId, waybill } = request;
    const judged = ((globalThis as any).judged ??= new Map());
    judged.set(passId, (documents as any).recordOf(waybill));
    const outcome = judgeClaim(claims, request, standingOf(request.waybill));`,
    },
    {
      file: "edge/centre/line-news.ts",
      from: `record: tellable(answer.waybill) }`,
      to: `record: (globalThis as any).judged.get(answer.passId) ?? null }`,
    },
  ],
  /** A line that was told of doubt counts as one that has it. */
  "told-is-confirmed": [
    {
      file: "edge/link/clearance-doubts.ts",
      from: `      if (event.message.seq > stream.seq) told(doubts, event.message, stream.held);
      return;`,
      to: `      if (event.message.seq > stream.seq) told(doubts, event.message, stream.held);
      return confirm(doubts, event.message.stream, event.message.seq);`,
    },
  ],
  /** A line that cannot be told counts as one that releases nothing. */
  "silent-is-harmless": [
    {
      file: "edge/link/clearance-doubts.ts",
      from: `    case "refused":
    case "streamRenamed":
      return;`,
      to: `    case "refused":
      for (const waybill of doubts.loose.keys()) holdBack(doubts, waybill);
      return;
    case "streamRenamed":
      return;`,
    },
  ],
  /** A claim is granted to whoever asks. */
  "granted-twice": [
    {
      file: "edge/centre/claims/claims.ts",
      from: `  if (own === undefined && claims.openByWaybill.has(request.waybill)) return claimedElsewhere;`,
      to: ``,
    },
  ],
} as const satisfies Record<string, readonly PlantedChange[]>;

export type ClaimMutant = keyof typeof claimMutants;
export const isClaimMutant = (name: string): name is ClaimMutant =>
  Object.hasOwn(claimMutants, name);
