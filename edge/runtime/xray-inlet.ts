import { xrayImageBytesMax } from "../../protocols/xray/xray-image.ts";
import type { XrayEvent, XrayImageArrived } from "../devices/xray/xray.ts";
import type { Clock } from "../../protocols/time.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type { LineEventBody } from "../line/events.ts";
import { createLostImages } from "../images/lost-images.ts";
import type { ImageStore } from "../images/port.ts";

/**
 * Keeps a machine's messages in order while its images are being stored: a verdict that overtook
 * its image would look like a verdict on another one. So one that says suspect overtakes what a disk
 * keeps for long, and is never dropped: doubt is what it is to bring (law 2).
 */
export interface XrayInlet {
  take(event: XrayEvent): void;
  /** Images in a row that were lost here, the last of them within a minute. */
  imagesNotKept(): number;
  /** For the machine's health: what was lost on this side of the wire. */
  counters(): Readonly<Record<"inletDropped" | "imagesNotKept", number>>;
}

export interface XrayInletOptions {
  readonly images: Pick<ImageStore, "put">;
  readonly clock: Clock;
  readonly receive: (body: LineEventBody) => void;
  /** The image is kept: send it to the centre. */
  readonly onStored: (image: XrayImageArrived) => void;
}

/**
 * Behind one slow disk no more messages than this wait, and no more bytes of images: beyond, images
 * are lost and the rest is dropped, both counted. What a pass then lacks sends it to inspection.
 */
export const inletEventsMax = 200;
export const inletBytesMax = 4 * xrayImageBytesMax;
/** How long a suspect verdict waits for the image that it is on. */
export const suspectWaitMsMax = 1_000;

type KnownImage = Omit<XrayImageArrived, "kind" | "bytes">;
/** An image that is lost keeps its place among what the machine said. */
type Waiting = XrayEvent | { readonly kind: "lost"; readonly image: KnownImage };

export function createXrayInlet(options: XrayInletOptions): XrayInlet {
  const { images, clock, receive, onStored } = options;
  const waiting: Waiting[] = [];
  const storing = { isUnderWay: false };
  const totals = { inletDropped: 0, imagesNotKept: 0 };
  let waitingBytes = 0;
  const lostImages = createLostImages(clock);

  const advance = (): void => {
    while (!storing.isUnderWay) {
      const event = waiting.shift();
      if (event === undefined) return;
      waitingBytes -= bytesOf(event);
      if (event.kind === "image") store(event);
      else if (event.kind === "lost") receive({ kind: "xrayImageLost", ...event.image });
      else receive(bodyOf(event));
    }
  };

  const lose = (): void => {
    totals.imagesNotKept += 1;
    lostImages.lose();
  };

  const store = (image: XrayImageArrived): void => {
    storing.isUnderWay = true;
    images.put(image.imageHash, image.bytes, (outcome) => {
      storing.isUnderWay = false;
      const isLost = lostImages.take(outcome);
      if (outcome.kind === "stored") {
        onStored(image);
        receive({ kind: "xrayImage", ...knownOf(image) });
      } else totals.imagesNotKept += 1;
      if (isLost) receive({ kind: "xrayImageLost", ...knownOf(image) });
      advance();
    });
  };

  /** It keeps its place as well: behind its image it says where the image shows something. */
  const tellSoon = (event: SuspectVerdict): void => {
    clock.schedule(monotonicMs(clock.monotonic() + suspectWaitMsMax), () => {
      if (waiting.includes(event)) receive(bodyOf(event));
    });
  };

  return {
    take: (event) => {
      // That a machine stopped scanning waits for no disk, and must not be lost.
      if (event.kind === "ready") return receive(bodyOf(event));
      const bytes = bytesOf(event);
      if (waiting.length >= inletEventsMax) {
        if (isSuspect(event)) return receive(bodyOf(event));
        totals.inletDropped += 1;
        if (event.kind === "image") lose();
        return;
      }
      if (event.kind === "image" && waitingBytes + bytes > inletBytesMax) {
        lose();
        waiting.push({ kind: "lost", image: knownOf(event) });
        return;
      }
      waitingBytes += bytes;
      waiting.push(event);
      advance();
      if (isSuspect(event) && waiting.includes(event)) tellSoon(event);
    },
    imagesNotKept: () => lostImages.inARow(),
    counters: () => ({ ...totals }),
  };
}

function knownOf({ kind: _kind, bytes: _bytes, ...known }: XrayImageArrived): KnownImage {
  return known;
}

type SuspectVerdict = Extract<XrayEvent, { readonly kind: "verdict" }>;
const isSuspect = (event: XrayEvent): event is SuspectVerdict =>
  event.kind === "verdict" && event.verdict === "suspect";

const bytesOf = (event: Waiting): number => (event.kind === "image" ? event.bytes.length : 0);

function bodyOf(event: Exclude<XrayEvent, XrayImageArrived>): LineEventBody {
  switch (event.kind) {
    case "item": {
      const { kind: _kind, ...item } = event;
      return { kind: "xrayItem", item };
    }
    case "verdict": {
      const { kind: _kind, ...verdict } = event;
      return { kind: "xrayVerdict", verdict };
    }
    case "signal": {
      const { kind: _kind, ...signal } = event;
      return { kind: "xraySignal", signal };
    }
    case "ready":
      return { kind: "xrayReady", isReady: event.isReady, reason: event.reason };
  }
}
