import type { Clock, Entropy } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import type { SorterConfig } from "../../simulators/devices/sorter/config.ts";
import { createSorterOsipWire, type OsipPlant } from "../../simulators/devices/sorter/osip-wire.ts";
import { createSorterTelegramWire } from "../../simulators/devices/sorter/telegram-wire.ts";
import type { SorterWire } from "../../simulators/devices/sorter/wire.ts";
import { createSeededEntropy, happens, integer } from "../../simulators/world/chance.ts";
import { defaultLayout, eyePlacesOf } from "../../simulators/world/layout.ts";

/** What the sorter of a run speaks: through the broker, or on a line of its own, good or bad. */
export const sorterSpeeches = [
  "json",
  "jsonWithTracks",
  "jsonWithWrongTracks",
  "telegrams",
  "telegramsOnABadLine",
  "osip",
] as const;
export type SorterSpeech = (typeof sorterSpeeches)[number];
type BrokerSpeech = Extract<SorterSpeech, `json${string}`>;

export const isOverBroker = (speech: SorterSpeech): speech is BrokerSpeech =>
  speech.startsWith("json");

/** Of a sorter that follows parcels by itself, which one of the two does badly. */
export function tracksOf(speech: SorterSpeech): SorterConfig["tracks"] {
  const places = eyePlacesOf(defaultLayout);
  if (speech === "jsonWithTracks") return { places, aheadEvery: null };
  return speech === "jsonWithWrongTracks" ? { places, aheadEvery: 25 } : null;
}

const serial = { kind: "serial", path: "/nowhere/sorter", baudRate: 115_200 } as const;

/** As an agent's file has it; null for what goes through the broker. */
export function sorterText(speech: SorterSpeech): object | null {
  switch (speech) {
    case "json":
    case "jsonWithTracks":
    case "jsonWithWrongTracks":
      return null;
    case "telegrams":
    case "telegramsOnABadLine":
      return { reach: serial, dialect: { kind: "sortline-telegrams" } };
    case "osip":
      return { reach: { kind: "tcp", host: "sorter", port: 1 }, dialect: osipDialect };
  }
}

interface SpeechOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly speech: Exclude<SorterSpeech, BrokerSpeech>;
}

/** The controller's end of it. */
export function openSorterSpeech(
  { clock, seed, speech }: SpeechOptions,
  link: ByteLink,
): SorterWire {
  switch (speech) {
    case "telegrams":
      return createSorterTelegramWire({ link, clock });
    case "telegramsOnABadLine": {
      const entropy = createSeededEntropy(seed, "bad line");
      return createSorterTelegramWire({ link: badLine(link, entropy), clock });
    }
    case "osip":
      return createSorterOsipWire({ link, clock, plant: osipPlant });
  }
}

/** Of the bytes; about one telegram in thirty, and one divert in twenty. */
const badShare = 0.0004;

function badLine(link: ByteLink, entropy: Entropy): ByteLink {
  const damaged = (bytes: Uint8Array): Uint8Array => {
    if (!happens(entropy, badShare * bytes.length)) return bytes;
    const place = integer(entropy, 0, bytes.length - 1);
    return bytes.map((byte, at) => (at === place ? byte ^ 0x04 : byte));
  };
  return {
    open: (handlers) =>
      link.open({ ...handlers, onBytes: (chunk) => handlers.onBytes(damaged(chunk)) }),
    write: (bytes) => link.write(damaged(bytes)),
    close: () => link.close(),
  };
}

const osipPlant: OsipPlant = {
  controller: "SPS03",
  agent: "MFC__",
  format: { length: 160, lengthCounts: "body" },
  eyes: {
    induction: "EYE01",
    "xray-entry": "EYE02",
    "pre-red": "EYE03",
    "red-chute": "EYE04",
    "pre-green": "EYE05",
    "green-chute": "EYE06",
    end: "EYE07",
  },
  inputs: {},
  guards: {},
  chutes: { green: "CHUTE1", red: "CHUTE2", inspection: "CHUTE3" },
  reset: "RESET",
};

const osipDialect = {
  kind: "osip",
  self: osipPlant.agent,
  controller: osipPlant.controller,
  ...osipPlant.format,
  counts: "barcode",
  orders: "group",
  sessions: "error",
  locations: {
    eyes: Object.fromEntries(
      Object.entries(osipPlant.eyes).map(([eyeId, location]) => [location, eyeId]),
    ),
    chutes: osipPlant.chutes,
    reset: osipPlant.reset,
    induction: "INDUCT",
  },
};
