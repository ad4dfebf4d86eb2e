/**
 * Messages with QoS 1 on their way to a broker: no more at once than it takes before it has
 * acknowledged the first, and the rest waits here in order, as it would in a socket. One window is of
 * one connection, so that nothing in it outlives it (law 6).
 * @see MQTT 5.0, section 4.9
 */
export interface SendWindow {
  /** `send` is called now or when there is room, with what is to be called once it is acknowledged. */
  submit(bytes: number, send: (onAcknowledged: () => void) => void): void;
  /** Not acknowledged yet, whether sent or waiting. */
  total(): number;
  waitingBytes(): number;
  /** Resolves once nothing waits any more. */
  emptied(): Promise<void>;
  /** What waits is dropped. */
  drop(): void;
}

export function createSendWindow(inFlightMax: number): SendWindow {
  let waiting: { readonly bytes: number; readonly send: (done: () => void) => void }[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let onEmptied: (() => void)[] = [];

  const tellEmptied = (): void => {
    const told = onEmptied;
    onEmptied = [];
    for (const tell of told) tell();
  };

  const acknowledged = (): void => {
    inFlight -= 1;
    const next = waiting.shift();
    if (next === undefined) return;
    waitingBytes -= next.bytes;
    start(next.send);
    if (waiting.length === 0) tellEmptied();
  };

  const start = (send: (done: () => void) => void): void => {
    inFlight += 1;
    let isDone = false;
    send(() => {
      if (isDone) return;
      isDone = true;
      acknowledged();
    });
  };

  return {
    submit(bytes, send) {
      if (inFlight < inFlightMax) return start(send);
      waiting.push({ bytes, send });
      waitingBytes += bytes;
    },
    total: () => inFlight + waiting.length,
    waitingBytes: () => waitingBytes,
    emptied: () =>
      waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => onEmptied.push(() => resolve())),
    drop() {
      waiting = [];
      waitingBytes = 0;
      tellEmptied();
    },
  };
}
