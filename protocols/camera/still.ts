/**
 * When a camera takes its still of a parcel: as the line tells this fact of it. A still shows people what
 * has been; it is evidence of nothing, and no decision waits for it.
 */
export const stillMoments = [
  "inducted",
  "identified",
  "notIdentified",
  "weighed",
  "imaged",
  "left",
  "lost",
] as const;
export type StillMoment = (typeof stillMoments)[number];

/**
 * One that is longer is not taken. It is hashed on the thread that serves the line, which takes some
 * milliseconds at this length.
 */
export const stillBytesMax = 2 * 1024 * 1024;
