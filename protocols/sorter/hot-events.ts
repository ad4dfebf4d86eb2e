import { isId } from "../sorting.ts";
import { isBeltCount } from "../units.ts";
import { beltSpeedMmPerSMax, type SorterEvent } from "./sorter.ts";

/**
 * The two events that are nearly all of what a sorter tells, hundreds a second of a busy agent,
 * recognised without a walk through their schema. What comes back is what `zSorterEvent` would make
 * of the same JSON, and null wherever that is not sure: the schema then has the word, and names the
 * field that is wrong. A property test holds both against each other.
 */
export function hotEventOf(json: unknown): SorterEvent | null {
  if (typeof json !== "object" || json === null) return null;
  const event = json as Readonly<Record<string, unknown>>;
  if (!isId(event["epoch"]) || !isNumber(event["seq"]) || !isBeltCount(event["count"])) return null;
  const isHot =
    event["kind"] === "eye" ? isEye(event) : event["kind"] === "belt" ? isBelt(event) : false;
  return isHot ? (event as SorterEvent) : null;
}

type Fields = Readonly<Record<string, unknown>>;

const isEye = (event: Fields): boolean =>
  isId(event["eyeId"]) &&
  typeof event["isBlocked"] === "boolean" &&
  Object.keys(event).length === eyeFieldsTotal + (isNumber(event["track"]) ? 1 : 0);

const isBelt = (event: Fields): boolean =>
  isSpeed(event["speedMmPerS"]) &&
  typeof event["isRunning"] === "boolean" &&
  typeof event["emergencyStop"] === "boolean" &&
  Object.keys(event).length === beltFieldsTotal;

/** No field beyond the ones that were looked at: kind, epoch, seq and count, and its own; no track. */
const eyeFieldsTotal = 6;
const beltFieldsTotal = 7;

/** Of an event in its session, or of a parcel at a device that numbers them. */
const isNumber = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const isSpeed = (value: unknown): boolean =>
  typeof value === "number" && value >= 0 && value <= beltSpeedMmPerSMax;
