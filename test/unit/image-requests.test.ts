// Goal: the centre gets every X-ray image that an agent still has, however many stills it waits for.
// Method: its list of requests in virtual time, with the link in the test's hands.
import { expect, test } from "vitest";
import {
  createImageRequests,
  imagesWaitedForMax,
  stillsWaitedForMax,
} from "../../edge/centre/lines/image-requests.ts";
import { notConnected, sent, type LinkSending } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

function rig() {
  const clock = createVirtualClock();
  const asked: string[] = [];
  const link: { sending: LinkSending } = { sending: sent };
  const requests = createImageRequests(clock, (imageHash, { agentId }) => {
    if (link.sending.kind === "sent") asked.push(`${agentId} ${imageHash}`);
    return link.sending;
  });
  const tickFor = (ms: number): void => {
    for (let at = 0; at < ms; at += 100) {
      clock.runFor(100);
      requests.tick();
    }
  };
  const from = (agentId: string) => ({ agentId, passId: "p" });
  return { requests, asked, link, tickFor, from };
}

test("in a long outage of the link stills push out no X-ray image, and the oldest of each kind goes", () => {
  const { requests, from, link, asked, tickFor } = rig();
  link.sending = notConnected;
  requests.expect("xray", "image", from("a"));
  for (let n = 0; n <= stillsWaitedForMax; n += 1) requests.expect("still", `s${n}`, from("a"));
  tickFor(60_000);
  expect(requests.counters()).toMatchObject({
    waiting: 1,
    lostTotal: 0,
    stillsWaiting: stillsWaitedForMax,
    stillsLostTotal: 1,
  });
  for (let n = 0; n < imagesWaitedForMax; n += 1) requests.expect("xray", `i${n}`, from("a"));
  expect(requests.counters()).toMatchObject({ waiting: imagesWaitedForMax, lostTotal: 1 });
  link.sending = sent;
  tickFor(2_000);
  expect(asked.filter((one) => one.startsWith("a s"))).toEqual([]);
});

test("an agent is asked for stills once it owes no X-ray image, and for some at a time", () => {
  const { requests, from, asked, tickFor } = rig();
  requests.expect("xray", "image", from("a"));
  for (let n = 0; n < 40; n += 1) requests.expect("still", `s${n}`, from("a"));
  requests.expect("still", "of-another", from("b"));
  tickFor(1_500);
  expect(asked.toSorted()).toEqual(["a image", "b of-another"]);
  requests.arrived("image");
  tickFor(100);
  expect(asked).toHaveLength(2 + 16);
  tickFor(200);
  expect(asked).toHaveLength(2 + 40);
  expect(requests.counters()).toMatchObject({ askedTotal: 1, stillsAskedTotal: 41 });
});

test("a still that never comes is asked for for a minute, and counted as lost", () => {
  const { requests, from, tickFor } = rig();
  requests.expect("still", "gone", from("a"));
  tickFor(59_000);
  expect(requests.counters()).toMatchObject({ stillsWaiting: 1, stillsLostTotal: 0 });
  tickFor(5_000);
  expect(requests.counters()).toMatchObject({ stillsWaiting: 0, stillsLostTotal: 1, lostTotal: 0 });
});
