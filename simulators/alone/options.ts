import {
  createCommandLine,
  numberOption,
  seedOption,
  textOption,
  wholeOption,
  flagOption,
  type Help,
  type Refusal,
} from "../../protocols/command-line.ts";
import { tsapOf, tsapPattern, type Tsaps } from "../../protocols/iso-tcp.ts";
import { scannerPresetNames, type ScannerPresetName } from "../../protocols/scanner/presets.ts";
import { beltPortDefault } from "./belt-messages.ts";
import { annunciatorWords } from "./annunciator-words.ts";
import { scaleDialects, scaleFaultWords, type ScaleDialect } from "./scale-alone.ts";
import { certificateKinds, type CertificateKind } from "./served-as.ts";

export const usage = `One simulated device by itself, on a real wire: to try an agent's configuration, or a line of several
processes that are started and killed one by one.

  npm run simulate -- sorter   (--opcua PORT | --mqtt URL --base TOPIC | --serial PATH | --tcp PORT |
                               --call HOST:PORT) [--id ID] [--centre URL]
  npm run simulate -- plc-map  --map FILE (--opcua PORT | --tcp PORT | --serial PATH | --call HOST:PORT)
                               [--id ID] [--centre URL]
  npm run simulate -- scanner  (--serial PATH | --tcp PORT | --call HOST:PORT | --mqtt URL --base TOPIC)
                               [--preset NAME] [--plain] [--typed]
  npm run simulate -- scale    (--serial PATH | --tcp PORT | --call HOST:PORT) [--dialect NAME] [--plain]
                               [--typed]
  npm run simulate -- xray     (--opcua PORT | --mqtt URL --base TOPIC | --serial PATH | --tcp PORT |
                               --call HOST:PORT | --folder PATH) [--id ID] [--map FILE]
  npm run simulate -- camera   (--http PORT | --folder PATH) [--user NAME:PASSWORD] [--typed]
  npm run simulate -- annunciator  (--mqtt URL --base TOPIC | --opcua PORT | --tcp PORT | --serial PATH |
                               --call HOST:PORT) [--map FILE] [--id ID]

The sorter has the belt with it: parcels come when the agent permits it, and the other processes are
told at --belt what reaches their device. On a serial line or over TCP sorter and X-ray speak our
telegrams. Whoever is killed and started again goes on by itself.

plc-map is such a sorter behind a controller with plain variables or registers, programmed after the
map that the agent reads: FILE is the agent's configuration, and then the belt is that of its line; or
the sorter out of it, or its dialect alone, on the default belt. An X-ray with --map has discrete
signals, where the dialect signals or signals-modbus of such a file has them. A map that cannot be
served is refused by its keys.

A camera sees the parcels at the scanner, or what is typed. Over --http it answers with what it sees at
/still; with --folder it puts a still of each into PATH by itself.

An annunciator prints what its horn and lamps show, and is typed to: ${annunciatorWords.join(", ")}. With
--map it is told in the JSON of json-map, or by the outputs of a controller.

  --opcua     the port of its OPC UA server; 0 takes any free one
  --secure    the server signs and encrypts with Basic256Sha256, and speaks to nobody else
  --certificate  what it shows: ${certificateKinds.join(", ")}  (default good)
  --certificates a folder that keeps its key and certificate; without it they are new at each start
  --user      NAME:PASSWORD: whom a secured server or a camera lets in, or who the device is at the broker
  --ca        a file: who signs the certificate of a broker at mqtts://
  --id        the device's id at that server  (default L1-sorter, L1-xray); with --map: which device of
              the configuration, where several have a map
  --map       where each variable is: dialect plc-map, signals or outputs, over --opcua; those with
              -modbus over --tcp, --serial and --call; json-map of an annunciator over --mqtt
  --mqtt      URL of a broker, with --base, the topic that its own begin with
  --serial    the device is at the other end of this path, which is made here
  --tcp       the device listens at this port of 127.0.0.1
  --call      the device calls there
  --iso-tcp   CALLING:CALLED, with --tcp or --call: ISO transport (RFC 1006) between both of these TSAPs
  --folder    an X-ray puts DICOS files into PATH/from, and is told in PATH/to what comes next
  --http      the port of 127.0.0.1 at which a camera answers; 0 takes any free one
  --preset    a scanner's frames  (default sick)
  --dialect   how a scale speaks: ${scaleDialects.join(", ")}  (default frames)
  --plain     without tokens and tests: nothing in a telegram says whose it is
  --typed     no belt: each line that is typed is one read, codes apart by blanks, or one load on a scale:
              its grams, and for what measures too its length, width and height in millimetres; of a scale
              also a fault (${scaleFaultWords.join(", ")}), and well, which ends them
  --centre    where the parcels' papers are sent, such as http://127.0.0.1:8080; left out: nowhere
  --belt      the port of 127.0.0.1 between these processes  (default ${beltPortDefault})
  --speed     0.25 to 4: how much faster than real time the belt is; the agent's configuration has
              the belt's speed times this  (default 1)
  --seed      reproduces parcels and faults  (default 1)
  --run       other parcels on the same centre  (default: another one each minute)

Prints JSON lines: {"kind":"ready",...}, then what happens.
Exit codes: 0 stopped by a signal, 1 could not start, 2 bad arguments.`;

