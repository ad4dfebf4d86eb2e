import type { Clock } from "../../protocols/time.ts";
import type { ByteLink, MessageBus } from "../../protocols/transport.ts";
import type { FaultSwitch } from "../faults/faults.ts";
import { createSorterMqttWire } from "../devices/sorter/mqtt-wire.ts";
import type { SorterWire } from "../devices/sorter/wire.ts";
import { createXrayTelegramWire } from "../devices/xray/telegram-wire.ts";
import { createSeededEntropy } from "../world/chance.ts";
import { createMemoryBroker } from "../wires/memory-bus.ts";
import { createMemoryWire } from "../wires/memory-byte-link.ts";
import type { LineWires } from "./lab-line-options.ts";

/** The agent's ends of one line's wires. */
interface AgentEnds {
  readonly scanner: ByteLink;
  readonly witness: ByteLink;
  readonly scale: ByteLink;
  readonly xray: MessageBus;
  readonly xrayBase: string;
  /** Of an X-ray that speaks telegrams. */
  readonly xrayLine: ByteLink;
  readonly sorter: MessageBus;
  readonly sorterBase: string;
  /** Where the sorter speaks on a line of its own, and not through the broker. */
  readonly sorterLine: ByteLink | null;
}

/** The wires of one line in memory, for virtual time: the same bytes as on real ones. */
export interface MemoryLineWires {
  readonly devices: LineWires & {
    readonly switches: Readonly<
      Record<"scannerWireCut" | "scaleWireCut" | "brokerDown", FaultSwitch>
    >;
  };
  readonly agent: AgentEnds;
}

export interface MemoryWiresOptions {
  readonly clock: Clock;
  readonly lineId: string;
  /** Time a frame or message takes, drawn anew for each. Default 0. */
  readonly latencyMs?: () => number;
  /** How many bytes of a serial line arrive together. Default: as written. */
  readonly chunkBytes?: () => number;
  /** How the sorter speaks on a serial line of its own. Default: through the broker. */
  readonly openSorter?: (link: ByteLink) => SorterWire;
  /** Default: messages. */
  readonly xraySpeech?: XraySpeech;
}

export type XraySpeech = "messages" | "telegrams";

export function openMemoryWires(options: MemoryWiresOptions): MemoryLineWires {
  const { clock, lineId, latencyMs = () => 0, xraySpeech = "messages" } = options;
  const serial = () =>
    createMemoryWire({
      clock,
      latencyMs,
      ...(options.chunkBytes === undefined ? {} : { chunkBytes: options.chunkBytes }),
    });
  const scanner = serial();
  const witness = serial();
  const scale = serial();
  const sorterLine = options.openSorter === undefined ? null : serial();
  const xray = serial();
  const broker = createMemoryBroker({ clock, latencyMs });
  const xrayBase = `${lineId}/xray`;
  const sorterBase = `${lineId}/sorter`;
  return {
    devices: {
      scanner: scanner.a,
      witness: witness.a,
      scale: scale.a,
      xray: { bus: broker.connect(), base: xrayBase },
      ...(xraySpeech === "messages"
        ? {}
        : {
            xrayWire: createXrayTelegramWire({
              link: xray.a,
              clock,
              entropy: createSeededEntropy(0, `sessions of ${xrayBase}`),
            }),
          }),
      sorter:
        options.openSorter === undefined || sorterLine === null
          ? createSorterMqttWire(broker.connect(), sorterBase)
          : options.openSorter(sorterLine.a),
      switches: {
        scannerWireCut: (isCut) => (isCut ? scanner.cut("cut") : scanner.restore()),
        scaleWireCut: (isCut) => (isCut ? scale.cut("cut") : scale.restore()),
        // Whatever lies between the X-ray and its line.
        brokerDown: (isDown) => {
          if (isDown) {
            broker.stop("down");
            xray.cut("cut");
          } else {
            broker.start();
            xray.restore();
          }
        },
      },
    },
    agent: {
      scanner: scanner.b,
      witness: witness.b,
      scale: scale.b,
      xray: broker.connect(),
      xrayBase,
      xrayLine: xray.b,
      sorter: broker.connect(),
      sorterBase,
      sorterLine: sorterLine?.b ?? null,
    },
  };
}
