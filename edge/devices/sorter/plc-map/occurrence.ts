/** Something that has happened at the controller, with the count that it latched. */
export type Occurrence =
  | {
      readonly kind: "eye";
      readonly eyeId: string;
      readonly isBlocked: boolean;
      readonly count: number;
      /** The controller's own number of the parcel, where the map has one; 0: none. */
      readonly track?: number;
    }
  | {
      readonly kind: "ended";
      /** The sequence number of the command that has come to its end. */
      readonly seq: number;
      readonly end: CommandEnd;
      readonly count: number;
    }
  | { readonly kind: "localReset"; readonly count: number }
  | { readonly kind: "pulse"; readonly inputId: string; readonly count: number }
  | {
      readonly kind: "guard";
      readonly guardId: string;
      readonly isOpen: boolean;
      readonly count: number;
    };

/** A number that is none of a parcel's is none. */
export const trackOf = (shown: number): number => Math.max(0, shown);

export type CommandEnd =
  | "fired"
  | "cancelledAborted"
  | "cancelledNoLife"
  | "cancelledEmergencyStop";
