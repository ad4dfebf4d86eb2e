/**
 * Goal: the simulated machine on OPC UA keeps its own rules, so that what the driver is tried with is
 * what the dialect says: pieces in bounds, epochs, and life.
 * Method: the machine's side alone, with events and calls in the test's hands, in virtual time.
 */
import { expect, it } from "vitest";
import { encodeJson } from "../../protocols/json-message.ts";
import { beltCount } from "../../protocols/units.ts";
import { xrayPiecesAheadMax } from "../../protocols/xray/xray-opcua.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import {
  createXrayOpcuaWire,
  type XrayOpcuaEvent,
} from "../../simulators/devices/xray/opcua-wire.ts";

function createStand() {
  const clock = createVirtualClock();
  const events: XrayOpcuaEvent[] = [];
  const wire = createXrayOpcuaWire({
    clock,
    entropy: createSeededEntropy(1, "epochs"),
    pieceBytes: 4,
    raise: (event) => events.push(event),
  });
  const life = () =>
    wire.say({ kind: "life", state: "ready", beamOn: true, seq: events.length }, false);
  life();
  const epoch = events[0]!.epoch;
  return {
    clock,
    wire,
    life,
    epoch,
    /** What was raised since it was asked last. */
    topics: () => events.splice(0).map(({ topic, seq }) => `${topic} ${seq}`),
    call: (order: object) => wire.take(encodeJson({ epoch, ...order })),
    show: () =>
      wire.show(
        {
          header: { passId: null, itemSequence: 1, widthPx: 4, heightPx: 2 },
          highEnergy: new Uint16Array(8),
          lowEnergy: new Uint16Array(8),
        },
        false,
      ),
  };
}

it("is so many pieces ahead of the line, and no further; what follows an image waits behind it", () => {
  const stand = createStand();
  stand.call({ kind: "life" });
  stand.topics();
  stand.show();
  stand.wire.say({ kind: "left", passId: null, itemSequence: 1 }, false);
  expect(stand.topics()).toHaveLength(xrayPiecesAheadMax);
  stand.call({ kind: "received", seq: 3 });
  expect(stand.topics()).toEqual(["image 10", "image 11"]);
  for (let seq = 9; seq < 80; seq += 5) stand.call({ kind: "received", seq });
  expect(stand.topics().at(-1)).toMatch(/^left/);
});

it("gives an image up that the line does not take for a second, and goes on behind it", () => {
  const stand = createStand();
  stand.call({ kind: "life" });
  stand.topics();
  stand.show();
  stand.wire.say({ kind: "left", passId: null, itemSequence: 1 }, false);
  stand.topics();
  stand.clock.runFor(999);
  expect(stand.topics()).toEqual([]);
  stand.clock.runFor(1);
  expect(stand.topics()).toEqual(["left 10"]);
});

it("takes nothing of another epoch, and nothing that is no order", () => {
  const stand = createStand();
  expect(stand.call({ kind: "life", epoch: "before" })).toBe("staleEpoch");
  expect(stand.call({ kind: "life", extra: 1 })).toBe("invalid");
  stand.wire.restart();
  expect(stand.call({ kind: "life" })).toBe("staleEpoch");
});

it("forgets what was announced when it has not heard the line for 1,500 ms", () => {
  const stand = createStand();
  let announced: string[] = [];
  stand.wire.onAnnounce(({ passId }) => announced.push(passId));
  stand.wire.onLineLost(() => {
    announced = [];
  });
  const window = { entryFromCount: beltCount(1), entryToCount: beltCount(2), lengthMm: 300 };
  expect(stand.call({ kind: "announce", passId: "p", ...window })).toBe("taken");
  stand.clock.runFor(1_499);
  stand.life();
  expect(announced).toEqual(["p"]);
  stand.clock.runFor(1);
  stand.life();
  expect(announced).toEqual([]);
});
