import type { XrayEvent, XrayImageArrived } from "../devices/xray.ts";
import type { LineEventBody } from "../line/events.ts";
import type { ImageSpool } from "./image-spool.ts";

/**
 * Keeps a machine's messages in order while its images are being stored: a verdict that overtook
 * its image would look like a verdict on another one.
 */
export interface XrayInlet {
  take(event: XrayEvent): void;
}

export interface XrayInletOptions {
  readonly spool: ImageSpool;
  readonly receive: (body: LineEventBody) => void;
  /** The image is kept: send it to the centre. */
  readonly onStored: (image: XrayImageArrived) => void;
}

/** More messages than this behind one slow disk are dropped: their images count as missing. */
export const inletEventsMax = 200;

export function createXrayInlet(options: XrayInletOptions): XrayInlet {
  const { spool, receive, onStored } = options;
  const waiting: XrayEvent[] = [];
  const storing = { isUnderWay: false };

  const advance = (): void => {
    while (!storing.isUnderWay) {
      const event = waiting.shift();
      if (event === undefined) return;
      if (event.kind === "image") store(event);
      else receive(bodyOf(event));
    }
  };

  const store = (image: XrayImageArrived): void => {
    storing.isUnderWay = true;
    spool.store(image.imageHash, image.bytes, (isStored) => {
      storing.isUnderWay = false;
      if (isStored) {
        onStored(image);
        const { passId, itemSequence, imageHash } = image;
        receive({ kind: "xrayImage", passId, itemSequence, imageHash });
      }
      advance();
    });
  };

  return {
    take: (event) => {
      if (waiting.length >= inletEventsMax) return;
      waiting.push(event);
      advance();
    },
  };
}

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
    case "ready":
      return { kind: "xrayReady", isReady: event.isReady, reason: event.reason };
  }
}
