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
      from: `    const outcome = judgeClaim(claims, request, standingIn(request.waybill, view));`,
      to: `    const judged = ((globalThis as any).judged ??= new Map());
    judged.set(request.passId, view.manifest?.record ?? null);
    const outcome = judgeClaim(claims, request, standingIn(request.waybill, view));`,
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
  /** Who brings something is told that it is kept while it is on its way to the disk. */
  "acknowledged-too-soon": [
    {
      file: "edge/centre/documents/desk.ts",
      from: `          told = this.tell(judgment.changed);
        },`,
      to: `          told = this.tell(judgment.changed);
          then({ kind: "kept", answer: judgment.answer });
        },`,
    },
    {
      file: "edge/centre/documents/desk.ts",
      from: `        // What was never judged has changed nothing.
        if (outcome.kind === "failed" && judgment !== null) this.watchedWaybills.distrust();
        then(outcomeOf(outcome));`,
      to: `        if (outcome.kind !== "kept") then(outcomeOf(outcome));`,
    },
  ],
  /** What relieves is told while it is on its way to the disk. */
  "relief-before-commit": [
    {
      file: "edge/centre/line-news.ts",
      from: `    for (const { waybill } of relief) unkept.set(waybill, change);
    return (isKept) => {`,
      to: `    for (const { waybill } of relief) unkept.set(waybill, change);
    sender.changed(takeCurrent(relief, change));
    return (isKept) => {`,
    },
  ],
  /** A paper that did not come in time is needed no more (PF-04). */
  "ended-wait-releases": [
    {
      file: "edge/clearance/standing.ts",
      from: `  if (endOf(each) === "returned") return { code: "comparisonFailed"`,
      to: `  if (endOf(each) === "returned" && each.end?.kind !== "returned")
    return { code: "comparisonFailed"`,
    },
    {
      file: "edge/clearance/standing.ts",
      from: `  if (comparison.outcome === "waiting") {`,
      to: `  if (comparison.outcome === "waiting" && each.end === null) {`,
    },
  ],
  /** Nobody hears that a wait has ended. */
  "ended-wait-untold": [
    {
      file: "edge/clearance/expiry.ts",
      from: `    settle(work, { ...each, end: { kind: "returned", missing } });`,
      to: `    settle(work, { ...each, end: { kind: "returned", missing } });
    work.changed.delete(waybill);`,
    },
  ],
  /** A centre that was killed tells its lines nothing more of what their passes have asked for. */
  "restart-forgets-the-set": [
    {
      file: "edge/link/clearance-stream.ts",
      from: `      holdClaim(state.held, event.claim);
      return [];`,
      to: `      return [];`,
    },
  ],
  /** What the passes of an agent that was killed have claimed they hold for ever. */
  "killed-line-keeps-claims": [
    {
      file: "edge/centre/lines/passes.ts",
      from: `  if (fact.kind === "sessionOpened") return { ...nothing, ended: endLine(book, stamped, place) };`,
      to: `  if (fact.kind === "sessionOpened") return endLine(book, stamped, place) && nothing;`,
    },
  ],
  /** Of two lines of one agent only one hears its answers, or what has changed. */
  "one-line-is-answered": [
    {
      file: "edge/runtime/line-agent.ts",
      from: `lines.get(message.answer.lineId)?.host`,
      to: `[...lines.values()][0]?.host`,
    },
  ],
  "one-line-is-told": [
    {
      file: "edge/runtime/line-agent.ts",
      from: `      for (const { host } of lines.values()) {
        if (host.hasCommitments())`,
      to: `      for (const { host } of [...lines.values()].slice(0, 1)) {
        if (host.hasCommitments())`,
    },
  ],
  /** A waybill that was released may be claimed again once its pass is over. */
  "released-may-come-again": [
    {
      file: "edge/centre/claims/claims.ts",
      from: `  if (isReleased) return { kind: "refused", why: "alreadyReleased" };`,
      to: ``,
    },
  ],
  /** People are told that a line has not confirmed before an alarm says so. */
  "named-before-the-alarm": [
    {
      file: "edge/centre/doubt-watch.ts",
      from: `    tellAlarms();
    return found;`,
      to: `    return found;`,
    },
  ],
} as const satisfies Record<string, readonly PlantedChange[]>;

export type ClaimMutant = keyof typeof claimMutants;
export const isClaimMutant = (name: string): name is ClaimMutant =>
  Object.hasOwn(claimMutants, name);
