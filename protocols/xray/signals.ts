import { z } from "zod";
import type { DeviceReasonCode } from "../device-reasons.ts";
import {
  isActiveLow,
  placed,
  scale,
  times,
  zPollMs,
  type PlaceKeys,
  type Shape,
} from "../mapped-keys.ts";
import { modbusDeviceKeys, modbusKeys } from "../modbus-places.ts";
import { opcuaKeys, zMapNamespace } from "../opcua-places.ts";
import type { AlgorithmVerdict } from "../verdicts.ts";

/** Why a machine's word, or that there is none, clears nobody. */
export const noClearances = [
  "signalNotOneBit",
  "signalUnsteady",
  "signalMissed",
  "signalOtherNumber",
  "signalOutOfStep",
  "signalsUnread",
  "heartbeatStands",
  "emergencyStopped",
  "machineFault",
  "machineNotReady",
  "beamOff",
  "connectionLost",
] as const satisfies readonly DeviceReasonCode[];
export type NoClearance = (typeof noClearances)[number];

/** The word on an item, of a machine that sends no images: it has signals and nothing else. */
export interface XraySignal {
  /** Announced under the number that came back; null: nobody was. */
  readonly passId: string | null;
  readonly itemSequence: number;
  readonly verdict: AlgorithmVerdict;
  /** Why it is `unknown`; null of any other. */
  readonly why: NoClearance | null;
}

const flag = <Place extends Shape>(place: Place, says: string) => placed(place, {}, says);

/** Energised is good: a broken wire must not look like a machine that is well. */
const zMachine = <Flag extends Shape>(place: Flag) =>
  z
    .strictObject({
      ready: flag(place, "Whether the machine scans."),
      beamOn: flag(place, "Whether the X-ray is on."),
      fault: placed(place, isActiveLow, "Whether the machine reports a fault."),
      emergencyStop: placed(place, isActiveLow, "Whether its emergency stop is active."),
      heartbeat: flag(place, "A bit that changes at least every 500 ms while the machine runs."),
    })
    .describe("What the machine says of itself.");

const zEntry = <Value extends Shape>(value: Value) =>
  z
    .strictObject({
      times: placed(
        value,
        times,
        "How many items have entered, since the start; grows after the rest is latched.",
      ),
      track: placed(value, {}, "The number that the machine took for that item; 0: it had none."),
      length: placed(value, scale, "How long that item is; times `scale` in mm."),
    })
    .describe("The last item, latched when its rear has entered.");

const zVerdict = <Value extends Shape, Flag extends Shape>(value: Value, place: Flag) =>
  z
    .strictObject({
      times: placed(
        value,
        times,
        "How many verdicts there were, since the same start; grows after the rest is latched.",
      ),
      track: placed(
        value,
        {},
        "The number of the item that it is on, as the machine gives it back.",
      ),
      clear: flag(place, "Whether the machine found nothing. Never active low."),
      suspect: flag(place, "Whether it found something. Never active low."),
    })
    .describe("The last verdict, latched at its strobe.");

const zAnnounce = <Value extends Shape>(value: Value) =>
  z
    .strictObject({
      track: placed(
        value,
        { bits: z.literal([16, 32]).describe("Numbers stay positive in so many bits.") },
        "Written first: the number of the parcel that enters next.",
      ),
      times: placed(value, {}, "Written behind it: how many were announced. Positive in 16 bits."),
    })
    .describe("What the machine is told.");

/**
 * The keys of a map of an X-ray machine's signals, as its engineer has placed them. What the
 * controller has to do with them is on the page of `edge/devices/xray`.
 */
function signalFields<
  Value extends Shape,
  Flag extends Shape,
  Toggle extends Shape,
  List extends Shape,
>({ value, flag: place }: PlaceKeys<Value, Flag, Toggle, List>) {
  return {
    pollMs: zPollMs,
    boot: placed(value, {}, "A word that differs after each start of the controller.").optional(),
    machine: zMachine(place),
    entry: zEntry(value),
    verdict: zVerdict(value, place),
    announce: zAnnounce(value),
  };
}

/** The n-th verdict is on the n-th item: both numbers begin anew at the same time. */
const isOneWidth = ({
  entry,
  verdict,
}: {
  readonly entry: { readonly times: { readonly bits: number } };
  readonly verdict: { readonly times: { readonly bits: number } };
}): boolean => entry.times.bits === verdict.times.bits;
const otherWidth = {
  path: ["verdict", "times", "bits"],
  message: "must be that of entry.times: the n-th verdict is on the n-th item",
};

/** An X-ray machine behind plain OPC UA variables. */
export const zSignals = z
  .strictObject({
    kind: z
      .literal("signals")
      .describe("Discrete signals, as variables of an OPC UA server. No image comes with them."),
    namespaceUri: zMapNamespace,
    ...signalFields(opcuaKeys),
  })
  .refine(isOneWidth, otherWidth);
export type Signals = z.infer<typeof zSignals>;

/** The same behind registers and coils. */
export const zSignalsModbus = z
  .strictObject({
    kind: z
      .literal("signals-modbus")
      .describe("Discrete signals, as registers and coils. No image comes with them."),
    ...modbusDeviceKeys,
    ...signalFields(modbusKeys),
  })
  .refine(isOneWidth, otherWidth);
export type SignalsModbus = z.infer<typeof zSignalsModbus>;
