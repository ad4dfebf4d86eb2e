import { z } from "zod";

/**
 * What a horn and a stack light show together. The colours' meanings are in
 * `edge/alarms/annunciation.ts`. It is no safety function: nobody may rely on a lamp.
 */
export const lampColours = ["red", "amber", "green", "blue", "white"] as const;
export type LampColour = (typeof lampColours)[number];

export const lampStates = ["off", "steady", "flashing"] as const;
export type LampState = (typeof lampStates)[number];

const zLamp = z.enum(lampStates);

export const zAnnunciation = z.strictObject({
  horn: z.boolean(),
  red: zLamp,
  amber: zLamp,
  green: zLamp,
  blue: zLamp,
  white: zLamp,
});
export type Annunciation = z.infer<typeof zAnnunciation>;
export type SignalName = keyof Annunciation;

export const darkAnnunciation: Annunciation = {
  horn: false,
  red: "off",
  amber: "off",
  green: "off",
  blue: "off",
  white: "off",
};

/** What is shown when the agent has left or is not heard any more: white, and it flashes. */
export const restingAnnunciation: Annunciation = { ...darkAnnunciation, white: "flashing" };

export const isSameAnnunciation = (one: Annunciation, other: Annunciation): boolean =>
  one.horn === other.horn && lampColours.every((colour) => one[colour] === other[colour]);
