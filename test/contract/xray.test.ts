/**
 * Goal: the X-ray driver keeps the contract of `XrayPort` over MQTT: announcements go out, and items,
 * images and verdicts come in whole, checked and in order, or are refused by name.
 * Method: the contract and fault suite, on the shipped driver and the simulated machine over a real
 * broker and in memory, and broken messages.
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeFaults } from "./cell-suite.ts";
import { describeXrayPort, standOn, type XrayStand } from "./xray.contract.ts";
import { overMemoryBroker, overMqtt, type TopicRig } from "./xray-rigs.ts";

const rigs = [
  { wire: "messages in memory", cell: null, open: overMemoryBroker },
  { wire: "over MQTT", cell: "xray/sortline-json/mqtt", open: overMqtt },
] as const;
const ascii = (text: string) => new TextEncoder().encode(text);

for (const rig of rigs) describeXrayPort(rig);

describeFaults("X-ray, $wire, with what no machine should say", rigs, ({ open }) => {
  let rig: TopicRig;
  let stand: XrayStand;

  beforeEach(async () => {
    rig = await open();
    stand = standOn(rig);
    await rig.until(() => stand.state() === "receiving", "the first sign of life");
  });
  afterEach(() => rig.close());

  it.each([
    ["item", '{"passId":"p","itemSequence":0,"entryCount":5,"lengthMm":1}', /item.*itemSequence/],
    [
      "item",
      '{"passId":"p","itemSequence":1,"entryCount":5,"lengthMm":1,"x":1}',
      /item x: is not known/,
    ],
    ["verdict", '{"verdict":"clear"}', /verdict.*passId/],
    ["life", '{"state":"asleep","beamOn":true,"seq":1}', /life.*state/],
    ["life", '{"state":"rea', /life.*JSON/],
    ["image", "SLXI but nothing like an image", /image.*version/],
    ["picture", "{}", /picture unknown topic/],
  ])("refuses a broken %s by name, and the next item is whole", async (topic, text, why) => {
    const before = stand.counter("discardedTotal");
    rig.device.setFaults({ isSilent: true });
    rig.sendRaw(topic, ascii(text));
    await rig.until(() => stand.counter("discardedTotal") > before, "the refusal");
    await rig.until(() => stand.state() === "stale", "stale");
    expect(rig.port.health().reason?.code).toBe("badMessage");
    expect(rig.port.health().reason?.detail).toMatch(why);
    rig.device.setFaults({ isSilent: false });
    await stand.scan("pass-1", 5_000);
    await rig.until(() => stand.of("verdict").length > 0, "the verdict");
    expect(stand.of("item")).toHaveLength(1);
  });
});
