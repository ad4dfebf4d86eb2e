import type { DimensionsMm } from "../../protocols/scale/dimensions.ts";
import { encodeSickMda, encodeSickMdaHeartbeat } from "../../protocols/scale/sick-mda.ts";
import type { Clock } from "../../protocols/time.ts";
import type { ByteLink } from "../../protocols/transport.ts";
import { createReadLatch } from "./read-latch.ts";
import { healthyScale, type SimulatedScale } from "./scale.ts";
import { startTicker } from "./ticker.ts";

export interface SickMdaDevice {
  readonly link: ByteLink;
  readonly clock: Clock;
  /** Its sign of life; null: none, as delivered. */
  readonly heartbeat?: { readonly text: string; readonly periodMs: number } | null;
}

/** A telegram whose separators were lost, and one that ends in the middle. */
const noise = Uint8Array.from("\u0002014581212g0321\u0003\u00020146;No", (char) =>
  char.charCodeAt(0),
);

/** A machine that measures, weighs and numbers each item, and tells of it once. It reads no labels. */
export function startSickMda({ link, clock, heartbeat = null }: SickMdaDevice): SimulatedScale {
  const latch = createReadLatch({ ticks: () => 0 });
  let faults = healthyScale;
  let objectNumber = 0;
  let isOpen = false;
  let isStopped = false;

  const write = (bytes: Uint8Array): void => {
    if (!isOpen || isStopped || faults.isSilent) return;
    if (faults.isNoisy) link.write(noise);
    link.write(bytes);
  };
  const tell = (grams: number, edgesMm: DimensionsMm | null): void => {
    objectNumber = (objectNumber + 1) % 10_000;
    const isWeighed = !faults.isRestless && !faults.isOverloaded && !faults.isUnready;
    write(
      encodeSickMda({
        objectNumber,
        code: null,
        grams: isWeighed ? grams : null,
        isScaleConnected: !faults.isUnready,
        dimensionsMm: edgesMm,
        status: edgesMm === null ? 1 : 0,
      }),
    );
  };
  link.open({
    onOpen() {
      isOpen = true;
    },
    onBytes() {},
    onClose() {
      isOpen = false;
    },
  });
  const stopHeartbeat =
    heartbeat === null
      ? () => {}
      : startTicker(clock, heartbeat.periodMs, () => write(encodeSickMdaHeartbeat(heartbeat.text)));

  return {
    settled(weightG, edgesMm) {
      if (faults.isSilent) return;
      const { length, width, height } = (faults.isBlind ? undefined : edgesMm) ?? noEdges;
      for (const due of latch.trigger([weightG, length, width, height].map(String))) {
        const [grams, ...edges] = latch.answer(due).seen.map(Number);
        // Nothing weighed is nothing said: it tells of items alone.
        if (grams !== undefined) tell(grams, measuredOf(edges));
      }
    },
    setFaults({ lag, ...changes }) {
      faults = { ...faults, ...changes };
      if (lag !== undefined) latch.setFaults({ lag });
    },
    stop() {
      isStopped = true;
      stopHeartbeat();
      return link.close();
    },
  };
}

const noEdges = { length: 0, width: 0, height: 0 };

function measuredOf([length = 0, width = 0, height = 0]: readonly number[]): DimensionsMm | null {
  return length > 0 ? { length, width, height } : null;
}
