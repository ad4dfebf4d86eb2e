/** A message that comes in pieces, one behind the other. */
export interface Pieces<Head> {
  /** Another message begins; what the one before lacks is told, or null. */
  begin(head: Head, itemSequence: number, totalBytes: number): string | null;
  add(itemSequence: number, fromByte: number, bytes: Uint8Array): PieceTaken<Head>;
  /** No more will come: why what has begun is no message, or null where nothing has. */
  cut(): string | null;
}

export type PieceTaken<Head> =
  | { readonly kind: "more" }
  | { readonly kind: "whole"; readonly head: Head; readonly bytes: Uint8Array }
  /** Nothing of the message is left, and the pieces behind this one belong to nothing. */
  | { readonly kind: "broken"; readonly why: string };

interface Open<Head> {
  readonly head: Head;
  readonly itemSequence: number;
  readonly bytes: Uint8Array;
  filledBytes: number;
}

/** One message at a time, of the length that it began with. */
export function createPieces<Head>(): Pieces<Head> {
  let open: Open<Head> | null = null;

  const cut = (): string | null => {
    if (open === null) return null;
    const { itemSequence, bytes, filledBytes } = open;
    open = null;
    return `picture of item ${itemSequence} was cut after ${filledBytes} of ${bytes.length} bytes`;
  };

  return {
    cut,
    begin(head, itemSequence, totalBytes) {
      const why = cut();
      open = { head, itemSequence, bytes: new Uint8Array(totalBytes), filledBytes: 0 };
      return why;
    },
    add(itemSequence, fromByte, bytes) {
      const broken = (why: string): PieceTaken<Head> => {
        open = null;
        return {
          kind: "broken",
          why: `piece of item ${itemSequence} from byte ${fromByte} ${why}`,
        };
      };
      if (open === null) return broken("without its beginning");
      const isNext = open.itemSequence === itemSequence && open.filledBytes === fromByte;
      if (!isNext || bytes.length === 0 || fromByte + bytes.length > open.bytes.length) {
        return broken("does not follow the one before");
      }
      open.bytes.set(bytes, fromByte);
      open.filledBytes += bytes.length;
      if (open.filledBytes < open.bytes.length) return { kind: "more" };
      const { head, bytes: whole } = open;
      open = null;
      return { kind: "whole", head, bytes: whole };
    },
  };
}
