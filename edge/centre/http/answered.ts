import type { Then } from "../documents/desk.ts";

/** What the document desk answers; null where it is not kept. A bug of ours is thrown. */
export const answered = <T>(ask: (then: Then<T>) => void): Promise<T | null> =>
  new Promise((resolve, reject) =>
    ask((outcome) => {
      if (outcome.kind === "bug") reject(outcome.thrown);
      else resolve(outcome.kind === "kept" ? outcome.answer : null);
    }),
  );
