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
  const places = tokenPlaces(turn.config);
  const tokenAtCount = tokenAtCountOf(turn.config);
  for (const pass of turn.state.passes) {
    while (turn.event.count >= tokenAtCount(pass)) {
      const place = places[pass.nextTokenPlace];
      if (place === undefined) break;
      const token = takeToken(turn);
      place.give(pass, token);
      pass.nextTokenPlace += 1;
      turn.commands.push({ kind: "readToken", deviceId: place.deviceId, token });
    }
  }
}

/** When this pass's next token is to be sent. */
export const tokenAtCountOf = oncePerLine((config) => {
  const places = tokenPlaces(config);
  return (pass: Pass): number => {
    // Who was not inducted before our eyes gets none: where it is, is a guess.
    const place = pass.ordinal === null ? undefined : places[pass.nextTokenPlace];
    return place === undefined ? Number.POSITIVE_INFINITY : pass.frontCount + place.afterCounts;
  };
});

interface TokenPlace {
  readonly deviceId: string;
  /** From induction, when the front is as far before the device as its binding says. */
  readonly afterCounts: number;
  readonly give: (pass: Pass, token: string) => void;
}

/** In the order in which a parcel comes to them. */
const tokenPlaces = oncePerLine((config): readonly TokenPlace[] => {
  const { scale } = config.layout;
  const places: TokenPlace[] = [];
  for (const { layout, readOf } of readerPlaces(config)) {
    const { deviceId, atMm, binding } = layout;
    if (binding.kind !== "echo") continue;
    places.push({
      deviceId,
      afterCounts: countsOf(atMm - binding.sendMm, config),
      give: (pass, token) => {
        readOf(pass).token = token;
      },
    });
  }
  if (scale?.binding.kind === "track") {
    places.push({
      deviceId: scale.deviceId,
      afterCounts: countsOf((scale.fromMm + scale.toMm) / 2 - scale.binding.sendMm, config),
      give: (pass, token) => {
        pass.scaleToken = token;
      },
    });
  }
  return places.sort((one, other) => one.afterCounts - other.afterCounts);
});
