import type { Reach, SerialReach } from "../../reach.ts";
import type { ModbusFraming } from "./framing.ts";
import { createRtuFraming, type RtuCharacters } from "./rtu-framing.ts";
import { createTcpFraming } from "./tcp-framing.ts";

/** Whom a map asks, and how. */
export interface ModbusAsked {
  readonly unitId: number;
  readonly framing?: "tcp" | "rtu" | undefined;
}

export const framingKindOf = ({ framing }: ModbusAsked, reach: Reach) =>
  framing ?? (reach.kind === "serial" ? "rtu" : "tcp");

export function framingOf(asked: ModbusAsked, reach: Reach): ModbusFraming {
  const { unitId } = asked;
  if (framingKindOf(asked, reach) === "tcp") return createTcpFraming(unitId);
  const characters = reach.kind === "serial" ? charactersOf(reach) : networkCharacters;
  return createRtuFraming({ unitId, characters });
}

/** What a character is on that line: one start bit, its own, parity if there is any, stop. */
export const charactersOf = ({
  baudRate,
  dataBits,
  parity,
  stopBits,
}: SerialReach): RtuCharacters => ({
  baudRate,
  bits: 1 + dataBits + Number(parity !== "none") + stopBits,
});
/** Behind a serial server nobody knows; it keeps the line's silences by itself. */
const networkCharacters: RtuCharacters = { baudRate: 115_200, bits: 11 };

interface ReachMisfit {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * What Modbus asks of its line (Modbus over Serial Line V1.02, 2.2 and 2.5.1); the keys are those of a
 * device, whose dialect is the map.
 */
export function modbusReachMisfits(asked: ModbusAsked, reach: Reach): ReachMisfit[] {
  const misfits: ReachMisfit[] = [];
  const isRtu = framingKindOf(asked, reach) === "rtu";
  if (isRtu && (asked.unitId < 1 || asked.unitId > 247)) {
    misfits.push({ path: ["dialect", "unitId"], message: "must be 1 to 247 in rtu" });
  }
  if ("isoTcp" in reach && reach.isoTcp !== undefined) {
    const message =
      "Modbus has a head of its own on TCP, and no controller speaks it within ISO transport: leave it out";
    misfits.push({ path: ["reach", "isoTcp"], message });
  }
  if (reach.kind !== "serial") return misfits;
  if (!isRtu) {
    const message = "a serial line carries rtu";
    misfits.push({ path: ["dialect", "framing"], message });
  }
  if (reach.dataBits !== 8) {
    misfits.push({ path: ["reach", "dataBits"], message: "must be 8 for Modbus RTU" });
  }
  return misfits;
}
