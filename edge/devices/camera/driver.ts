import { deviceReason } from "../../../protocols/device-reasons.ts";
import type { Clock } from "../../../protocols/time.ts";
import { notConnected } from "../../../protocols/transport.ts";
import { noteDiscarded, noteDropped } from "../dialect.ts";
import { createOutlet } from "../outlet.ts";
import type { Wire } from "../wire.ts";
import type { CameraPort, StillMissed, StillTaken } from "./camera.ts";
import type { CameraHeard, StillWanted } from "./heard.ts";

export interface CameraDriverOptions {
  readonly deviceId: string;
  readonly wire: Wire<CameraHeard, StillWanted>;
  readonly clock: Clock;
  readonly staleAfterMs: number;
  readonly downAfterMs: number;
}

/** A camera, whatever its dialect. */
export function createCameraDriver(options: CameraDriverOptions): CameraPort {
  const { deviceId, wire } = options;
  const outlet = createOutlet<StillTaken | StillMissed>(options);
  const { health } = outlet;
  let isConnected = false;
  for (const counter of ["stillsTotal", "stillsMissedTotal"]) health.note(counter, 0);

  const take = (heard: CameraHeard): void => {
    switch (heard.kind) {
      case "discarded":
        return noteDiscarded(health, heard);
      case "noted":
        for (const [counter, by] of Object.entries(heard.counts)) health.note(counter, by);
        return;
      case "noStill":
        health.note("stillsMissedTotal");
        return outlet.emit(heard);
      case "still":
        health.note("stillsTotal");
        health.note("framesTotal");
        health.heard();
        return outlet.emit(heard);
      case "alive":
        health.note("framesTotal");
        return health.heard();
    }
  };

  return {
    deviceId,
    health: () => health.health(),
    take(id) {
      const sending = isConnected ? wire.send({ id }) : notConnected;
      if (sending.kind !== "sent") health.note("stillsMissedTotal");
      return sending;
    },
    start(sink) {
      outlet.start(sink);
      wire.open({
        onState(nowConnected, reason) {
          isConnected = nowConnected;
          if (isConnected) outlet.wireOpened(reason);
          else health.fault(reason ?? deviceReason("notConnected"));
        },
        onMessage: take,
        onAdvice: (advice) => health.advise(advice),
        onDropped: (reason) => noteDropped(health, reason),
        onSendFailed: (detail) => health.remark(deviceReason("commandRefused", { detail })),
      });
    },
    async stop() {
      outlet.stop();
      await wire.close();
    },
  };
}
