import { messageBytesMax } from "../../../protocols/ceb/envelope.ts";
import { packedBody, type BodyCame } from "./bodies.ts";
import { unpack } from "./unpack.ts";

/** A customs message's body, and what is wrong with how it came. */
interface ReadableBody {
  /** Why the message is refused, whatever it says; null when it is read as it came. */
  readonly problem: BodyCame["problem"];
  /** What it says, as far as it can be told. */
  readonly readable: Uint8Array;
  /** False when part of it is not looked at. */
  readonly isWhole: boolean;
}

/** A body that is not to be read as it came is looked at all the same: customs' receipts are doubt. */
export async function asReadable(body: Uint8Array, came: BodyCame): Promise<ReadableBody> {
  const { bytes, isWhole, packing } = await unpack(body, came.coding, messageBytesMax);
  return {
    problem: came.problem ?? (packing === null ? null : packedBody(packing)),
    readable: bytes,
    isWhole: isWhole && !came.isCutOff && body.length <= messageBytesMax,
  };
}
