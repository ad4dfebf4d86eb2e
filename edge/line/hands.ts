import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { oncePerLine, type HandZone } from "./config.ts";
import { frontMm, raise, rearMm, type Turn } from "./turn.ts";

/**
 * Hands on the belt (law 16). After an emergency stop, an open guard, a jam that was cleared or a
 * reset at the line, parcels may lie in another order than before, and equal lengths hide it. So
 * every pass that hands could reach goes to inspection, whatever is known of it.
 */
export type HandCause = "emergencyStop" | "guardOpen" | "jamCleared" | "localReset";

export function handle(turn: Turn, cause: HandCause, zone: HandZone | null): void {
  const { state, config, event } = turn;
  const marginMm = reachMm(config);
  for (const pass of state.passes) {
    const isReached =
      zone === null ||
      (frontMm(pass, event.count, config) >= zone.fromMm - marginMm &&
        rearMm(pass, event.count, config) <= zone.toMm + marginMm);
    if (isReached) raise(turn, pass, { code: "handled", params: { why: cause } });
  }
}

/**
 * Both when it is opened and when it is closed: in between, parcels may have come to lie in it. One
 * that is told closed again, as a sorter repeats it, says nothing new.
 */
export function takeGuard(
  turn: Turn,
  { guardId, isOpen }: Extract<SorterEvent, { kind: "guard" }>,
): void {
  const { openGuards, heardGuards } = turn.state;
  const wasClosed = heardGuards.has(guardId) && !openGuards.has(guardId);
  heardGuards.add(guardId);
  if (isOpen) openGuards.set(guardId, "guardOpen");
  else openGuards.delete(guardId);
  if (isOpen || !wasClosed) handleThrough(turn, guardId);
}

const handleThrough = (turn: Turn, guardId: string): void =>
  handle(
    turn,
    "guardOpen",
    zoneOf(turn, ({ guardIds }) => guardIds.includes(guardId)),
  );

/**
 * Where messages may have been missed, or in a new session, each guard may have been opened or closed
 * meanwhile. It counts as open until it is told of again or, since a sorter may not repeat it, the
 * reset key is pressed. One that was told open stays so until it is told closed, whatever comes in
 * between: the reset key is pressed for other causes as well, and proves nothing against what was told.
 */
export function doubtGuards({ state: { openGuards, heardGuards }, config }: Turn): void {
  for (const guardIds of [zoneGuards(config), heardGuards]) {
    for (const guardId of guardIds) {
      if (!openGuards.has(guardId)) openGuards.set(guardId, "guardUnheard");
    }
  }
}

const zoneGuards = oncePerLine(({ layout }) => layout.zones.flatMap(({ guardIds }) => guardIds));

/** So far may the belt have run since whatever tells of hands, and so far may we be off ourselves. */
const reachMm = oncePerLine(
  ({ tracking: { eventLateMs, lateMm }, belt }) =>
    (belt.speedMmPerS * eventLateMs) / 1_000 + lateMm,
);

/** With each event while a guard may stand open: who comes into its zone meanwhile is reached as well. */
export function guardsStandOpen(turn: Turn): void {
  if (turn.state.openGuards.size === 0) return;
  for (const guardId of turn.state.openGuards.keys()) handleThrough(turn, guardId);
}

/** The reset key was pressed: whoever pressed it has seen how those stand of which nothing is told. */
export function forgetUnheardGuards({ state: { openGuards } }: Turn): void {
  for (const [guardId, code] of openGuards) if (code === "guardUnheard") openGuards.delete(guardId);
}

/** Whoever was stuck is free again, by somebody's hand. */
export function jamCleared(turn: Turn, eyeId: string): void {
  handle(
    turn,
    "jamCleared",
    zoneOf(turn, ({ eyeIds }) => eyeIds.includes(eyeId)),
  );
}

/** Null: nothing tells where the hands could not reach, so it was the whole belt. */
const zoneOf = (turn: Turn, has: (zone: HandZone) => boolean): HandZone | null =>
  turn.config.layout.zones.find(has) ?? null;
