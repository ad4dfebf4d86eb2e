import {
  lampColours,
  restingAnnunciation,
  type Annunciation,
  type LampState,
  type SignalName,
} from "../../../protocols/annunciator/annunciation.ts";
import {
  zAnnunciatorJsonMap,
  type AnnunciatorJsonMap,
  type ShownValue,
} from "../../../protocols/annunciator/json-map.ts";
import { encodeJson, readJson } from "../../../protocols/json-message.ts";
import { valueAt } from "../../../protocols/json-path.ts";
import { speak, unreadable, type Dialect, type Discarded } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createTopicWire, type TopicMessage, type TopicMessageOut } from "../wires/topic-wire.ts";
import type { AnnunciatorHeard, AnnunciatorState } from "./heard.ts";

/** What could never be shown is refused: a device that is told to be lit cannot be seen to flash. */
export const zAnnunciatorJsonMapDialect = zAnnunciatorJsonMap.superRefine(
  ({ set, state }, context) => {
    for (const name of ["horn", ...lampColours] as const) {
      const told = set[name];
      const shown = state?.[name];
      if (shown === undefined) continue;
      const refuse = (keys: readonly string[], message: string): void =>
        context.addIssue({ code: "custom", path: ["state", name, ...keys], message });
      if (told === undefined)
        refuse([], `set has no ${name}, so that nobody can say what is right`);
      else if ("flashing" in shown && !("flashing" in told)) {
        refuse(["flashing"], `set.${name} has no flashing, so that it is never told to`);
      }
    }
  },
);

const messageBytesMax = 64 * 1024;

export const annunciatorJsonMapCarriers = (map: AnnunciatorJsonMap) =>
  ({
    messages({ bus, base }, clock) {
      const topics = map.state === undefined ? [] : [map.state.topic];
      return speak(createDialect(map), createTopicWire(bus, base, topics), clock);
    },
    will: { topic: map.set.topic, payload: setMessage(map.set, restingAnnunciation) },
  }) satisfies Carriers<AnnunciatorHeard, Annunciation>;

const createDialect = (
  map: AnnunciatorJsonMap,
): Dialect<TopicMessage, TopicMessageOut, AnnunciatorHeard, Annunciation> => ({
  read({ topic, payload }, _at, out) {
    if (map.state === undefined) return;
    const json = readJson(payload, messageBytesMax);
    if (json.kind === "invalid") return out.tell(unreadable(`${topic} ${json.why}`));
    out.tell(stateIn(map.state, json.value, topic));
  },
  write: (annunciation) => ({
    topic: map.set.topic,
    payload: setMessage(map.set, annunciation),
    qos: 0,
  }),
});

/** A branch of the message, or a value in it. */
type Branch = Map<string, Branch | ShownValue>;

function setMessage(set: AnnunciatorJsonMap["set"], annunciation: Annunciation): Uint8Array {
  const root: Branch = new Map();
  for (const [path, value] of Object.entries(set.fixed)) put(root, path, value);
  const { horn } = set;
  if (horn !== undefined) put(root, horn.path, annunciation.horn ? horn.on : horn.off);
  for (const colour of lampColours) {
    const lamp = set[colour];
    if (lamp !== undefined) put(root, lamp.path, lampValue(lamp, annunciation[colour]));
  }
  return encodeJson(plain(root));
}

const lampValue = (
  { off, steady, flashing }: NonNullable<AnnunciatorJsonMap["set"]["red"]>,
  state: LampState,
): ShownValue => (state === "off" ? off : state === "steady" ? steady : (flashing ?? steady));

/** The configuration has no two of which one lies within the other. */
function put(root: Branch, path: string, value: ShownValue): void {
  const keys = path.split(".");
  const last = keys.pop() ?? path;
  let at = root;
  for (const key of keys) {
    const known = at.get(key);
    const next: Branch = known instanceof Map ? known : new Map();
    at.set(key, next);
    at = next;
  }
  at.set(last, value);
}

const plain = (branch: Branch): object =>
  Object.fromEntries(
    [...branch].map(([key, at]) => [key, at instanceof Map ? plain(at) : at] as const),
  );

/** A signal that it does not tell of in this message is not compared; what means nothing is odd. */
function stateIn(
  state: NonNullable<AnnunciatorJsonMap["state"]>,
  json: unknown,
  topic: string,
): AnnunciatorState | Discarded {
  const shows = new Map<SignalName, readonly Annunciation[SignalName][]>();
  for (const name of ["horn", ...lampColours] as const) {
    const place = state[name];
    const found = place === undefined ? undefined : valueAt(json, place.path);
    if (place === undefined || found === undefined || found === null) continue;
    const means = "on" in place ? hornMeans(place, found) : lampMeans(place, found);
    if (means.length === 0) {
      return unreadable(`${topic} ${place.path}: ${JSON.stringify(found)} means nothing`);
    }
    shows.set(name, means);
  }
  const { silence } = state;
  const isSilencePressed =
    silence === undefined ? null : valueAt(json, silence.path) === silence.pressed;
  return { kind: "state", shows, isSilencePressed };
}

const hornMeans = (
  { off, on }: { readonly off: ShownValue; readonly on: ShownValue },
  found: unknown,
): readonly boolean[] => (found === on ? [true] : found === off ? [false] : []);

const lampMeans = (
  { off, steady, flashing }: NonNullable<AnnunciatorJsonMap["set"]["red"]>,
  found: unknown,
): readonly LampState[] => {
  if (found === off) return ["off"];
  if (found === steady) return flashing === undefined ? ["steady", "flashing"] : ["steady"];
  return found === flashing ? ["flashing"] : [];
};
