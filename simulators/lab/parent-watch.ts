/** How often a process looks whether the one that started it is still there. */
const lookEveryMs = 500;

/** Calls `act` once, when the process that started this one has ended, however it ended. */
export function onParentGone(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, lookEveryMs);
  timer.unref();
}
