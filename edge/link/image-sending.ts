import type { FactLog } from "../../protocols/fact-log.ts";
import type { Clock } from "../../protocols/time.ts";
import type { LinkCuts } from "./link-cuts.ts";
import type { LinkAgentEnd } from "./port.ts";
import type { LinkSending } from "../../protocols/transport.ts";

/** Images on their way to the centre. One that has cut the link again and again stays here. */
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
  readonly clock: Pick<Clock, "monotonic">;
  readonly cuts: Pick<LinkCuts, "imageSent" | "isSetAside">;
  /** Null when the image is not kept any more. */
  readonly read: (passId: string, sha256: string) => Promise<Uint8Array | null>;
  readonly facts: Pick<FactLog, "tell">;
}

const beingReadMax = 8;

export function createImageSending(options: ImageSendingOptions): ImageSending {
  const { end, clock, cuts, facts } = options;
  let beingRead = 0;
  let isStopped = false;

  const send = (passId: string, sha256: string, bytes: Uint8Array): ImageSent => {
    const now = clock.monotonic();
    const image = { passId, sha256, totalBytes: bytes.byteLength };
    if (cuts.isSetAside(image, now)) return { kind: "refused", why: "setAside" };
    const sending = end.sendImage(passId, sha256, bytes);
    if (sending.kind === "sent") cuts.imageSent(image, now);
    return sending;
  };

  const readAndSend = async (passId: string, sha256: string): Promise<void> => {
    if (beingRead >= beingReadMax) return;
    beingRead += 1;
    try {
      const bytes = await options.read(passId, sha256);
      if (bytes !== null && !isStopped) send(passId, sha256, bytes);
    } catch (error) {
      // An image that cannot be read is not sent; the centre goes on asking while it lacks it.
      facts.tell({
        subject: "images",
        is: "unread",
        level: "warn",
        message: "an image cannot be read, and stays unsent",
        fields: { passId, sha256, error },
      });
    } finally {
      beingRead -= 1;
    }
  };

  return {
    send,
    sendWanted: (passId, sha256) => void readAndSend(passId, sha256),
    stop: () => {
      isStopped = true;
    },
  };
}
