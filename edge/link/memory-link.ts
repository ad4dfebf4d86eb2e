import type { DownMessage, UpMessage } from "../../protocols/link.ts";
import type { Clock } from "../../protocols/time.ts";
import { notConnected, sent, wireFull, type Sending } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import type {
  LinkAgentEnd,
  LinkAgentHandlers,
  LinkCentreEnd,
  LinkCentreHandlers,
  LinkCounters,
} from "./port.ts";

/**
 * The link inside one process: for virtual time, and for a site whose centre and line share a
 * process. Messages pass by reference, through the clock, in order unless `carry` says otherwise.
 */
export interface MemoryLink {
  readonly centre: LinkCentreEnd;
  agent(agentId: string): LinkAgentEnd;
  /** Cuts one agent's connection: what is under way is lost, `send` returns false. */
  cut(agentId: string): void;
  restore(agentId: string): void;
}

export interface MemoryLinkOptions {
  readonly clock: Clock;
  /**
   * Latencies in ms with which one message arrives: `[]` loses it, two numbers deliver it twice,
   * and unequal ones reorder. Default: once, at once.
   */
  readonly carry?: (trip: Trip) => readonly number[];
}

export interface Trip {
  readonly agentId: string;
  readonly direction: "up" | "down";
  readonly message: UpMessage | DownMessage | { readonly kind: "image" };
}

/** Messages under way in one direction for one agent; more are refused like a cut. */
export const memoryLinkUnderWayMax = 50_000;

interface Totals {
  sentTotal: number;
  unsentTotal: number;
  receivedTotal: number;
  refusedTotal: number;
  lastRefusal: string | null;
}

interface Wire {
  readonly agentId: string;
  isCut: boolean;
  /** Grows at each cut, so that what was under way then is recognised and lost. */
  generation: number;
  underWayUp: number;
  underWayDown: number;
  handlers: LinkAgentHandlers | null;
  readonly totals: Totals;
}

const atOnce: readonly number[] = [0];
const noTotals = (): Totals => ({
  sentTotal: 0,
  unsentTotal: 0,
  receivedTotal: 0,
  refusedTotal: 0,
  lastRefusal: null,
});

export function createMemoryLink(options: MemoryLinkOptions): MemoryLink {
  const wires = new Map<string, Wire>();
  const carry = options.carry ?? (() => atOnce);
  const centreTotals = noTotals();
  let centre: LinkCentreHandlers | null = null;

  const wireOf = (agentId: string): Wire => {
    const known = wires.get(agentId);
    if (known !== undefined) return known;
    const wire: Wire = {
      agentId,
      isCut: false,
      generation: 0,
      underWayUp: 0,
      underWayDown: 0,
      handlers: null,
      totals: noTotals(),
    };
    wires.set(agentId, wire);
    return wire;
  };

  const transport = (wire: Wire, trip: Trip, sender: Totals, arrive: () => void): Sending => {
    const key = trip.direction === "up" ? "underWayUp" : "underWayDown";
    if (wire.isCut || wire[key] >= memoryLinkUnderWayMax) {
      sender.unsentTotal += 1;
      return wire.isCut ? notConnected : wireFull;
    }
    sender.sentTotal += 1;
    const { generation } = wire;
    for (const latencyMs of carry(trip)) {
      wire[key] += 1;
      const dueAt = monotonicMs(options.clock.monotonic() + latencyMs);
      options.clock.schedule(dueAt, () => {
        wire[key] -= 1;
        if (wire.generation === generation) arrive();
      });
    }
    return sent;
  };

  const setCut = (agentId: string, isCut: boolean): void => {
    const wire = wireOf(agentId);
    if (wire.isCut === isCut) return;
    wire.isCut = isCut;
    wire.generation += 1;
    wire.handlers?.onState(!isCut, isCut ? "cut" : undefined);
  };

  return {
    centre: createCentreEnd({
      wireOf,
      transport,
      totals: centreTotals,
      setHandlers: (handlers) => {
        centre = handlers;
      },
    }),
    agent: (agentId) => createAgentEnd(wireOf(agentId), transport, centreTotals, () => centre),
    cut: (agentId) => setCut(agentId, true),
    restore: (agentId) => setCut(agentId, false),
  };
}

type Transport = (wire: Wire, trip: Trip, sender: Totals, arrive: () => void) => Sending;

function createCentreEnd(parts: {
  readonly wireOf: (agentId: string) => Wire;
  readonly transport: Transport;
  readonly totals: Totals;
  readonly setHandlers: (handlers: LinkCentreHandlers | null) => void;
}): LinkCentreEnd {
  return {
    start: (handlers) => {
      parts.setHandlers(handlers);
      handlers.onState(true);
    },
    send: (agentId, message) => {
      const wire = parts.wireOf(agentId);
      return parts.transport(wire, { agentId, direction: "down", message }, parts.totals, () => {
        if (wire.handlers === null) return;
        wire.totals.receivedTotal += 1;
        wire.handlers.onMessage(message);
      });
    },
    counters: (): LinkCounters => ({ ...parts.totals }),
    close: () => {
      parts.setHandlers(null);
      return Promise.resolve();
    },
  };
}

function createAgentEnd(
  wire: Wire,
  transport: Transport,
  centreTotals: Totals,
  centre: () => LinkCentreHandlers | null,
): LinkAgentEnd {
  const { agentId, totals } = wire;
  const send = (message: Trip["message"], arrive: (to: LinkCentreHandlers) => void): Sending =>
    transport(wire, { agentId, direction: "up", message }, totals, () => {
      const to = centre();
      if (to === null) return;
      centreTotals.receivedTotal += 1;
      arrive(to);
    });
  return {
    agentId,
    start: (handlers) => {
      wire.handlers = handlers;
      handlers.onState(!wire.isCut);
    },
    send: (message) => send(message, (to) => to.onMessage(agentId, message)),
    sendImage: (passId, sha256, bytes) =>
      send({ kind: "image" }, (to) => to.onImage(agentId, passId, sha256, bytes)),
    counters: (): LinkCounters => ({ ...totals }),
    close: () => {
      wire.handlers = null;
      return Promise.resolve();
    },
  };
}
