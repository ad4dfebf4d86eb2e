/**
 * What a program keeps beside its journals, in folders and files of their own. One of them that does
 * not take what it is given holds nothing up: what leaves the journals stays in them meanwhile.
 */
export const sideStores = ["archive", "segments", "refusedMessages", "anchors"] as const;
export type SideStore = (typeof sideStores)[number];

/** For one who writes to a side store. */
export interface StoreHealth {
  failed(why: string): void;
  /** It has taken something, or has nothing to take. */
  works(): void;
}

export interface FailingStore {
  readonly store: SideStore;
  /** For people. */
  readonly why: string;
}

/** Whether a program's side stores work, by what those who write to them have told last. */
export interface SideStoreWatch {
  /** One a writer: a store works while all its writers say so. */
  healthOf(store: SideStore): StoreHealth;
  /** Each store once. */
  failing(): readonly FailingStore[];
}

/** It fits into a report, and a person reads no more. */
export const failingWhyMax = 200;

export function createSideStoreWatch(): SideStoreWatch {
  const failures = new Map<StoreHealth, FailingStore>();
  return {
    healthOf: (store) => {
      const health: StoreHealth = {
        failed: (why) => failures.set(health, { store, why: why.slice(0, failingWhyMax) }),
        works: () => failures.delete(health),
      };
      return health;
    },
    failing: () =>
      sideStores.flatMap((store) => {
        const failure = [...failures.values()].find((each) => each.store === store);
        return failure === undefined ? [] : [failure];
      }),
  };
}
