import type { VariableReadings } from "../../edge/devices/variables.ts";
import { zPlcMap, type PlcMap } from "../../protocols/sorter/plc-map-opcua.ts";
import type { Clock } from "../../protocols/time.ts";
import { exits } from "../../protocols/sorting.ts";
import { plcNumbers } from "../../simulators/devices/sorter/plc-numbers.ts";

export const plcNamespaceUri = "http://plc.example/DB";
export const plcRingSize = 64;

/** How the simulated controller's variables are configured, as it would be written by hand. */
export const plcMapInput = (eyeIds: readonly string[]) => ({
  kind: "plc-map",
  namespaceUri: plcNamespaceUri,
  ...plcMeaningInput(eyeIds, opcuaPlace, 32),
});

/** The same whatever carries them; `place` says where a variable is. */
export function plcMeaningInput(
  eyeIds: readonly string[],
  place: (name: string, more: object) => object,
  seqBits: 16 | 32,
) {
  const at = (name: string, more: object = {}): object => place(name, more);
  const { kinds, answers, ops, exits: exitNumbers } = plcNumbers;
  return {
    count: at("Enc", { bits: 32 }),
    boot: at("Boot"),
    life: { fromPlc: at("LifePlc"), toPlc: at("LifePc") },
    belt: {
      running: at("Run"),
      speed: at("Speed"),
      emergencyStop: at("EStop"),
      stop: at("Halt"),
    },
    induction: at("Induct"),
    events: {
      written: at("Ev.Seq", { bits: 32 }),
      size: plcRingSize,
      kind: at("Ev.Kind", {
        kinds: {
          [kinds.blocked]: "blocked",
          [kinds.cleared]: "cleared",
          [kinds.fired]: "fired",
          [kinds.cancelledAborted]: "cancelledAborted",
          [kinds.cancelledNoLife]: "cancelledNoLife",
          [kinds.cancelledEmergencyStop]: "cancelledEmergencyStop",
          [kinds.localReset]: "localReset",
          [kinds.pulse]: "pulse",
          [kinds.guardOpened]: "guardOpened",
          [kinds.guardClosed]: "guardClosed",
        },
      }),
      what: at("Ev.What"),
      count: at("Ev.Count"),
      eyes: Object.fromEntries(eyeIds.map((eyeId, index) => [index, eyeId])),
    },
    chutes: {
      green: {
        full: at("ChuteWord", { bit: 0 }),
        blocked: at("ChuteWord", { bit: 8 }),
        fillPct: at("Fill", { element: 0 }),
      },
      red: { full: at("ChuteWord", { bit: 1 }), blocked: at("ChuteWord", { bit: 9 }) },
      inspection: { full: at("ChuteWord", { bit: 2 }) },
    },
    command: {
      seq: at("Cmd.Seq", { bits: seqBits }),
      op: at("Cmd.Op", { values: ops }),
      exit: at("Cmd.Exit", { values: exitNumbers }),
      fireAt: at("Cmd.FireAt"),
      releaseAt: at("Cmd.ReleaseAt"),
      notAfter: at("Cmd.NotAfter"),
      target: at("Cmd.Target"),
      boot: at("Cmd.Epoch"),
    },
    ack: {
      seq: at("Ack.Seq"),
      code: at("Ack.Code", {
        codes: {
          [answers.accepted]: "accepted",
          [answers.staleCount]: "staleCount",
          [answers.staleEpoch]: "staleEpoch",
          [answers.noLife]: "noLife",
          [answers.overlap]: "overlap",
          [answers.queueFull]: "queueFull",
          [answers.invalid]: "invalid",
          [answers.fired]: "fired",
          [answers.cancelledAborted]: "cancelledAborted",
          [answers.cancelledNoLife]: "cancelledNoLife",
          [answers.cancelledEmergencyStop]: "cancelledEmergencyStop",
        },
      }),
    },
  };
}

/** What no controller would show; `event` is what it would be in a dialect with events. */
export const unreadableReadings = (event: unknown, clock: Clock): VariableReadings => ({
  kind: "readings",
  askedAt: clock.monotonic(),
  serverStart: null,
  values: new Map([["count", { kind: "noValue", why: JSON.stringify(event).slice(0, 40) }]]),
});

/** What happens as latches instead of a ring, to be laid over a map. */
export function plcLatchesInput(
  eyeIds: readonly string[],
  place: (name: string, more: object) => object,
) {
  const at = (name: string, more: object = {}): object => place(name, more);
  const times = (name: string, more: object = {}): object => at(name, { bits: 16, ...more });
  return {
    events: undefined,
    latches: {
      eyes: Object.fromEntries(
        eyeIds.map((eyeId, element) => [
          eyeId,
          {
            edges: times("Eye.Edges", { element }),
            blockedAt: at("Eye.BlockedAt", { element }),
            clearedAt: at("Eye.ClearedAt", { element }),
            isBlocked: at("Eye.Word", { bit: element }),
          },
        ]),
      ),
      fired: Object.fromEntries(
        exits.map((exit, element) => [
          exit,
          {
            times: times("Fired.Times", { element }),
            seq: at("Fired.Seq", { element }),
            at: at("Fired.At", { element }),
          },
        ]),
      ),
      cancelled: { times: times("Cancel.Times") },
      resets: { times: times("Reset.Times"), at: at("Reset.At") },
      lost: { times: times("Lost.Times") },
    },
  };
}

/** Of a controller's variables over OPC UA. */
export const opcuaPlace = (name: string, more: object): object => ({ node: `s=${name}`, ...more });

export const plcMap = (eyeIds: readonly string[] = ["eye1"]) => {
  const map = zPlcMap.parse(plcMapInput(eyeIds));
  if (map.events === undefined) throw new Error("a map without a ring");
  return { ...map, events: map.events };
};

export const plcLatchMap = (eyeIds: readonly string[] = ["eye1"]): PlcMap =>
  zPlcMap.parse({ ...plcMapInput(eyeIds), ...plcLatchesInput(eyeIds, opcuaPlace) });
