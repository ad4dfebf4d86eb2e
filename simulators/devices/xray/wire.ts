import type {
  XrayAnnounce,
  XrayImageHeader,
  XrayItem,
  XrayLife,
  XrayVerdict,
} from "../../../protocols/xray/xray.ts";
import type { XrayPlanes } from "../../../protocols/xray/xray-image.ts";

/** What a machine says; its images are shown. */
export type XraySaid =
  | ({ readonly kind: "life" } & XrayLife)
  | ({ readonly kind: "item" } & XrayItem)
  /** It has left the beam. Not every dialect has a word for that. */
  | { readonly kind: "left"; readonly passId: string | null; readonly itemSequence: number }
  | ({ readonly kind: "verdict" } & XrayVerdict);

export interface ShownImage extends XrayPlanes {
  readonly header: XrayImageHeader;
}

/** The machine's side of a wire. What is said or shown while nobody can hear it is lost. */
export interface XrayWire {
  /** `isBroken`: only the first half of the message. */
  say(said: XraySaid, isBroken: boolean): void;
  /**
   * Shows the image and returns the hash by which a verdict on it calls it; null when it is too
   * large. `isCut`: only its first half.
   */
  show(image: ShownImage, isCut: boolean): string | null;
  onAnnounce(handler: (announcement: XrayAnnounce) => void): void;
  /** Where a wire knows it: the line is gone, and with it what it has announced. */
  onLineLost(handler: () => void): void;
  /** Without power nothing is said and nothing heard. */
  setPower(isOn: boolean): void;
  /** The machine begins anew, and whatever session there was with it. */
  restart(): void;
  close(): Promise<void>;
}
