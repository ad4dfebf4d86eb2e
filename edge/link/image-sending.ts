import type { FactLog } from "../../protocols/fact-log.ts";
import { imageKindOf, type ImageKind } from "../../protocols/image-kind.ts";
import type { Clock, Timer } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { LinkCuts } from "./link-cuts.ts";
import type { LinkAgentEnd } from "./port.ts";
import { wireFull, type LinkSending } from "../../protocols/transport.ts";

/**
 * Images on their way to the centre. One that has cut the link again and again stays here. Stills wait
 * until no X-ray image is read or sent.
 */
export interface ImageSending {
  /** The centre asks again for an image that does not arrive. */
  send(passId: string, sha256: string, bytes: Uint8Array): ImageSent;
  /** The centre lacks it: it is read and sent, if it is still kept. */
  sendWanted(passId: string, sha256: string): void;
  stop(): void;
}

/** `setAside`: it has cut the link again and again, see `link-cuts.ts`. */
export type ImageSent = LinkSending | { readonly kind: "refused"; readonly why: "setAside" };

export interface ImageSendingOptions {
  readonly end: Pick<LinkAgentEnd, "sendImage">;
  readonly clock: Pick<Clock, "monotonic" | "schedule">;
  readonly cuts: Pick<LinkCuts, "imageSent" | "isSetAside">;
  /** Null when the image is not kept any more. */
  readonly read: (passId: string, sha256: string) => Promise<Uint8Array | null>;
  /** Likewise. */
  readonly kindOf: (sha256: string) => ImageKind | null;
  readonly facts: Pick<FactLog, "tell">;
}

/** X-ray images. Stills are read one at a time, and beside none of these. */
const beingReadMax = 8;
/** The centre asks again for one that finds no place. */
export const stillsWaitingMax = 64;
const stillAgainMs = 100;

export function createImageSending(options: ImageSendingOptions): ImageSending {
  const { end, clock, cuts, facts } = options;
  const stillsWaiting = new Map<string, { readonly passId: string }>();
  let beingRead = 0;
  let isStillRead = false;
  let stillTimer: Timer | null = null;
  let isStopped = false;

  const sendNow = (passId: string, sha256: string, bytes: Uint8Array): ImageSent => {
    const now = clock.monotonic();
    const kind = imageKindOf(bytes);
    const image = { passId, sha256, totalBytes: bytes.byteLength, kind };
    if (cuts.isSetAside(image, now)) return { kind: "refused", why: "setAside" };
    const sending = end.sendImage(passId, sha256, bytes);
    if (sending.kind === "sent") cuts.imageSent(image, now);
    return sending;
  };

  const read = async (passId: string, sha256: string): Promise<Uint8Array | null> => {
    try {
      return await options.read(passId, sha256);
    } catch (error) {
      // An image that cannot be read is not sent; the centre goes on asking while it lacks it.
      facts.tell({
        subject: "images",
        is: "unread",
        level: "warn",
        message: "an image cannot be read, and stays unsent",
        fields: { passId, sha256, error },
      });
      return null;
    }
  };

  const readAndSend = async (passId: string, sha256: string): Promise<void> => {
    if (beingRead >= beingReadMax) return;
    beingRead += 1;
    const bytes = await read(passId, sha256);
    if (bytes !== null && !isStopped) sendNow(passId, sha256, bytes);
    beingRead -= 1;
  };

  /** The one that waits longest has its turn, and keeps its place while the wire is not free. */
  const sendNextStill = async (): Promise<void> => {
    const [next] = stillsWaiting;
    if (next === undefined || isStillRead || beingRead > 0) return;
    const [sha256, { passId }] = next;
    isStillRead = true;
    const bytes = await read(passId, sha256);
    isStillRead = false;
    if (isStopped) return;
    const isWaiting =
      bytes !== null && (beingRead > 0 || isWireFull(sendNow(passId, sha256, bytes)));
    if (!isWaiting) stillsWaiting.delete(sha256);
  };

  const lookAtStills = (): void => {
    stillTimer = null;
    if (isStopped || stillsWaiting.size === 0) return;
    void sendNextStill();
    stillTimer = clock.schedule(monotonicMs(clock.monotonic() + stillAgainMs), lookAtStills);
  };

  const letStillWait = (passId: string, sha256: string): void => {
    if (stillsWaiting.size < stillsWaitingMax) stillsWaiting.set(sha256, { passId });
    if (stillTimer === null) lookAtStills();
  };

  return {
    send: (passId, sha256, bytes) => {
      const isStill = imageKindOf(bytes) === "still";
      const sending = isStill && beingRead > 0 ? wireFull : sendNow(passId, sha256, bytes);
      if (isStill && isWireFull(sending)) letStillWait(passId, sha256);
      return sending;
    },
    sendWanted: (passId, sha256) => {
      const kind = options.kindOf(sha256);
      if (kind === "xray") void readAndSend(passId, sha256);
      else if (kind === "still") letStillWait(passId, sha256);
    },
    stop: () => {
      isStopped = true;
      stillTimer?.cancel();
    },
  };
}

const isWireFull = (sending: ImageSent): boolean =>
  sending.kind === "refused" && sending.why === "wireFull";
