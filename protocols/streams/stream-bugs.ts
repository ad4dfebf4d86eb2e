import { config } from "rxjs";

/**
 * rxjs never lets an exception of a subscriber reach whoever fed the stream: it keeps it, and hands
 * it out in a later turn of the event loop. `report` is where it then arrives; without one it would
 * be thrown out of a timer, where nobody can tell whose bug it was. Whoever composes a process
 * calls this once, before the first stream is subscribed to.
 */
export function reportStreamBugs(report: (thrown: unknown) => void): void {
  config.onUnhandledError = report;
}
