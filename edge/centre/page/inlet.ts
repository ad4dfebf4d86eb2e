import { Observable, type Subscriber } from "rxjs";

/**
 * Where values enter a stream that one listener reads. A `Subject` looks through its listeners with
 * an iterator at each value, which takes longer than all that the page then does with a fact.
 */
export interface Inlet<Value> {
  /** For one listener at a time. */
  readonly stream: Observable<Value>;
  /** The listener has taken the value when this returns; without one it is dropped. */
  tell(value: Value): void;
}

export function createInlet<Value>(): Inlet<Value> {
  let listener: Subscriber<Value> | null = null;
  return {
    stream: new Observable((subscriber) => {
      listener = subscriber;
      return () => (listener = null);
    }),
    tell: (value) => listener?.next(value),
  };
}
