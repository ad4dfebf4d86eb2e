/**
 * Who may work on which rows. Each asks for all of his at once and waits until nobody holds one of
 * them, and nobody who has asked before him wants one; so nobody waits while he holds something, and
 * no circle of waiting can close. Whoever finds that he needs more keeps the place that he has asked
 * from: an order that was there before a question is judged before it.
 */
export interface KeyLocks {
  /** `onGranted` is called when all are his; from inside, if that may be now. */
  ask(keys: Iterable<string>, onGranted: (lock: KeyLock) => void): void;
  /** Everything there is: when nobody else holds anything; who asks later waits. */
  askAll(onGranted: (lock: KeyLock) => void): void;
  /** Nobody holds or wants one of them, nor everything. */
  areFree(keys: Iterable<string>): boolean;
}

export interface KeyLock {
  /**
   * More keys beside those that are held, if nobody holds one of them, or has asked before and wants
   * one; else none.
   */
  extend(keys: Iterable<string>): boolean;
  /** Lets everything go and waits for these, at the place of the first asking. Not for everything. */
  askAgain(keys: Iterable<string>, onGranted: (lock: KeyLock) => void): void;
  release(): void;
}

interface Asking {
  /** In the order of asking. */
  readonly place: number;
  /** Null: everything. */
  keys: Set<string> | null;
  onGranted: (lock: KeyLock) => void;
  isGranted: boolean;
}

export function createKeyLocks(): KeyLocks {
  /** Of each key those who hold or want it: the holder first, the others in the order of asking. */
  const queues = new Map<string, Asking[]>();
  /** Who waits because somebody asks for everything, himself first. */
  let behindAll: Asking[] = [];
  /** Those in the queues, waiting or not. */
  const asking = new Set<Asking>();
  let holderOfAll: Asking | null = null;
  /** Granted, and to be told one after the other, however many follow from what each of them does. */
  const granted: Asking[] = [];
  let isTelling = false;
  let placesGiven = 0;

  const isFirst = (each: Asking, key: string): boolean => queues.get(key)?.[0] === each;

  const tryGrant = (each: Asking): void => {
    if (each.isGranted || each.keys === null) return;
    for (const key of each.keys) if (!isFirst(each, key)) return;
    grant(each);
  };

  const enqueue = (each: Asking, keys: Iterable<string>): void => {
    asking.add(each);
    for (const key of keys) {
      const queue = queues.get(key) ?? [];
      const behind = queue.findIndex(
        (other) => !other.isGranted && (each.isGranted || other.place > each.place),
      );
      queues.set(key, behind < 0 ? [...queue, each] : queue.toSpliced(behind, 0, each));
    }
  };

  /** Lets those go on who waited for everybody to be done, or for the one who had everything. */
  const goOn = (): void => {
    // Whoever is let go on may give everything to another one at once, before the next is looked at.
    while (holderOfAll === null && behindAll.length > 0) {
      const [next] = behindAll;
      if (next === undefined) return;
      if (next.keys === null && asking.size > 0) return;
      behindAll = behindAll.slice(1);
      if (next.keys === null) {
        holderOfAll = next;
        grant(next);
      } else {
        enqueue(next, next.keys);
        tryGrant(next);
      }
    }
  };

  /** Answers who stands first now where he stood. */
  const leaveQueues = (each: Asking): ReadonlySet<Asking> => {
    const next = new Set<Asking>();
    if (!asking.delete(each)) return next;
    for (const key of each.keys ?? []) {
      const left = (queues.get(key) ?? []).filter((waiting) => waiting !== each);
      if (left.length === 0) queues.delete(key);
      else queues.set(key, left);
      if (left[0] !== undefined) next.add(left[0]);
    }
    return next;
  };

  const release = (each: Asking): void => {
    if (holderOfAll === each) holderOfAll = null;
    for (const waiting of leaveQueues(each)) tryGrant(waiting);
    goOn();
  };

  const askAgain = (each: Asking, keys: ReadonlySet<string>): void => {
    const next = leaveQueues(each);
    each.keys = new Set(keys);
    each.isGranted = false;
    enqueue(each, keys);
    // Who comes before him goes first; who comes behind him waits for what both want.
    for (const waiting of next) tryGrant(waiting);
    tryGrant(each);
  };

  const extend = (each: Asking, more: readonly string[]): boolean => {
    const { keys } = each;
    if (keys === null) return true;
    const added = more.filter((key) => !keys.has(key));
    const isTaken = added.some((key) => {
      const [first] = queues.get(key) ?? [];
      return first !== undefined && (first.isGranted || first.place < each.place);
    });
    if (isTaken) return false;
    for (const key of added) keys.add(key);
    enqueue(each, added);
    return true;
  };

  const grant = (each: Asking): void => {
    each.isGranted = true;
    granted.push(each);
    if (isTelling) return;
    isTelling = true;
    for (let next = granted.shift(); next !== undefined; next = granted.shift()) tell(next);
    isTelling = false;
  };

  const tell = (each: Asking): void =>
    each.onGranted({
      extend: (more) => extend(each, [...more]),
      askAgain: (keys, onGranted) => {
        each.onGranted = onGranted;
        askAgain(each, new Set(keys));
      },
      release: () => release(each),
    });

  const ask = (each: Asking): void => {
    if (each.keys === null || behindAll.length > 0 || holderOfAll !== null) {
      behindAll.push(each);
      return goOn();
    }
    enqueue(each, each.keys);
    tryGrant(each);
  };

  const newAsking = (keys: Asking["keys"], onGranted: (lock: KeyLock) => void): Asking => {
    placesGiven += 1;
    return { place: placesGiven, keys, onGranted, isGranted: false };
  };

  return {
    ask: (keys, onGranted) => ask(newAsking(new Set(keys), onGranted)),
    areFree(keys) {
      if (behindAll.length > 0 || holderOfAll !== null) return false;
      if (queues.size === 0) return true;
      for (const key of keys) if (queues.has(key)) return false;
      return true;
    },
    askAll: (onGranted) => ask(newAsking(null, onGranted)),
  };
}
