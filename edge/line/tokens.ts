import { countsOf, oncePerLine } from "./config.ts";
import { takeToken } from "./reader-debt.ts";
import { readerPlaces } from "./reader.ts";
import type { Pass } from "./state.ts";
import { isDue, type Turn } from "./turn.ts";

/**
 * Tokens for the devices that send them back: four digits a parcel, sent when the one before has
 * left the device's trigger and before its own, so that the device can have latched no other.
 */
export function tokensDue(turn: Turn): void {
  if (!isDue(turn)) return;
  const stations = tokenStations(turn.config);
  const tokenAtCount = tokenAtCountOf(turn.config);
  for (const pass of turn.state.passes) {
    while (turn.event.count >= tokenAtCount(pass)) {
      const station = stations[pass.nextTokenStation];
      if (station === undefined) break;
      const token = takeToken(turn);
      station.give(pass, token);
      pass.nextTokenStation += 1;
      turn.commands.push({ kind: "readToken", deviceId: station.deviceId, token });
    }
  }
}

/** When this pass's next token is to be sent. */
export const tokenAtCountOf = oncePerLine((config) => {
  const stations = tokenStations(config);
  return (pass: Pass): number => {
    // Who was not inducted before our eyes gets none: where it is, is a guess.
    const station = pass.ordinal === null ? undefined : stations[pass.nextTokenStation];
    return station === undefined ? Number.POSITIVE_INFINITY : pass.frontCount + station.afterCounts;
  };
});

interface TokenStation {
  readonly deviceId: string;
  /** From induction, when the front is as far before the device as its binding says. */
  readonly afterCounts: number;
  readonly give: (pass: Pass, token: string) => void;
}

/** In the order in which a parcel comes to them. */
const tokenStations = oncePerLine((config): readonly TokenStation[] => {
  const { scale } = config.layout;
  const stations: TokenStation[] = [];
  for (const { layout, readOf } of readerPlaces(config)) {
    const { deviceId, atMm, binding } = layout;
    if (binding.kind !== "echo") continue;
    stations.push({
      deviceId,
      afterCounts: countsOf(atMm - binding.sendMm, config),
      give: (pass, token) => {
        readOf(pass).token = token;
      },
    });
  }
  if (scale?.binding.kind === "track") {
    stations.push({
      deviceId: scale.deviceId,
      afterCounts: countsOf((scale.fromMm + scale.toMm) / 2 - scale.binding.sendMm, config),
      give: (pass, token) => {
        pass.scaleToken = token;
      },
    });
  }
  return stations.sort((one, other) => one.afterCounts - other.afterCounts);
});
