/**
 * Goal: a wrong password locks nobody's account, and a right one that has taken its place is offered at
 * once. Method: in virtual time, with a real file that is written whole, in pieces, and not at all.
 */
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { createRefusedLogin, delaysOfServer } from "../../edge/devices/refused-login.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { temporaryFolder } from "../contract/device-rig.ts";

function bench(hasFile: boolean) {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const path = folder.path("password");
  writeFileSync(path, "wrong");
  const clock = createVirtualClock();
  const login = createRefusedLogin({
    clock,
    passwordFile: hasFile ? path : null,
    delaysMs: delaysOfServer({ next: () => 0 }),
  });
  let again = 0;
  /** Looks at a file take turns of the real program. */
  const runFor = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
      clock.runFor(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const wait = async (): Promise<void> => {
    login.wait(await login.offering(), () => void (again += 1));
    await runFor(2_000);
  };
  return { path, clock, login, wait, runFor, again: () => again };
}

test("refusals in a row are waited for ever longer, up to a minute", async () => {
  const { clock, login } = bench(false);
  const waited: number[] = [];
  for (let refusals = 0; refusals < 8; refusals += 1) {
    const from = clock.monotonic();
    login.wait(null, () => waited.push((clock.monotonic() - from) / 1_000));
    clock.runNext();
  }
  expect(waited).toEqual([10, 20, 40, 60, 60, 60, 60, 60]);
  login.taken();
  login.wait(null, () => {});
  expect(login.isWaiting()).toBe(true);
  clock.runFor(10_000);
  expect(login.isWaiting()).toBe(false);
});

test("a file that has changed ends the waiting, once it is the same over two looks", async () => {
  const { path, wait, runFor, again } = bench(true);
  await wait();
  expect(again()).toBe(0);
  writeFileSync(path, "ri");
  await runFor(1_000);
  appendFileSync(path, "ght");
  await runFor(1_000);
  expect(again()).toBe(0);
  await runFor(2_000);
  expect(again()).toBe(1);
  await runFor(20_000);
  expect(again()).toBe(1);
});

test("a file that was changed while its password was under way has changed", async () => {
  const { path, login, runFor } = bench(true);
  const offered = await login.offering();
  writeFileSync(path, "right");
  let isTried = false;
  login.wait(offered, () => (isTried = true));
  await runFor(2_000);
  expect(isTried).toBe(true);
});

test("a file that is gone ends nothing, and counts once it is there again", async () => {
  const { path, wait, runFor, again } = bench(true);
  await wait();
  rmSync(path);
  await runFor(3_000);
  expect(again()).toBe(0);
  writeFileSync(path, "right");
  await runFor(3_000);
  expect(again()).toBe(1);
});

test("what was stopped is not tried again, whatever becomes of its file", async () => {
  const { path, clock, login, wait, runFor, again } = bench(true);
  await wait();
  login.stop();
  writeFileSync(path, "right");
  await runFor(20_000);
  expect(again()).toBe(0);
  expect(clock.pendingCount()).toBe(0);
});
