import {
  lampColours,
  zAnnunciation,
  type Annunciation,
  type LampState,
} from "../../../protocols/annunciator/annunciation.ts";
import type { AnnunciatorJsonMap, ShownValue } from "../../../protocols/annunciator/json-map.ts";
import {
  annunciatorTopics,
  type AnnunciatorState,
} from "../../../protocols/annunciator/messages.ts";
import { decodeJson, encodeJson, readJson } from "../../../protocols/json-message.ts";
import { valueAt } from "../../../protocols/json-path.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import { startTicker } from "../ticker.ts";
import { createLamps, type SimulatedAnnunciator } from "./light.ts";

export interface MessageLightOptions {
  readonly bus: MessageBus;
  readonly base: string;
  readonly clock: Clock;
  /** Null: our own messages. */
  readonly map: AnnunciatorJsonMap | null;
  readonly statePeriodMs?: number;
  readonly onShows?: (annunciation: Annunciation) => void;
}

const messageBytesMax = 64 * 1024;

/** A horn and a stack light on a broker, with messages of ours or of another maker's. */
export function startMessageLight(options: MessageLightOptions): SimulatedAnnunciator {
  const { bus, base, clock, map, statePeriodMs = 1_000, onShows = () => {} } = options;
  const speech = map === null ? ours : speechOf(map);
  let isStopped = false;

  const publish = (): void => {
    if (isStopped || lamps.faults().isSilent || speech.stateTopic === null) return;
    const state = { shows: lamps.shows(), isSilencePressed: lamps.isPressed() };
    bus.publish(`${base}/${speech.stateTopic}`, speech.write(state), { qos: 1 });
  };
  const lamps = createLamps((shown) => {
    onShows(shown);
    publish();
  });

  bus.subscribe(`${base}/${speech.setTopic}`, (_topic, payload) => {
    const told = isStopped ? null : speech.read(payload);
    if (told !== null) lamps.take(told);
  });
  const stopTicker = startTicker(clock, statePeriodMs, publish);

  return {
    shows: () => lamps.shows(),
    setKey: (isPressed) => lamps.setKey(isPressed),
    setFaults: (faults) => lamps.setFaults(faults),
    restart: () => lamps.restart(),
    stop() {
      isStopped = true;
      stopTicker();
      return bus.close();
    },
  };
}

interface Speech {
  readonly setTopic: string;
  /** Null: it says nothing. */
  readonly stateTopic: string | null;
  /** Null: it is not understood. */
  readonly read: (payload: Uint8Array) => Annunciation | null;
  readonly write: (state: AnnunciatorState) => Uint8Array;
}

const ours: Speech = {
  setTopic: annunciatorTopics.set,
  stateTopic: annunciatorTopics.state,
  read(payload) {
    const told = decodeJson(zAnnunciation, payload, messageBytesMax);
    return told.kind === "ok" ? told.value : null;
  },
  write: (state) => encodeJson(state),
};

function speechOf({ set, state }: AnnunciatorJsonMap): Speech {
  return {
    setTopic: set.topic,
    stateTopic: state?.topic ?? null,
    read(payload) {
      const json = readJson(payload, messageBytesMax);
      if (json.kind === "invalid") return null;
      for (const [path, value] of Object.entries(set.fixed)) {
        if (valueAt(json.value, path) !== value) return null;
      }
      const lamps = lampColours.map((colour) => {
        const place = set[colour];
        return [colour, place === undefined ? "off" : lampOf(place, json.value)] as const;
      });
      const horn = set.horn !== undefined && valueAt(json.value, set.horn.path) === set.horn.on;
      const told = zAnnunciation.safeParse({ horn, ...Object.fromEntries(lamps) });
      return told.success ? told.data : null;
    },
    write({ shows, isSilencePressed }) {
      const leaves: [string, ShownValue][] = [];
      if (state?.horn !== undefined) {
        leaves.push([state.horn.path, shows.horn ? state.horn.on : state.horn.off]);
      }
      for (const colour of lampColours) {
        const place = state?.[colour];
        if (place !== undefined) leaves.push([place.path, valueOf(place, shows[colour])]);
      }
      const { silence } = state ?? {};
      if (silence !== undefined && isSilencePressed) leaves.push([silence.path, silence.pressed]);
      return encodeJson(nested(leaves));
    },
  };
}

type LampPlace = NonNullable<AnnunciatorJsonMap["set"]["red"]>;

/** Undefined where it is none of the values that the map has for it. */
function lampOf(place: LampPlace, json: unknown): LampState | undefined {
  const found = valueAt(json, place.path);
  if (found === place.off) return "off";
  if (found === place.steady) return "steady";
  return found === place.flashing ? "flashing" : undefined;
}

function valueOf({ off, steady, flashing = steady }: LampPlace, state: LampState): ShownValue {
  return { off, steady, flashing }[state];
}

/** Keys within keys; a list is what this device has none of. */
function nested(leaves: readonly (readonly [string, ShownValue])[]): object {
  const groups = new Map<string, [string, ShownValue][]>();
  const own: [string, ShownValue][] = [];
  for (const [path, value] of leaves) {
    const dot = path.indexOf(".");
    if (dot === -1) own.push([path, value]);
    else {
      const key = path.slice(0, dot);
      groups.set(key, [...(groups.get(key) ?? []), [path.slice(dot + 1), value]]);
    }
  }
  const branches = [...groups].map(([key, within]) => [key, nested(within)] as const);
  return Object.fromEntries([...own, ...branches]);
}
