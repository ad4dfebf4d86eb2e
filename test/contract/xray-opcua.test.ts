/**
 * Goal: the X-ray driver keeps the contract of `XrayPort` over OPC UA, and takes no event twice, out of
 * its place or in part.
 * Method: the contract and fault suite against a real server on loopback, events that no machine would
 * raise, and subscriptions that die while their connection lives.
 */
import { beforeEach, expect, it } from "vitest";
import { describeFaults, type InCell } from "./cell-suite.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { describeXrayPort, standOn, type XrayStand } from "./xray.contract.ts";
import { overMemoryEvents, overOpcua, type EventRig, type MachineOptions } from "./xray-rigs.ts";

const { path, atEnd } = useOpcuaStand("xray-opcua-");

const rigs = [
  { wire: "events in memory", cell: null, open: overMemoryEvents },
  {
    wire: "over OPC UA",
    cell: "xray/sortline-opcua/opcua",
    open: (machine = {}) => overOpcua(path, machine),
  },
] as const satisfies readonly (InCell & {
  readonly wire: string;
  readonly open: (machine?: MachineOptions) => Promise<EventRig>;
})[];

for (const rig of rigs) describeXrayPort(rig);

describeFaults("X-ray, $wire, with what no machine should say", rigs, ({ open }) => {
  let rig: EventRig;
  let stand: XrayStand;
  /** Of the machine's own events. */
  let epoch = "";
  let seq = 0;

  beforeEach(async () => {
    rig = await open();
    atEnd.push(() => rig.close());
    stand = standOn(rig);
    await rig.until(() => stand.state() === "receiving", "the first sign of life");
    // Nothing of the machine's own comes between what a test says.
    rig.device.setFaults({ isSilent: true });
    epoch = "anew";
    seq = 0;
    raise({ topic: "life", payload: '{"state":"ready","beamOn":true,"seq":0}' });
    await rig.until(() => stand.counter("sessionsTotal") === 2, "the test's own session");
  });

  const raise = (event: { topic: string; payload: string; piece?: Uint8Array; seq?: number }) => {
    seq = event.seq ?? seq + 1;
    rig.raise({ piece: null, ...event, epoch, seq });
  };
  const item = (itemSequence: number) =>
    `{"passId":null,"itemSequence":${itemSequence},"entryCount":5,"lengthMm":300}`;
  const refusal = async (why: RegExp) => {
    const before = stand.counter("discardedTotal");
    await rig.until(() => stand.counter("discardedTotal") > before, "the refusal");
    expect(rig.port.health().reason?.detail).toMatch(why);
  };

  it.each([
    ["item", "{", /item.*JSON/],
    ["item", item(0), /item.*itemSequence/],
    ["picture", "{}", /picture unknown topic/],
    ["image", '{"itemSequence":1,"fromByte":0}', /image.*totalBytes/],
    ["image", '{"itemSequence":1,"fromByte":8,"totalBytes":9}', /without its beginning/],
    ["image", '{"itemSequence":1,"fromByte":0,"totalBytes":9}', /does not follow/],
  ])("refuses a broken %s by name, and the next item is whole", async (topic, payload, why) => {
    raise({ topic, payload });
    await refusal(why);
    raise({ topic: "item", payload: item(1) });
    await rig.until(() => stand.of("item").length === 1, "the item");
  });

  it("law 16, PR4.4-12: an event that came already is none of now, and one that is missing is counted", async () => {
    raise({ topic: "item", payload: item(1) });
    raise({ topic: "item", payload: item(2), seq });
    raise({ topic: "item", payload: item(3), seq: seq - 1 });
    raise({ topic: "item", payload: item(4), seq: seq + 3 });
    await rig.until(() => stand.of("item").length === 2, "two items");
    expect(stand.of("item").map(({ itemSequence }) => itemSequence)).toEqual([1, 4]);
    expect(stand.counter("repeatedEventsTotal")).toBe(2);
    expect(stand.counter("missedEventsTotal")).toBe(1);
  });

  it("a piece that is missing makes no image", async () => {
    const piece = (fromByte: number) =>
      raise({
        topic: "image",
        payload: `{"itemSequence":1,"fromByte":${fromByte},"totalBytes":9}`,
        piece: new Uint8Array(3),
      });
    piece(0);
    piece(6);
    await refusal(/does not follow/);
    expect(stand.of("image")).toEqual([]);
  });
});

describeFaults("X-ray, $wire", rigs, ({ open }) => {
  it("PR4.4-11: a subscription that dies while its connection lives is renewed", async () => {
    const rig = await open();
    atEnd.push(() => rig.close());
    const stand = standOn(rig);
    await rig.until(() => stand.state() === "receiving", "the first sign of life");
    rig.silence();
    await rig.until(() => stand.state() === "down", "down");
    await rig.until(() => stand.state() === "receiving", "receiving again");
    expect(stand.counter("revivalsTotal")).toBeGreaterThan(0);
    await rig.until(() => stand.announce("pass-9", 90_000).kind === "sent", "it listens again");
    await stand.scan("pass-1", 5_000);
    await rig.until(() => stand.of("verdict").length === 1, "the verdict");
  });
});
