// Goal: whatever stills wait, an X-ray image goes to the centre before any of them. Method: the agent's
// sending with a store, a wire and a clock in the test's hands.
import { expect, test } from "vitest";
import { createImageSending, stillsWaitingMax } from "../../edge/link/image-sending.ts";
import { createLinkCuts } from "../../edge/link/link-cuts.ts";
import { imageKindOf } from "../../protocols/image-kind.ts";
import { notConnected, sent, wireFull, type LinkSending } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { runFor } from "../centre/kit/virtual-run.ts";

const xrayBytes = Uint8Array.of(1);
const stillBytes = Uint8Array.of(0xff, 0xd8, 0xff);

function rig() {
  const clock = createVirtualClock();
  const went: string[] = [];
  /** Reads that wait for the test, in the order in which they were begun. */
  const reads: { readonly name: string; readonly done: () => void }[] = [];
  const wire: { stills: LinkSending } = { stills: sent };
  const bytesOf = (name: string): Uint8Array => (name.startsWith("still") ? stillBytes : xrayBytes);
  const sending = createImageSending({
    end: {
      sendImage: (_passId, name, bytes) => {
        const outcome = imageKindOf(bytes) === "still" ? wire.stills : sent;
        if (outcome.kind === "sent") went.push(name);
        return outcome;
      },
    },
    clock,
    cuts: createLinkCuts(),
    read: (_passId, name) =>
      new Promise((resolve) => reads.push({ name, done: () => resolve(bytesOf(name)) })),
    kindOf: (name) => imageKindOf(bytesOf(name)),
    facts: { tell: () => {} },
  });
  const readAll = (): void => {
    for (const { done } of reads.splice(0)) done();
  };
  return { clock, sending, went, reads, wire, readAll };
}

test("of all that the centre lacks X-ray images are read and sent first, stills then, one at a time", async () => {
  const { clock, sending, went, reads, readAll } = rig();
  for (let n = 0; n < 8; n += 1) sending.sendWanted("p", `xray-${n}`);
  for (let n = 0; n < 20; n += 1) sending.sendWanted("p", `still-${n}`);
  await runFor(clock, 1_000, 50);
  expect(reads.map(({ name }) => name)).toEqual(Array.from({ length: 8 }, (_, n) => `xray-${n}`));
  readAll();
  await runFor(clock, 150, 50);
  expect(went).toHaveLength(8);
  expect(reads.map(({ name }) => name)).toEqual(["still-0"]);
  for (let n = 0; n < 50; n += 1) {
    readAll();
    await runFor(clock, 100, 50);
  }
  expect(went.slice(8)).toEqual(Array.from({ length: 20 }, (_, n) => `still-${n}`));
});

test("stills that are being read take no X-ray image's place", async () => {
  const { clock, sending, went, reads, readAll } = rig();
  for (let n = 0; n < stillsWaitingMax + 10; n += 1) sending.sendWanted("p", `still-${n}`);
  await runFor(clock, 100, 50);
  expect(reads.map(({ name }) => name)).toEqual(["still-0"]);
  for (let n = 0; n < 8; n += 1) sending.sendWanted("p", `xray-${n}`);
  expect(reads).toHaveLength(9);
  // The still that was read first lets them go before it.
  readAll();
  await runFor(clock, 50);
  expect(went).toEqual(Array.from({ length: 8 }, (_, n) => `xray-${n}`));
});

test("a still just taken waits for a free wire, and is sent without the centre's asking", async () => {
  const { clock, sending, went, wire, readAll } = rig();
  wire.stills = wireFull;
  expect(sending.send("p", "still-1", stillBytes)).toEqual(wireFull);
  sending.send("p", "xray-1", xrayBytes);
  for (let n = 0; n < 5; n += 1) {
    await runFor(clock, 100, 50);
    readAll();
  }
  expect(went).toEqual(["xray-1"]);
  wire.stills = sent;
  for (let n = 0; n < 3; n += 1) {
    await runFor(clock, 100, 50);
    readAll();
  }
  expect(went).toEqual(["xray-1", "still-1"]);
});

test("a still waits for no centre that is away: it is asked for when that is back", async () => {
  const { clock, sending, reads, wire, readAll } = rig();
  wire.stills = notConnected;
  sending.send("p", "still-1", stillBytes);
  sending.sendWanted("p", "still-2");
  await runFor(clock, 100, 50);
  readAll();
  await runFor(clock, 1_000, 50);
  expect(reads).toEqual([]);
  sending.stop();
});
