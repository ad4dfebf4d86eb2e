import { xrayImageBytesMax } from "../../protocols/xray/xray-image.ts";
import type { XrayEvent, XrayImageArrived } from "../devices/xray/xray.ts";
import type { LineEventBody } from "../line/events.ts";
import type { ImageStore } from "../images/port.ts";

/**
 * Keeps a machine's messages in order while its images are being stored: a verdict that overtook
 * its image would look like a verdict on another one.
 */
export interface XrayInlet {
  take(event: XrayEvent): void;
  /** For the machine's health: what was lost on this side of the wire. */
  counters(): Readonly<Record<"inletDropped" | "imagesNotKept", number>>;
}

export interface XrayInletOptions {
  readonly images: Pick<ImageStore, "put">;
  readonly receive: (body: LineEventBody) => void;
  /** The image is kept: send it to the centre. */
  readonly onStored: (image: XrayImageArrived) => void;
}

/**
 * More than this behind one slow disk is dropped and counted: what a pass then lacks sends it to
 * inspection.
 */
export const inletEventsMax = 200;
export const inletBytesMax = 4 * xrayImageBytesMax;

export function createXrayInlet(options: XrayInletOptions): XrayInlet {
  const { images, receive, onStored } = options;
  const waiting: XrayEvent[] = [];
  const storing = { isUnderWay: false };
  const totals = { inletDropped: 0, imagesNotKept: 0 };
  let waitingBytes = 0;

  const advance = (): void => {
    while (!storing.isUnderWay) {
      const event = waiting.shift();
      if (event === undefined) return;
      waitingBytes -= bytesOf(event);
      if (event.kind === "image") store(event);
      else receive(bodyOf(event));
    }
  };

  const store = (image: XrayImageArrived): void => {
    storing.isUnderWay = true;
    images.put(image.imageHash, image.bytes, (outcome) => {
      storing.isUnderWay = false;
      if (outcome.kind === "stored") {
        onStored(image);
        const { kind: _kind, bytes: _bytes, ...known } = image;
        receive({ kind: "xrayImage", ...known });
      } else totals.imagesNotKept += 1;
      advance();
    });
  };

  return {
    take: (event) => {
      // That a machine stopped scanning waits for no disk, and must not be lost.
      if (event.kind === "ready") return receive(bodyOf(event));
      const bytes = bytesOf(event);
      if (waiting.length >= inletEventsMax || waitingBytes + bytes > inletBytesMax) {
        totals.inletDropped += 1;
        return;
      }
      waitingBytes += bytes;
      waiting.push(event);
      advance();
    },
    counters: () => ({ ...totals }),
  };
}

const bytesOf = (event: XrayEvent): number => (event.kind === "image" ? event.bytes.length : 0);

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
