import type { Trip } from "../../edge/link/memory-link.ts";
import { createSeededEntropy, happens, uniform } from "../../simulators/world/chance.ts";
import type { Schedule, Weather } from "./schedule.ts";

const fairMs = [2];
const lossyShare = 0.12;
const doubledShare = 0.2;

/** A broker repeats what it carries down after seconds; up the agent's own client does, and sooner. */
export function createCarrier(
  { seed, isQuiet, isTight, parcels, weather }: Schedule,
  now: () => number,
  agentIdOf: (lineId: string) => string,
): (trip: Trip) => readonly number[] {
  const entropy = createSeededEntropy(seed, "carrier");
  const losing = new Map(parcels.map(({ waybill, loses }) => [waybill, loses]));
  return ({ agentId, direction, message }) => {
    if (isQuiet) {
      const waybill = claimedIn(message);
      const word = message.kind === "claim" ? "claim" : "answer";
      if (waybill === null || losing.get(waybill) !== word) return fairMs;
      losing.delete(waybill);
      return [];
    }
    const isNow = (what: Weather["kind"]): boolean =>
      weather.some(
        ({ lineId, kind, fromMs, toMs }) =>
          kind === what && agentId === agentIdOf(lineId) && now() >= fromMs && now() < toMs,
      );
    if (direction === "down" && isNow("deaf")) return [];
    if (isTight) {
      const isDoubled = direction === "down" && happens(entropy, 0.5);
      return isDoubled ? [2, uniform(entropy, 3, 1_500)] : fairMs;
    }
    if (!isNow("lossy")) return fairMs;
    const draw = entropy.next();
    const lateMs = (): number => uniform(entropy, 1, direction === "up" ? 20 : 300);
    if (draw < lossyShare) return [];
    if (draw >= lossyShare + doubledShare) return [lateMs()];
    return [lateMs(), direction === "up" ? lateMs() : uniform(entropy, 1, 2_000)];
  };
}

function claimedIn(message: Trip["message"]): string | null {
  if (message.kind === "claim") return message.waybill;
  if (message.kind !== "clearance" || message.message.kind !== "claimAnswer") return null;
  return message.message.answer.waybill;
}
