import type { Calendar } from "./calendar.ts";
import { geometry, scannerBase, sorterBase } from "./plan.ts";

/** One line's scanner and sorter, as far as their wires can tell: templates with numbers filled in. */
export interface ScriptedDevices {
  readonly epoch: string;
  powerOn(at: number): void;
  /**
   * On a belt that stands somebody presses the key: the reader counts what the sorter counts, as the
   * configuration says, and has nothing before it.
   */
  vouch(at: number): void;
  /** Counts since power came. */
  countAt(now: number): number;
  timeOf(count: number): number;
  eye(eyeId: string, isBlocked: boolean, count: number): void;
  accepted(commandId: string): void;
  refused(commandId: string, why: "staleCount" | "staleEpoch" | "invalid"): void;
  fired(commandId: string, count: number): void;
  /** Null for a no-read. `count`: the reader's own encoder at the trigger. */
  read(waybill: string | null, count: number): void;
}

export interface ScriptedDevicesOptions {
  readonly lineId: string;
  readonly calendar: Calendar;
  /** With the quality of service that the simulated devices use. */
  readonly publish: (topic: string, payload: string, qos: 0 | 1) => void;
  /** Nothing but reads. */
  readonly isScansOnly: boolean;
}

const countsPerMs = geometry.speedMmPerS / 1_000;
const beltEveryMs = 250;
const scannerLifeEveryMs = 1_000;
const chutesEveryMs = 5_000;

export function createScriptedDevices(options: ScriptedDevicesOptions): ScriptedDevices {
  const { lineId, calendar, publish, isScansOnly } = options;
  const sorterTopic = `${sorterBase(lineId)}/event`;
  const readTopic = `${scannerBase(lineId)}/read`;
  const lifeTopic = `${scannerBase(lineId)}/life`;
  const epoch = `s-${lineId}`;
  let startedAt = 0;
  let eventSeq = 0;
  let readSeq = 0;
  let lifeSeq = 0;

  const countAt = (now: number): number => Math.floor((now - startedAt) * countsPerMs);

  const say = (kind: string, fields: string): void => {
    const seq = eventSeq;
    eventSeq += 1;
    if (isScansOnly) return;
    publish(sorterTopic, `{"kind":"${kind}","epoch":"${epoch}","seq":${seq},${fields}}`, 0);
  };

  const sayBelt = (at: number, isRunning: boolean): void => {
    const speedMmPerS = isRunning ? geometry.speedMmPerS : 0;
    const motion = `"speedMmPerS":${speedMmPerS},"isRunning":${isRunning},"emergencyStop":false`;
    say("belt", `"count":${countAt(at)},${motion}`);
  };

  const every = (periodMs: number, at: number, act: (at: number) => void): void => {
    act(at);
    calendar.add(at + periodMs, (next) => every(periodMs, next, act));
  };

  return {
    epoch,
    powerOn(at) {
      startedAt = at;
      say("session", `"count":0`);
      every(chutesEveryMs, at, () => {
        for (const exit of ["green", "inspection"]) {
          say("chute", `"exit":"${exit}","state":"ready","fillPct":10`);
        }
      });
      every(beltEveryMs, at, (now) => sayBelt(now, true));
      every(scannerLifeEveryMs, at, () => {
        if (!isScansOnly) publish(lifeTopic, `{"seq":${lifeSeq}}`, 1);
        lifeSeq += 1;
      });
    },
    vouch(at) {
      sayBelt(at, false);
      say("localReset", `"count":${countAt(at)}`);
      sayBelt(at, true);
    },
    countAt,
    timeOf: (count) => startedAt + count / countsPerMs,
    eye: (eyeId, isBlocked, count) =>
      say("eye", `"eyeId":"${eyeId}","isBlocked":${isBlocked},"count":${count}`),
    accepted: (commandId) => say("accepted", `"commandId":"${commandId}"`),
    refused: (commandId, why) => say("refused", `"commandId":"${commandId}","why":"${why}"`),
    fired: (commandId, count) => say("fired", `"commandId":"${commandId}","count":${count}`),
    read(waybill, count) {
      const codes = waybill === null ? "" : `{"text":"${waybill}","aim":null}`;
      publish(readTopic, `{"seq":${readSeq},"codes":[${codes}],"proof":{"ticks":${count}}}`, 1);
      readSeq += 1;
    },
  };
}
