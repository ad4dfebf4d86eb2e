/**
 * Goal: a file of a camera with a trigger of its own never goes to a parcel that it was not taken of,
 * however late the camera is and however close the parcels are, as far as its page promises.
 * Method: the shipped dialect, and the shipped account of when files came, at a folder in memory whose
 * looks take their time; each file says whose it is. What the page says cannot be told apart is shown.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createFilesDialect } from "../../edge/devices/camera/files.ts";
import { speak } from "../../edge/devices/dialect.ts";
import type { WireHandlers } from "../../edge/devices/wire.ts";
import type { FolderNews, FolderOrder } from "../../edge/devices/wires/folder-wire.ts";
import { createSettledFiles, type SeenFile } from "../../edge/devices/wires/settled-files.ts";
import { createSightings } from "../../edge/devices/wires/sightings.ts";
import { sent } from "../../protocols/transport.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { drawStill } from "../../simulators/devices/camera/draw-still.ts";

interface Site {
  readonly withinMs: number;
  readonly writes: "renamed" | "inPlace";
  readonly lookEveryMs: number;
  /** A look, and a glance, takes so long; what it finds is what lay there in its middle. */
  readonly lookMs: number;
}

interface Parcel {
  /** Behind the one before; the agent starts a second after the first. */
  readonly behindMs: number;
  /** From its moment until its file is there; null: it never comes. */
  readonly delayMs: number | null;
  /** The camera is triggered, and nobody asks for its still. */
  readonly isUnasked?: boolean;
}

const still = drawStill({ label: null, number: 1 });
const startsAfterMs = 1_000;

/** Whose file each parcel was given. */
function given(site: Site, parcels: readonly Parcel[]): ReadonlyMap<string, string> {
  const clock = createVirtualClock();
  const settled = createSettledFiles(site.writes);
  const sightings = createSightings();
  const lying = new Map<string, SeenFile>();
  const pairs = new Map<string, string>();
  let hand: WireHandlers<FolderNews> | null = null;
  let lastFile = "";

  const later = (ms: number, act: () => void): void =>
    void clock.schedule(monotonicMs(clock.monotonic() + ms), act);
  const see = (then: (files: readonly SeenFile[], beganAt: number) => void): void => {
    const beganAt = clock.monotonic();
    later(site.lookMs / 2, () => {
      const files = [...lying.values()];
      later(site.lookMs / 2, () => {
        const endedAt = clock.monotonic();
        sightings.note({ beganAt, endedAt, files, isWhole: true });
        then(files, beganAt);
      });
    });
  };
  const look = (): void =>
    see((files, beganAt) => {
      for (const file of settled.settled(files).slice(0, 4)) {
        lying.delete(file.name);
        lastFile = file.name;
        const { name } = file;
        const coming = sightings.comingOf(file);
        hand!.onMessage({ kind: "file", name, cameAs: name, bytes: still, ...coming });
      }
      hand!.onMessage({ kind: "looked", beganAt: monotonicMs(beganAt) });
      later(site.lookEveryMs, look);
    });

  const wire = speak(
    createFilesDialect({ kind: "files", withinMs: site.withinMs }),
    {
      open: (handlers) => void (hand = handlers),
      send(order: FolderOrder) {
        if (order.kind === "glance") see(() => {});
        return sent;
      },
      revive: () => {},
      close: async () => {},
    },
    clock,
  );
  let isOpen = false;
  wire.open({
    onState: () => {},
    onMessage(heard) {
      if (heard.kind === "still") pairs.set(heard.id, lastFile);
    },
    onAdvice: () => {},
    onDropped: () => {},
    onSendFailed: () => {},
  });
  later(startsAfterMs, () => {
    isOpen = true;
    hand!.onState(true);
    look();
  });
  let momentMs = 0;
  for (const [inode, { behindMs, delayMs, isUnasked }] of parcels.entries()) {
    momentMs += behindMs;
    const name = `parcel ${inode}`;
    later(momentMs, () => {
      if (isOpen && isUnasked !== true) wire.send({ id: name });
    });
    if (delayMs === null) continue;
    later(momentMs + delayMs, () =>
      lying.set(name, { name, bytes: still.length, changedAtMs: clock.monotonic(), inode }),
    );
  }
  clock.runFor(momentMs + 20_000);
  return pairs;
}

