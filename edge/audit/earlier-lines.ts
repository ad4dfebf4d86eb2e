import type { ClearanceMessage } from "../../protocols/link.ts";
import type { ClearanceEvent } from "../line/clearance-step.ts";
import type { LineConfig } from "../line/config.ts";
import type { LineEvent } from "../line/events.ts";
import { digestOfClaims, noHeldClaims } from "../line/held-claims.ts";

/**
 * Line configurations and events as earlier logic versions journalled them, read as today's. What
 * they do not say they did not know: before version 6 nothing bound a read, a weight or an image to
 * its parcel but its turn, so they are read as bound by nothing (law 16).
 */
type EarlierLayout = Omit<
  LineConfig["layout"],
  "scanner" | "scale" | "xray" | "witness" | "zones"
> & {
  readonly scanner: Pick<LineConfig["layout"]["scanner"], "deviceId" | "atMm"> &
    Partial<LineConfig["layout"]["scanner"]>;
  readonly witness?: LineConfig["layout"]["witness"];
  readonly scale: Loose<NonNullable<LineConfig["layout"]["scale"]>> | null;
  readonly xray: Loose<NonNullable<LineConfig["layout"]["xray"]>> | null;
  readonly zones?: LineConfig["layout"]["zones"];
};

/** A belt place of which the binding may be missing. */
type Loose<Place extends { readonly binding: unknown }> = Omit<Place, "binding"> &
  Partial<Pick<Place, "binding">>;

export type EarlierConfig = Omit<LineConfig, "layout"> & { readonly layout: EarlierLayout };

export function configOfEarlier({ layout, ...config }: EarlierConfig): LineConfig {
  const { scanner, scale, xray } = layout;
  const none = { kind: "none" } as const;
  return {
    ...config,
    layout: {
      ...layout,
      scanner: { binding: none, canTest: false, ...scanner },
      witness: layout.witness ?? null,
      scale: scale === null ? null : { binding: none, ...scale },
      xray: xray === null ? null : { binding: none, ...xray },
      zones: layout.zones ?? [],
    },
  };
}

/** An event as an earlier version wrote it, with the fields that its kind has been given since. */
export function eventOfEarlier(event: LineEvent, { layout }: LineConfig): LineEvent {
  const { deviceId } = layout.scanner;
  const since: Readonly<Partial<Record<LineEvent["kind"], object>>> = {
    opened: { firstToken: 0 },
    read: { deviceId, proof: {} },
    weight: { proof: {} },
  };
  return { ...since[event.kind], ...event };
}

/**
 * Before version 8 the centre told of all documents, and of claims beside them. Read as today's
 * stream such a message holds no pass's waybill, so what was released by it shows as a difference.
 */
export function clearanceOfEarlier(event: ClearanceEvent): ClearanceEvent {
  if (event.kind !== "clearance") return event;
  const since: Readonly<Partial<Record<ClearanceMessage["kind"], object>>> = {
    snapshotBegin: { claimsTotal: 0 },
    snapshotPart: { claims: [] },
    change: { ended: [] },
    heartbeat: digestOfClaims(noHeldClaims()),
  };
  return { ...event, message: { ...since[event.message.kind], ...event.message } };
}