const commandLine = createCommandLine({
  name: "simulate",
  usage,
  wordsMax: 1,
  options: {
    opcua: wholeOption(0, 65_535),
    secure: flagOption,
    certificate: textOption(certificateKinds.join(", ")),
    certificates: textOption("a folder"),
    user: textOption("NAME:PASSWORD"),
    ca: textOption("a file"),
    mqtt: textOption("a broker's URL"),
    base: textOption("a topic"),
    serial: textOption("a path"),
    tcp: wholeOption(0, 65_535),
    call: textOption("HOST:PORT"),
    "iso-tcp": textOption("CALLING:CALLED"),
    folder: textOption("a path"),
    http: wholeOption(0, 65_535),
    id: textOption("the device's id"),
    map: textOption("a file"),
    preset: textOption(scannerPresetNames.join(", ")),
    dialect: textOption(scaleDialects.join(", ")),
    plain: flagOption,
    typed: flagOption,
    centre: textOption("the centre's URL"),
    belt: wholeOption(1, 65_535),
    speed: numberOption(0.25, 4),
    seed: seedOption,
    run: wholeOption(1, 1_000_000),
  },
});

export const deviceKinds = [
  "sorter",
  "plc-map",
  "scanner",
  "scale",
  "xray",
  "annunciator",
  "camera",
] as const;
export type DeviceAlone = (typeof deviceKinds)[number];

/** How the device's end is reached. */
export type AloneWire =
  | { readonly kind: "opcua"; readonly port: number }
  | { readonly kind: "mqtt"; readonly brokerUrl: string; readonly base: string }
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp"; readonly port: number; readonly isoTcp: Tsaps | null }
  | {
      readonly kind: "call";
      readonly host: string;
      readonly port: number;
      readonly isoTcp: Tsaps | null;
    }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "http"; readonly port: number };

export interface AloneOptions {
  readonly device: DeviceAlone;
  readonly wire: AloneWire;
  /** Of its OPC UA server. */
  readonly isSecure: boolean;
  readonly certificate: CertificateKind;
  /** Null: a folder for this start. */
  readonly certificatesFolder: string | null;
  readonly user: NamedUser | null;
  /** Of the broker's certificate. */
  readonly caFile: string | null;
  readonly id: string;
  /** What a controller with plain variables is laid out by; null: it is none. */
  readonly map: { readonly path: string; readonly id: string | null } | null;
  readonly preset: ScannerPresetName;
  /** Of a scale. */
  readonly dialect: ScaleDialect;
  readonly isPlain: boolean;
  readonly isTyped: boolean;
  readonly centreUrl: string | null;
  readonly beltPort: number;
  /** World milliseconds a millisecond. */
  readonly speed: number;
  readonly seed: number;
  /** Null: whoever starts it takes another one each time. */
  readonly run: number | null;
}

