import { oncePerLine, type LineConfig } from "./config.ts";
import { takeToken } from "./reader-debt.ts";
import { readerPlaces } from "./reader.ts";
import type { Pass } from "./state.ts";
import { countAt, type Turn } from "./turn.ts";

/**
 * Tokens for the devices that send them back: four digits a parcel, sent when the one before has
 * left the device's trigger and before its own, so that the device can have latched no other.
 */
export function tokensDue(turn: Turn): void {
  const stations = tokenStations(turn.config);
  if (stations.length === 0) return;
  for (const pass of turn.state.passes) {
    for (const station of stations) {
      if (turn.event.count < tokenAtCount(pass, station, turn.config)) continue;
      const token = takeToken(turn);
      station.give(pass, token);
      turn.commands.push({ kind: "readToken", deviceId: station.deviceId, token });
    }
  }
}

/** For `nextWakeCount`: when this pass's next token is to be sent. */
export function nextTokenCount(pass: Pass, config: LineConfig): number {
  let next = Number.POSITIVE_INFINITY;
  for (const station of tokenStations(config)) {
    next = Math.min(next, tokenAtCount(pass, station, config));
  }
  return next;
}

interface TokenStation {
  readonly deviceId: string;
  readonly sendAtMm: number;
  readonly tokenOf: (pass: Pass) => string | null;
  readonly give: (pass: Pass, token: string) => void;
}

const tokenAtCount = (pass: Pass, station: TokenStation, config: LineConfig): number =>
  // Who was not inducted before our eyes gets none: where it is, is a guess.
  pass.ordinal === null || station.tokenOf(pass) !== null
    ? Number.POSITIVE_INFINITY
    : countAt(pass, station.sendAtMm, config);

const tokenStations = oncePerLine((config): readonly TokenStation[] => {
  const { scale } = config.layout;
  const stations: TokenStation[] = [];
  for (const { layout, readOf } of readerPlaces(config)) {
    const { deviceId, atMm, binding } = layout;
    if (binding.kind !== "echo") continue;
    stations.push({
      deviceId,
      sendAtMm: atMm - binding.sendMm,
      tokenOf: (pass) => readOf(pass).token,
      give: (pass, token) => {
        readOf(pass).token = token;
      },
    });
  }
  if (scale?.binding.kind === "track") {
    stations.push({
      deviceId: scale.deviceId,
      sendAtMm: (scale.fromMm + scale.toMm) / 2 - scale.binding.sendMm,
      tokenOf: (pass) => pass.scaleToken,
      give: (pass, token) => {
        pass.scaleToken = token;
      },
    });
  }
  return stations;
});
