/**
 * Goal: whether a controller cancels and rests without our life is seen before a line relies on it, and
 * the test moves nothing and leaves nothing behind. Method: the real driver and the simulated sorter in
 * virtual time, and sorters that do it wrongly in one way each.
 */
import { expect, test } from "vitest";
import { testLife } from "../../edge/probe/life.ts";
import type { SorterNamed } from "../../edge/runtime/open-devices.ts";
import { zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import type { SorterPort } from "../../edge/devices/sorter/sorter.ts";
import type { SorterEvent } from "../../protocols/sorter/sorter.ts";
import { beltCount, monotonicMs } from "../../protocols/units.ts";
import { voices, type Language } from "../../protocols/words/words.ts";
import { createVirtualClock, type VirtualClock } from "../../simulators/clock/virtual-clock.ts";

type Body = Parameters<SorterPort["send"]>[0];

interface Ways {
  /** After so long without life it cancels; null: never. */
  readonly cancelsAfterMs?: number | null;
  readonly why?: "noLife" | "aborted";
  readonly firesInstead?: boolean;
  /** It takes diverts without life. */
  readonly takesAnyway?: boolean;
  readonly refuses?: "overlap";
  /** It does not see that life is back. */
  readonly staysDeaf?: boolean;
  readonly isSilent?: boolean;
}

/** A controller by its own rules, and a driver that keeps its life unless it is held. */
function rig(ways: Ways = {}) {
  const { cancelsAfterMs = 1_500, why = "noLife" } = ways;
  const clock = createVirtualClock();
  const commands: Body[] = [];
  const lines: string[] = [];
  let tell: (event: SorterEvent) => void = () => {};
  let lifeAt = 0;
  let wasLost = false;
  let seq = 0;
  const pending = new Set<string>();
  const say = (body: object): void =>
    tell({ ...body, epoch: "b1", seq: (seq += 1) } as unknown as SorterEvent);
  const hasLife = (): boolean =>
    clock.monotonic() - lifeAt < 1_500 && !(ways.staysDeaf === true && wasLost);
  const every = (ms: number, work: () => void): void => {
    const again = (): void => {
      work();
      clock.schedule(monotonicMs(clock.monotonic() + ms), again);
    };
    again();
  };
  const open: SorterNamed["open"] = ({ isLifeHeld }) => ({
    deviceId: "s",
    health: () => ({ state: "down", reason: null, counters: {} }),
    start(sink) {
      tell = (event) => sink(event);
      every(500, () => {
        if (isLifeHeld?.() !== true) lifeAt = clock.monotonic();
      });
      every(100, () => {
        const belt = { speedMmPerS: 0, isRunning: false, emergencyStop: false };
        if (ways.isSilent !== true) say({ kind: "belt", count: beltCount(5_000), ...belt });
        const lostMs = clock.monotonic() - lifeAt;
        if (lostMs > 600) wasLost = true;
        if (cancelsAfterMs === null || lostMs < cancelsAfterMs) return;
        for (const commandId of pending) {
          const end = ways.firesInstead === true;
          say(
            end
              ? { kind: "fired", commandId, count: beltCount(1) }
              : { kind: "cancelled", commandId, why },
          );
        }
        pending.clear();
      });
    },
    send(command) {
      commands.push(command);
      if (command.kind === "abort") pending.delete(command.commandId);
      if (command.kind !== "divert") return { kind: "sent" };
      const { commandId } = command;
      const refusal = ways.refuses ?? (hasLife() || ways.takesAnyway === true ? null : "noLife");
      if (refusal === null) pending.add(commandId);
      clock.schedule(monotonicMs(clock.monotonic() + 20), () =>
        say(
          refusal === null
            ? { kind: "accepted", commandId }
            : { kind: "refused", commandId, why: refusal },
        ),
      );
      return { kind: "sent" };
    },
    stop: () => Promise.resolve(),
  });
  return { clock, commands, lines, pending, open };
}

async function runUntil(clock: VirtualClock, isOver: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !isOver(); turn += 1) {
    clock.runFor(10);
    for (let step = 0; step < 8; step += 1) await Promise.resolve();
  }
}

async function tested(ways: Ways = {}, language: Language = "en") {
  const parts = rig(ways);
  const { clock, lines, open } = parts;
  const config = zSorterConfig.parse({
    id: "s",
    reach: { kind: "mqtt", brokerUrl: "mqtt://127.0.0.1", base: "s" },
    dialect: { kind: "sortline-json" },
  });
  let isRight: boolean | null = null;
  void testLife({
    sorter: { config, open, exit: "red", countsPerMs: 1, countsAheadMax: Number.POSITIVE_INFINITY },
    deps: { clock } as never,
    clock,
    seconds: 5,
    voice: voices[language],
    out: (line) => lines.push(line),
    enough: new Promise(() => {}),
  }).then((result) => (isRight = result));
  await runUntil(clock, () => isRight !== null);
  return { ...parts, isRight };
}

test("a controller that cancels and takes nothing without life is in order", async () => {
  const { isRight, lines, commands, pending } = await tested();
  expect(lines).toEqual([
    "- With our life a divert is accepted; it lies so far ahead that nothing moves.",
    expect.stringMatching(
      /^- Our life was stopped, and 1\d{3} ms later the divert was cancelled for/,
    ),
    "- Without our life a divert is refused for want of it.",
    "- With our life again a divert is accepted again.",
    expect.stringMatching(/^- All of it is as it must be/),
  ]);
  expect(isRight).toBe(true);
  const diverts = commands.filter(({ kind }) => kind === "divert");
  for (const divert of diverts) expect(divert).toMatchObject({ exit: "red", fireAtCount: 25_000 });
  expect(pending.size).toBe(0);
  expect(commands.slice(-3).map(({ kind }) => kind)).toEqual(["abort", "abort", "abort"]);
});

test.each<[string, Ways, RegExp]>([
  ["does not cancel", { cancelsAfterMs: null }, /2000 ms later the divert is still pending/],
  ["cancels too late", { cancelsAfterMs: 3_000 }, /still pending/],
  ["says another reason", { why: "aborted" }, /for another reason \(aborted\)/],
  ["fires", { firesInstead: true }, /told as fired/],
  ["takes diverts without life", { takesAnyway: true }, /not refused for want of it \(accepted\)/],
  ["does not come back", { staysDeaf: true }, /not accepted \(noLife\): does the controller see/],
  ["takes none with life", { refuses: "overlap" }, /is not accepted \(overlap\)/],
  ["says nothing", { isSilent: true }, /Nothing is heard of the belt in 5 s/],
])("one that %s is not, by name, and nothing stays behind", async (_, ways, why) => {
  const { isRight, lines, pending } = await tested(ways);
  expect(isRight).toBe(false);
  expect(lines.join("\n")).toMatch(why);
  expect(lines.at(-1)).toBe("- Not all of it is as it must be: no line may run so.");
  expect(pending.size).toBe(0);
});

test("in Chinese", async () => {
  const { lines } = await tested({ cancelsAfterMs: null }, "zh-CN");
  expect(lines.join("\n")).toMatch(/仍未取消/);
});