const wiresOf: Readonly<Record<DeviceAlone, readonly AloneWire["kind"][]>> = {
  sorter: ["opcua", "mqtt", "serial", "tcp", "call"],
  "plc-map": ["opcua", "tcp", "serial", "call"],
  scanner: ["serial", "tcp", "call", "mqtt"],
  scale: ["serial", "tcp", "call"],
  xray: ["opcua", "mqtt", "serial", "tcp", "call", "folder"],
  annunciator: ["mqtt", "opcua", "tcp", "serial", "call"],
  camera: ["http", "folder"],
};

export type AloneRead =
  | { readonly kind: "options"; readonly options: AloneOptions }
  | Help
  | Refusal;

export function readAloneOptions(args: readonly string[]): AloneRead {
  const read = commandLine.read(args);
  if (read.kind !== "read") return read;
  const { values, words } = read;
  const device = deviceKinds.find((kind) => kind === words[0]);
  if (device === undefined) {
    const named = words[0] === undefined ? "a device is wanted" : `${words[0]}: no such device`;
    return commandLine.refuse(`${named}: ${deviceKinds.join(", ")}`);
  }
  const wires = wiresIn(values);
  if (typeof wires === "string") return commandLine.refuse(wires);
  const [wire, second] = wires;
  if (wire === undefined || second !== undefined || !wiresOf[device].includes(wire.kind)) {
    const known = wiresOf[device].map((kind) => `--${kind}`).join(", ");
    return commandLine.refuse(`${device}: exactly one of ${known} is wanted`);
  }
  const { map: mapPath } = values;
  if (mapPath === undefined && device === "plc-map") {
    return commandLine.refuse("plc-map: --map FILE is wanted");
  }
  const takesMap = device === "plc-map" || device === "xray" || device === "annunciator";
  if (mapPath !== undefined && !takesMap) {
    return commandLine.refuse("--map: only of plc-map, xray and annunciator");
  }
  if (mapPath === undefined && device === "annunciator" && wire.kind !== "mqtt") {
    return commandLine.refuse(`annunciator: --map FILE is wanted with --${wire.kind}`);
  }
  const carriesNoMap = wire.kind === "folder" || (wire.kind === "mqtt" && device !== "annunciator");
  if (mapPath !== undefined && carriesNoMap) {
    return commandLine.refuse(`--map: not with --${wire.kind}`);
  }
  if (mapPath !== undefined && values["iso-tcp"] !== undefined) {
    return commandLine.refuse("--iso-tcp: not with --map: Modbus has a head of its own on TCP");
  }
  const secured = securityIn(values, wire.kind);
  if (typeof secured === "string") return commandLine.refuse(secured);
  const preset = scannerPresetNames.find((name) => name === (values.preset ?? "sick"));
  if (preset === undefined) {
    return commandLine.refuse(`--preset: ${values.preset ?? ""} is not known`);
  }
  const dialect = scaleDialects.find((name) => name === (values.dialect ?? "frames"));
  if (dialect === undefined) {
    return commandLine.refuse(`--dialect: ${values.dialect ?? ""} is not known`);
  }
  if (values.dialect !== undefined && device !== "scale") {
    return commandLine.refuse("--dialect: only of scale");
  }
  if (values.centre !== undefined && !URL.canParse(values.centre)) {
    return commandLine.refuse(`--centre: ${values.centre} is no URL`);
  }
  return {
    kind: "options",
    options: {
      device,
      wire,
      ...secured,
      id: values.id ?? `L1-${device}`,
      map: mapPath === undefined ? null : { path: mapPath, id: values.id ?? null },
      preset,
      dialect,
      isPlain: values.plain,
      isTyped: values.typed || device === "annunciator",
      centreUrl: values.centre ?? null,
      beltPort: values.belt ?? beltPortDefault,
      speed: values.speed ?? 1,
      seed: values.seed ?? 1,
      run: values.run ?? null,
    },
  };
}

