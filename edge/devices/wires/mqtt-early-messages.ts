/**
 * A broker may deliver before it has said that it grants the subscription, as mosquitto does.
 * Whoever listens hears first that the wire is there, and then what came over it. What is more than
 * may wait is dropped, as if we had subscribed a little later.
 * @see MQTT 3.1.1, section 3.8.4
 */
export function createEarlyMessages(bytesMax: number) {
  let held: (() => void)[] = [];
  let heldBytes = 0;
  return {
    hold(bytes: number, deliver: () => void): void {
      if (heldBytes + bytes > bytesMax || held.length >= messagesMax) return;
      heldBytes += bytes;
      held.push(deliver);
    },
    deliver(): void {
      const due = held;
      held = [];
      heldBytes = 0;
      for (const deliver of due) deliver();
    },
  };
}

const messagesMax = 10_000;
