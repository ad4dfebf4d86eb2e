/**
 * How a pass is named: its line, the session of its line and its number there, from 1, in the order
 * in which parcels came. So whoever knows the newest session of a line and the highest number told
 * in it can place any pass of the line, without a list of those that are over.
 */
interface PassName {
  readonly lineId: string;
  readonly epoch: string;
  readonly number: number;
}

export const passIdOf = ({ lineId, epoch, number }: PassName): string =>
  `${lineId}-${epoch}-${number}`;

/** Fifteen digits are counted exactly. */
const passNumber = /^[1-9]\d{0,14}$/;

/** Null for what no session of this line would call a pass. */
export function readPassId(passId: string, lineId: string): PassName | null {
  const head = `${lineId}-`;
  const at = passId.lastIndexOf("-");
  if (!passId.startsWith(head) || at <= head.length) return null;
  const digits = passId.slice(at + 1);
  if (!passNumber.test(digits)) return null;
  return { lineId, epoch: passId.slice(head.length, at), number: Number(digits) };
}

/** A session's name: the second in which it began, so that people can order them, and chance. */
export const epochOf = (secondsSince1970: number, chanceHex: string): string =>
  `${secondsSince1970.toString(36)}${chanceHex}`;

/** Until 2038 the seconds take six characters. */
const datedEpoch = /^([0-9a-z]{6})[0-9a-f]{8}$/;

/**
 * Whether this session says that it began before the other. That is a calendar's word, which may be
 * wrong: it may refuse, and never permit.
 */
export function isEarlierEpoch(epoch: string, than: string): boolean {
  const [, own] = datedEpoch.exec(epoch) ?? [];
  const [, others] = datedEpoch.exec(than) ?? [];
  return own !== undefined && others !== undefined && own < others;
}