export interface NamedUser {
  readonly name: string;
  readonly password: string;
}

interface SecurityValues {
  readonly secure: boolean;
  readonly certificate: string | undefined;
  readonly certificates: string | undefined;
  readonly user: string | undefined;
  readonly ca: string | undefined;
}

/** A sentence where an option is of no use on this wire, or unknown. */
function securityIn(
  { secure, certificate: named = "good", certificates, user, ca }: SecurityValues,
  wire: AloneWire["kind"],
):
  | Pick<AloneOptions, "isSecure" | "certificate" | "certificatesFolder" | "user" | "caFile">
  | string {
  if (secure && wire !== "opcua") return "--secure: only with --opcua";
  const certificate = certificateKinds.find((kind) => kind === named);
  if (certificate === undefined) return `--certificate: ${named} is not known`;
  if (certificate !== "good" && !secure) return "--certificate: only with --secure";
  if (ca !== undefined && wire !== "mqtt") return "--ca: only with --mqtt";
  if (user !== undefined && !secure && wire !== "mqtt" && wire !== "http")
    return "--user: only with --secure, --mqtt or --http";
  const parts = user === undefined ? null : /^([^:]+):(.+)$/s.exec(user);
  if (user !== undefined && parts === null) return "--user: NAME:PASSWORD is wanted";
  return {
    isSecure: secure,
    certificate,
    certificatesFolder: certificates ?? null,
    user: parts === null ? null : { name: parts[1] ?? "", password: parts[2] ?? "" },
    caFile: ca ?? null,
  };
}

interface WireValues {
  readonly opcua: number | undefined;
  readonly mqtt: string | undefined;
  readonly base: string | undefined;
  readonly serial: string | undefined;
  readonly tcp: number | undefined;
  readonly call: string | undefined;
  readonly "iso-tcp": string | undefined;
  readonly folder: string | undefined;
  readonly http: number | undefined;
}

/** All that were given; a sentence where one is half given. */
function wiresIn(values: WireValues): AloneWire[] | string {
  const { opcua, mqtt, base, serial, tcp, call, folder, http } = values;
  const wires: AloneWire[] = [];
  const isoTcp = tsapsIn(values["iso-tcp"]);
  if (typeof isoTcp === "string") return isoTcp;
  if (isoTcp !== null && tcp === undefined && call === undefined) {
    return "--iso-tcp: only with --tcp or --call";
  }
  if (opcua !== undefined) wires.push({ kind: "opcua", port: opcua });
  if (serial !== undefined) wires.push({ kind: "serial", path: serial });
  if (folder !== undefined) wires.push({ kind: "folder", path: folder });
  if (http !== undefined) wires.push({ kind: "http", port: http });
  if (tcp !== undefined) wires.push({ kind: "tcp", port: tcp, isoTcp });
  if ((mqtt === undefined) !== (base === undefined)) return "--mqtt and --base go together";
  if (mqtt !== undefined && base !== undefined) {
    if (!/^(?:mqtts?|wss?):\/\//.test(mqtt)) return `--mqtt: ${mqtt} is no broker's URL`;
    wires.push({ kind: "mqtt", brokerUrl: mqtt, base });
  }
  if (call !== undefined) {
    const found = /^(.+):(\d{1,5})$/.exec(call);
    if (found === null || Number(found[2]) > 65_535) return `--call: ${call} is not HOST:PORT`;
    wires.push({ kind: "call", host: found[1] ?? "", port: Number(found[2]), isoTcp });
  }
  return wires;
}

/** Null where none were given; a sentence where they are none. */
function tsapsIn(text: string | undefined): Tsaps | string | null {
  if (text === undefined) return null;
  const [calling = "", called = "", ...more] = text.split(":");
  const isEach = [calling, called].every((tsap) => tsapPattern.test(tsap));
  if (!isEach || more.length > 0)
    return `--iso-tcp: ${text} is not CALLING:CALLED, such as 02.01:02.02`;
  return { calling: tsapOf(calling), called: tsapOf(called) };
}
