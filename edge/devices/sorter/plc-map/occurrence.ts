/** Something that has happened at the controller, with the count that it latched. */
export type Occurrence =
  | {
      readonly kind: "eye";
      readonly eyeId: string;
      readonly isBlocked: boolean;
      readonly count: number;
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

export type CommandEnd =
  | "fired"
  | "cancelledAborted"
  | "cancelledNoLife"
  | "cancelledEmergencyStop";
