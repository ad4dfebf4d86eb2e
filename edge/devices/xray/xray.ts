import type { DeviceReason } from "../../../protocols/device-reasons.ts";
import type { XraySignal } from "../../../protocols/xray/signals.ts";
import type { XrayAnnounce, XrayItem, XrayVerdict } from "../../../protocols/xray/xray.ts";
import type { Sending } from "../../../protocols/transport.ts";
import type { BeltCount } from "../../../protocols/units.ts";
import type { DevicePort } from "../port.ts";

/**
 * An X-ray machine with an algorithm behind it. Told of each pass before it reaches the tunnel,
 * it returns an item, an image of two energies and a verdict, each with its own item sequence
 * (law 9). The driver checks bytes and shapes; binding them to a pass is the core's.
 */
export interface XrayPort extends DevicePort<XrayEvent> {
  /** A pass whose announcement was not sent stays unannounced, and its image unbound. */
  announce(announcement: XrayAnnounce): Sending;
}

export type XrayEvent =
  | ({ readonly kind: "item" } & XrayItem)
  | XrayImageArrived
  | ({ readonly kind: "verdict" } & XrayVerdict)
  /** The word of a machine that sends no images. */
  | ({ readonly kind: "signal" } & XraySignal)
  /** The machine's own word on whether it scans. */
  | { readonly kind: "ready"; readonly isReady: boolean; readonly reason: DeviceReason | null };

export interface XrayImageArrived {
  readonly kind: "image";
  readonly passId: string | null;
  readonly itemSequence: number;
  /** Of the picture itself, where its header has them. */
  readonly entryCount?: BeltCount;
  readonly lengthMm?: number;
  /** SHA-256 over `bytes`: the whole image message as it came over the wire. */
  readonly imageHash: string;
  /** SHA-256 over its pixels alone: two parcels never look alike to the last bit. */
  readonly pictureHash: string;
  readonly bytes: Uint8Array;
}
