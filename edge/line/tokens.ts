import type { LineCommand } from "./commands.ts";
import { countsOf, oncePerLine } from "./config.ts";
import { takeToken } from "./reader-debt.ts";
import { readerPlaces } from "./reader.ts";
import type { Pass } from "./state.ts";
import { clearAtCount, isDue, type Turn } from "./turn.ts";

/**
 * What devices are told of a parcel before it comes to them. Tokens, for those that send them back:
 * four digits a parcel, sent when the one before has left the device's trigger and before its own, so
 * that the device can have latched no other. Triggers, for readers that have none of their own.
 */
export function tokensDue(turn: Turn): void {
  if (!isDue(turn)) return;
  const places = tokenPlaces(turn.config);
  const tokenAtCount = tokenAtCountOf(turn.config);
  for (const pass of turn.state.passes) {
    while (turn.event.count >= tokenAtCount(pass)) {
      const place = places[pass.nextTokenPlace];
      if (place === undefined) break;
      turn.commands.push(place.commandFor(pass, turn));
      pass.nextTokenPlace += 1;
    }
  }
}

/** When something is to be sent for this pass next. */
export const tokenAtCountOf = oncePerLine((config) => {
  const places = tokenPlaces(config);
  return (pass: Pass): number => {
    // Who was not inducted before our eyes gets none: where it is, is a guess.
    const place = pass.ordinal === null ? undefined : places[pass.nextTokenPlace];
    return place === undefined ? Number.POSITIVE_INFINITY : pass.frontCount + place.afterCounts;
  };
});

/**
 * Ends the trigger of a parcel that has left without a read, so that the reader says that it saw none
 * and is ready for the next. Not behind a read, which has ended it already; and not once the next
 * parcel has been triggered for: it would end that one's.
 */
export function triggersOver(turn: Turn): void {
  if (!isDue(turn)) return;
  const { state, event, config } = turn;
  for (const { layout, readOf, offAtCount, triggerAtCount } of endedReaders(config)) {
    for (const [index, pass] of state.passes.entries()) {
      if (event.count < offAtCount(pass)) continue;
      readOf(pass).isTriggerOver = true;
      const next = state.passes[index + 1];
      if (next !== undefined && event.count >= triggerAtCount(next)) continue;
      turn.commands.push({ kind: "endTrigger", deviceId: layout.deviceId });
    }
  }
}

/** When a trigger of this pass is to be ended next. */
export const triggerOffAtCountOf = oncePerLine((config) => {
  const readers = endedReaders(config);
  return (pass: Pass): number => {
    let next = Number.POSITIVE_INFINITY;
    for (const { offAtCount } of readers) next = Math.min(next, offAtCount(pass));
    return next;
  };
});

/** Readers whose triggers the line ends. */
const endedReaders = oncePerLine((config) =>
  readerPlaces(config).flatMap(({ layout, readOf }) => {
    const { atMm, triggerMm, triggerOffMm } = layout;
    if (triggerMm === undefined || triggerOffMm === undefined) return [];
    const offAtCount = (pass: Pass): number => {
      const { isAnswered, isTriggerOver } = readOf(pass);
      const isOpen = pass.ordinal !== null && !isAnswered && !isTriggerOver;
      return isOpen ? clearAtCount(pass, atMm + triggerOffMm, config) : Number.POSITIVE_INFINITY;
    };
    const triggerAtCount = ({ ordinal, frontCount }: Pass): number =>
      ordinal === null ? Number.POSITIVE_INFINITY : frontCount + countsOf(atMm - triggerMm, config);
    return [{ layout, readOf, offAtCount, triggerAtCount }];
  }),
);

interface TokenPlace {
  /** From induction, when the front is as far before the device as the configuration says. */
  readonly afterCounts: number;
  readonly commandFor: (pass: Pass, turn: Turn) => LineCommand;
}

/** Draws the token, and has it noted of the pass that it is sent for. */
const tokenFor =
  (deviceId: string, note: (pass: Pass, token: string) => void): TokenPlace["commandFor"] =>
  (pass, turn) => {
    const token = takeToken(turn);
    note(pass, token);
    return { kind: "readToken", deviceId, token };
  };

/** In the order in which a parcel comes to them. */
const tokenPlaces = oncePerLine((config): readonly TokenPlace[] => {
  const { scale } = config.layout;
  const places: TokenPlace[] = [];
  for (const { layout, readOf } of readerPlaces(config)) {
    const { deviceId, atMm, binding, triggerMm } = layout;
    if (binding.kind === "echo") {
      places.push({
        afterCounts: countsOf(atMm - binding.sendMm, config),
        commandFor: tokenFor(deviceId, (pass, token) => {
          readOf(pass).token = token;
        }),
      });
    }
    if (triggerMm === undefined) continue;
    places.push({
      afterCounts: countsOf(atMm - triggerMm, config),
      commandFor: () => ({ kind: "triggerRead", deviceId }),
    });
  }
  if (scale?.binding.kind === "track") {
    places.push({
      afterCounts: countsOf((scale.fromMm + scale.toMm) / 2 - scale.binding.sendMm, config),
      commandFor: tokenFor(scale.deviceId, (pass, token) => {
        pass.scaleToken = token;
      }),
    });
  }
  return places.sort((one, other) => one.afterCounts - other.afterCounts);
});
