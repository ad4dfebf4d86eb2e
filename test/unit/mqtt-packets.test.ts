/**
 * Goal: topics match filters as MQTT says, and an over-long packet is noticed at its header.
 * Method: the standard's own examples, and headers cut at every byte.
 */
import { describe, expect, it } from "vitest";
import { createPacketSizeWatch } from "../../edge/devices/wires/mqtt-packet-size.ts";
import { topicMatches } from "../../protocols/topic-filter.ts";

describe("MQTT 3.1.1, section 4.7", () => {
  it.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["#", "sport/tennis", true],
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    ["#", "$SYS/uptime", false],
    ["+/uptime", "$SYS/uptime", false],
    ["$SYS/#", "$SYS/uptime", true],
    ["sport", "sports", false],
  ])("%s on %s: %s", (filter, topic, isMatch) => {
    expect(topicMatches(filter, topic)).toBe(isMatch);
  });
});

describe("packet sizes", () => {
  /** PUBLISH with this remaining length, and as many bytes. */
  const packet = (length: number, header: number[]) => [
    0x30,
    ...header,
    ...Array.from({ length }, () => 0),
  ];
  const short = packet(127, [0x7f]);
  const longer = packet(128, [0x80, 0x01]);

  it("127 and 128 bytes pass a limit of 128, cut anywhere; 129 do not", () => {
    for (let size = 1; size < 40; size += 1) {
      const isWithin = createPacketSizeWatch(128);
      const wire = Uint8Array.from([...short, ...longer, 0xc0, 0x00, ...short]);
      for (let from = 0; from < wire.length; from += size) {
        expect(isWithin(wire.subarray(from, from + size))).toBe(true);
      }
      expect(isWithin(Uint8Array.from([0x30, 0x81, 0x01]))).toBe(false);
    }
  });

  it("a length of more than four bytes is malformed", () => {
    const isWithin = createPacketSizeWatch(2 ** 28);
    expect(isWithin(Uint8Array.from([0x30, 0xff, 0xff, 0xff]))).toBe(true);
    expect(isWithin(Uint8Array.from([0xff, 0x01]))).toBe(false);
  });
});
