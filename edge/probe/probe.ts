import type { Clock } from "../../protocols/time.ts";
import type { SeenOnWire } from "../../protocols/trace.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { deviceReasonClause } from "../../protocols/words/device-reason.ts";
import { seenLine } from "../../protocols/words/seen-line.ts";
import { countedText, hintText, notShownText } from "../../protocols/words/probe-words.ts";
import type { Voice } from "../../protocols/words/words.ts";
import { shownUrl } from "../devices/network-reason.ts";
import { createNewsShown } from "../devices/news-shown.ts";
import type { DeviceHealth } from "../devices/port.ts";
import type { Reach } from "../devices/reach.ts";
import type { Wires } from "../devices/wires/wires.ts";
import type { NamedDevice } from "../runtime/open-devices.ts";
import { hintsOf } from "./hints.ts";
import { readLineErrors } from "./line-errors.ts";
import { Looking, type SeenBeside } from "./seen.ts";
import { serialPaths } from "./serial-paths.ts";
import { SparkplugWatch } from "./sparkplug-watch.ts";
import { TopicsWatch } from "./topics-seen.ts";

export interface ProbeOptions {
  readonly device: NamedDevice;
  readonly wires: Wires;
  readonly clock: Clock;
  /** For so long the device is looked at. */
  readonly seconds: number;
  readonly voice: Voice;
  readonly out: (line: string) => void;
  /** See `DriverDeps`. */
  readonly trustCommandOf?: (deviceId: string) => string;
  /** Resolves when a person has seen enough. */
  readonly enough: Promise<void>;
}

/** As many files may lie in a folder as a device has put there since the agent stopped. */
const folderLinesMax = 40;
/** More of one thing is left out, and said so. */
const shownBytesMax = 96;
const shownCharsMax = 240;

/**
 * Opens one device with the driver that a line would use, writes down what goes both ways and what the
 * dialect makes of it, and then what may be wrong. True: it is received and all of it understood.
 */
export async function probe(options: ProbeOptions): Promise<boolean> {
  const { device, wires, clock, voice, out } = options;
  const { kind, config } = device;
  const startedAt = clock.monotonic();
  const seconds = (): number => (clock.monotonic() - startedAt) / 1_000;
  const tell = (line: string): void => out(`${seconds().toFixed(3).padStart(8)} ${line}`);

  const show = createNewsShown({ bytes: shownBytesMax, chars: shownCharsMax });
  const looking = new Looking();
  let lines = 0;
  const linesMax = config.reach.kind === "folder" ? folderLinesMax : Number.POSITIVE_INFINITY;
  const tellSeen = (seen: readonly SeenOnWire[]): void => {
    for (const each of seen) {
      lines += 1;
      if (lines <= linesMax) tell(seenLine(each));
    }
  };
  const beside = lookBeside(config.reach, { wires, id: config.id, tell });
  out(`${config.id}: ${kind}, ${config.dialect.kind}, ${placeText(config.reach)}`);
  const { trustCommandOf } = options;
  const port = device.open({
    wires: beside.wires,
    clock,
    ...(trustCommandOf === undefined ? {} : { trustCommandOf }),
    tap: {
      isLooking: true,
      onWire(news) {
        looking.onWire(news);
        tellSeen(show.wire(news, clock.monotonic()));
      },
      onDialect(direction, message) {
        if (direction === "in") looking.onHeard(message);
        tellSeen(show.dialect(direction, message));
      },
    },
  });
  port.start((event) => {
    if (isHealth(event)) tell(`* ${healthText(event.health, voice)}`);
  });
  await Promise.race([options.enough, passed(clock, options.seconds)]);
  const health = port.health();
  const seen = looking.seen(Math.round(seconds()), health, await beside.end());
  await port.stop();

  if (lines > linesMax) out(notShownText(voice.language, lines - linesMax));
  const hints = hintsOf({ kind, reach: config.reach, dialect: config.dialect }, seen);
  const { framesTotal = 0, discardedTotal = 0 } = health.counters;
  const isInOrder = health.state === "receiving" && health.reason === null && hints.length === 0;
  out(`${config.id}: ${healthText(health, voice)}`);
  out(countedText(voice.language, framesTotal, discardedTotal));
  for (const { code, params } of hints) out(`- ${hintText(voice.language, code, params)}`);
  if (hints.length === 0 && health.reason !== null) {
    out(`- ${voice.find("deviceAction", health.reason.code) ?? health.reason.code}`);
  }
  return isInOrder;
}

