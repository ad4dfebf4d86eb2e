import { z } from "zod";
import type { OpcuaMethod } from "../opcua-methods.ts";
import { zId } from "../sorting.ts";
import { xrayImageBytesMax } from "./xray-image.ts";
import { zXrayAnnounce } from "./xray.ts";

/**
 * The X-ray dialect as an OPC UA address space (our own, for the lab and for integrators; law 9).
 *
 * One server may hold many machines: below `Objects/Xrays` one object each, with node id
 * `s={xrayId}` in the namespace below. The object raises events of type `XrayEventType`, numbered by
 * `Seq` from 1 within `Epoch`, which is another one after each start of the machine. `Topic` says
 * what `Payload` is: `life`, `item` and `verdict` as over MQTT (`xray.ts`), `left`, or `image`. An
 * image is the message of `xray-image.ts`, in pieces of at most 16,384 bytes, each in the `Piece` of
 * an event of its own; of all other events that is null.
 *
 * The methods answer with one word: `taken`, `staleEpoch`, or `invalid`. `Life` is called at least
 * every 500 ms; a machine that has not heard it for 1,500 ms forgets what was announced. `Received`
 * says up to which number all has come: a machine is at most 8 pieces ahead of it, and gives an
 * image up that waits for it for a second.
 */
export const xrayNamespaceUri = "urn:sortline:xray";
export const xrayFolderName = "Xrays";
export const xrayEventTypeName = "XrayEventType";
export const xrayEventFields = {
  epoch: "Epoch",
  seq: "Seq",
  topic: "Topic",
  payload: "Payload",
  piece: "Piece",
} as const;

export const xrayPieceBytesMax = 16_384;
export const xrayPiecesAheadMax = 8;

/** What a machine is told, as its methods' arguments. */
export const zXrayOrder = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("announce"), epoch: zId, ...zXrayAnnounce.shape }),
  z.strictObject({ kind: z.literal("received"), epoch: zId, seq: z.number().int().min(1) }),
  z.strictObject({ kind: z.literal("life"), epoch: zId }),
]);
export type XrayOrder = z.infer<typeof zXrayOrder>;

export type XrayOrderAnswer = "taken" | "staleEpoch" | "invalid";

const epochInput = { name: "Epoch", field: "epoch", type: "String" } as const;

export const xrayMethods: readonly OpcuaMethod<XrayOrder["kind"]>[] = [
  {
    name: "Announce",
    kind: "announce",
    inputs: [
      epochInput,
      { name: "PassId", field: "passId", type: "String" },
      { name: "EntryFromCount", field: "entryFromCount", type: "Double" },
      { name: "EntryToCount", field: "entryToCount", type: "Double" },
      { name: "LengthMm", field: "lengthMm", type: "Double" },
    ],
  },
  {
    name: "Received",
    kind: "received",
    inputs: [epochInput, { name: "Seq", field: "seq", type: "Double" }],
  },
  { name: "Life", kind: "life", inputs: [epochInput] },
];

/** Node ids within the namespace. Ids of machines hold no character that would need quoting. */
export const xrayObjectNodeName = (xrayId: string): string => xrayId;
export const xrayMethodNodeName = (xrayId: string, method: string): string => `${xrayId}/${method}`;

/** Payload of an `image` event: where in the image message its piece belongs. */
export const zXrayPiece = z.strictObject({
  itemSequence: z.number().int().min(1),
  fromByte: z.number().int().min(0).max(xrayImageBytesMax),
  totalBytes: z.number().int().min(1).max(xrayImageBytesMax),
});