const sites = fc
  .record({
    lookEveryMs: fc.integer({ min: 20, max: 400 }),
    writes: fc.constantFrom("renamed" as const, "inPlace" as const),
    lookMs: fc.constantFrom(0, 2, 30, 300),
    beyondMs: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(({ lookEveryMs, writes, lookMs, beyondMs }) => {
    const withinMs = lookEveryMs * (writes === "inPlace" ? 3 : 2) + beyondMs;
    return { lookEveryMs, writes, lookMs, withinMs };
  });
const parcelsOf = ({ withinMs }: Site) =>
  fc.array(
    fc.record({
      behindMs: fc.oneof(
        fc.integer({ min: 1, max: withinMs }),
        fc.integer({ min: 1, max: 6 * withinMs }),
      ),
      delayMs: fc.oneof(
        { weight: 1, arbitrary: fc.constant(null) },
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 * withinMs }) },
        { weight: 3, arbitrary: fc.integer({ min: 0, max: withinMs }) },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  );

it("ZJG-44: no file goes to another parcel, with delays of up to twice withinMs", () => {
  let paired = 0;
  fc.assert(
    fc.property(
      sites.chain((site) => fc.tuple(fc.constant(site), parcelsOf(site))),
      ([site, parcels]) => {
        const pairs = given(site, parcels);
        paired += pairs.size;
        for (const [parcel, file] of pairs) expect(file).toBe(parcel);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(paired).toBeGreaterThan(1_000);
});

const site: Site = { withinMs: 800, writes: "renamed", lookEveryMs: 100, lookMs: 2 };
const parcels = (total: number, parcel: Parcel): Parcel[] =>
  Array.from({ length: total }, () => parcel);

it("a still never lay there before its moment, whoever else triggers the camera", () => {
  let paired = 0;
  fc.assert(
    fc.property(
      sites.chain((site) =>
        fc.tuple(fc.constant(site), parcelsOf(site), fc.infiniteStream(fc.boolean())),
      ),
      ([site, all, whether]) => {
        const some = all.map((parcel) => ({ ...parcel, isUnasked: whether.next().value === true }));
        const momentOf = (name: string): number =>
          some
            .slice(0, Number(name.slice("parcel ".length)) + 1)
            .reduce((sum, { behindMs }) => sum + behindMs, 0);
        const cameAt = (name: string): number =>
          momentOf(name) + (some[Number(name.slice("parcel ".length))]?.delayMs ?? 0);
        const pairs = given(site, some);
        paired += pairs.size;
        for (const [parcel, file] of pairs) {
          expect(cameAt(file)).toBeGreaterThanOrEqual(momentOf(parcel));
        }
      },
    ),
    { numRuns: 2_000 },
  );
  expect(paired).toBeGreaterThan(200);
});

it("each has its still where the camera is in time, once nothing has come for long enough", () => {
  const pairs = given(site, parcels(20, { behindMs: 3_000, delayMs: 600 }));
  expect(pairs.size).toBe(20);
});

it("one that is lost costs what comes within twice withinMs of it, and no more", () => {
  const some = parcels(20, { behindMs: 1_700, delayMs: 300 });
  some[9] = { behindMs: 1_700, delayMs: null };
  const pairs = given(site, [{ behindMs: 1, delayMs: null }, ...some]);
  const without = some.flatMap((_, at) => (pairs.has(`parcel ${at + 1}`) ? [] : [at]));
  // The first is too soon after the start.
  expect(without).toEqual([0, 9]);
});

it("a camera that takes longer than twice withinMs cannot be told from one in time", () => {
  const pairs = given(site, parcels(20, { behindMs: 2_000, delayMs: 2_200 }));
  expect([...pairs].every(([parcel, file]) => parcel !== file)).toBe(true);
  expect(pairs.size).toBeGreaterThan(10);
});