const passed = (clock: Clock, seconds: number): Promise<void> =>
  new Promise((resolve) => {
    clock.schedule(monotonicMs(clock.monotonic() + seconds * 1_000), resolve);
  });

const isHealth = (
  event: unknown,
): event is { readonly kind: "healthChanged"; readonly health: DeviceHealth } =>
  typeof event === "object" && event !== null && "kind" in event && event.kind === "healthChanged";

function healthText({ state, reason }: DeviceHealth, voice: Voice): string {
  const word = voice.find("health", state) ?? state;
  if (reason === null) return word;
  const detail = reason.detail === undefined ? "" : ` (${reason.detail})`;
  return `${word}: ${deviceReasonClause(reason, voice)}${detail}`;
}

function placeText(reach: Reach): string {
  switch (reach.kind) {
    case "serial": {
      const { path, baudRate, dataBits, parity, stopBits } = reach;
      const [initial = ""] = parity.toUpperCase();
      return `serial ${path}, ${baudRate} baud ${dataBits}${initial}${stopBits}`;
    }
    case "tcp":
      return `tcp ${reach.host} port ${reach.port}`;
    case "tcp-listen":
      return `tcp from ${reach.from}, at port ${reach.port}`;
    case "mqtt":
      return `mqtt ${reach.base}/#`;
    case "opcua":
      return `opcua ${shownUrl(reach.endpointUrl)}`;
    case "folder":
      return `folder ${reach.path}`;
    case "http":
      return `http ${shownUrl(reach.url)}`;
  }
}

interface LookingBeside {
  /** What the device is to be opened with. */
  readonly wires: Wires;
  end(): Promise<SeenBeside>;
}

interface Looker {
  readonly wires: Wires;
  readonly id: string;
  readonly tell: (line: string) => void;
}

/** What the device's own wire cannot tell. */
function lookBeside(reach: Reach, looker: Looker): LookingBeside {
  if (reach.kind === "mqtt") return lookAtBroker(reach, looker);
  const { wires } = looker;
  if (reach.kind !== "serial") return { wires, end: () => Promise.resolve(nothingBeside) };
  const before = readLineErrors(reach.path);
  return {
    wires,
    async end() {
      const [first, last] = [await before, await readLineErrors(reach.path)];
      const lineErrors = first === null || last === null ? null : last - first;
      return { ...nothingBeside, serialPaths: await serialPaths(), lineErrors };
    },
  };
}

const nothingBeside: SeenBeside = {
  topics: { elsewhere: [], unread: [], silent: [] },
  sparkplugTopics: [],
  serialPaths: null,
  lineErrors: null,
};

/** A connection of its own: what the broker does with a request for everything is its affair. */
function lookAtBroker(
  reach: Extract<Reach, { kind: "mqtt" }>,
  { wires, id, tell }: Looker,
): LookingBeside {
  const topics = new TopicsWatch(reach.base);
  const sparkplug = new SparkplugWatch();
  const bus = wires.messageBus(reach, `${id}:everything`);
  bus.subscribe("#", (topic, payload, isRetained) => {
    for (const line of sparkplug.take(topic, payload)) tell(line);
    topics.take(topic, isRetained);
  });
  return {
    wires: topics.wiresOf(wires),
    async end() {
      await bus.close();
      return { ...nothingBeside, topics: topics.seen(), sparkplugTopics: sparkplug.topics() };
    },
  };
}
