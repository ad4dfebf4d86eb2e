/**
 * Goal: horn and light tell what is so at the line and nothing else: the worst state by red, amber or
 * green, hands by blue, silence of others by white; the horn sounds for what is new, for a while, until
 * a person silences it. Method: the pure reducer, one fact at a time.
 */
import { describe, expect, test } from "vitest";
import {
  annunciation,
  newAnnunciationBook,
  silenceHorn,
  takeAlarm,
  type LineShown,
} from "../../edge/alarms/annunciation.ts";
import { alarmCodes, alarmTable, conditionCodes, type AlarmCode } from "../../protocols/alarms.ts";
import type { AlarmView } from "../../protocols/ui/scene.ts";
import { epochMs, monotonicMs } from "../../protocols/units.ts";
import { lit } from "../kit/annunciator.ts";

const running: LineShown = {
  isBeltKnown: true,
  isBeltRunning: true,
  isInductionPermitted: true,
  isCentreHeard: true,
};
const horn = { upToPriority: 2, forMsMax: 60_000 } as const;

const alarmOf = (code: AlarmCode, state: AlarmView["state"] = "active", id: string = code) => ({
  id,
  lineId: "L1",
  code,
  passId: null,
  params: {},
  at: epochMs(1),
  state,
  endedAt: null,
});

function stand(upToPriority: 1 | 2 | 3 = 2) {
  const book = newAnnunciationBook();
  const rule = { ...horn, upToPriority };
  return {
    tell: (alarm: AlarmView, ms = 0): void =>
      takeAlarm(book, alarm, { at: monotonicMs(ms), horn: rule }),
    silence: (): void => silenceHorn(book),
    shows: (line: Partial<LineShown> = {}, ms = 0) =>
      annunciation(book, { ...running, ...line }, monotonicMs(ms)),
  };
}

describe("the light", () => {
  test("green, and nothing else, while parcels may be put on a belt that runs", () => {
    expect(stand().shows()).toEqual(lit({ green: "steady" }));
    expect(stand().shows({ isInductionPermitted: false })).toEqual(lit({ amber: "steady" }));
    expect(stand().shows({ isBeltRunning: false })).toEqual(lit({ red: "steady" }));
  });

  test("unknown is never green, and not taken for a belt that stands", () => {
    const unknown = { isBeltKnown: false, isBeltRunning: true };
    expect(stand().shows(unknown)).toEqual(lit({ amber: "flashing" }));
    expect(stand().shows({ ...unknown, isBeltRunning: false })).toEqual(lit({ amber: "flashing" }));
  });

  test.each(conditionCodes)("%s is seen as long as it stands, and no longer", (code) => {
    const { tell, silence, shows } = stand();
    tell(alarmOf(code));
    silence();
    const { priority } = alarmTable[code];
    const { red, amber, green } = shows();
    expect({ red, amber, green }).toEqual({
      red: priority === 1 ? "flashing" : "off",
      amber: priority === 1 ? "off" : priority === 2 ? "flashing" : "steady",
      green: "off",
    });
    tell(alarmOf(code, "returned"));
    expect(shows()).toEqual(lit({ green: "steady" }));
  });

  test("the worst alone is told by red, amber and green", () => {
    const { tell, silence, shows } = stand();
    tell(alarmOf("diskLow"));
    tell(alarmOf("jam"));
    tell(alarmOf("emergencyStop"));
    silence();
    const order = [];
    for (const code of ["emergencyStop", "jam", "diskLow"] as const) {
      const { red, amber, green } = shows();
      order.push([red, amber, green]);
      tell(alarmOf(code, "returned"));
    }
    expect(order).toEqual([
      ["flashing", "off", "off"],
      ["off", "flashing", "off"],
      ["off", "steady", "off"],
    ]);
  });

  test("blue beside it where only hands help, white where somebody is not heard", () => {
    const { tell, silence, shows } = stand();
    tell(alarmOf("jam"));
    tell(alarmOf("deviceDown"));
    silence();
    const both = { blue: "steady", white: "steady" } as const;
    expect(shows()).toEqual(lit({ amber: "flashing", ...both }));
    tell(alarmOf("jam", "returned"));
    expect(shows()).toEqual(lit({ amber: "flashing", white: "steady" }));
    tell(alarmOf("deviceDown", "returned"));
    expect(shows({ isCentreHeard: false })).toEqual(lit({ green: "steady", white: "steady" }));
  });
});

describe("the horn", () => {
  test.each(alarmCodes)("%s sounds if its priority is among those asked for", (code) => {
    for (const upToPriority of [1, 2, 3] as const) {
      const { tell, shows } = stand(upToPriority);
      tell(alarmOf(code, alarmTable[code].shape === "notice" ? "notice" : "active"));
      expect(shows().horn).toBe(alarmTable[code].priority <= upToPriority);
    }
  });

  test("falls silent by itself at its limit, and not before; what stands is still seen", () => {
    const { tell, shows } = stand();
    tell(alarmOf("jam"), 1_000);
    expect(shows({}, 60_999).horn).toBe(true);
    expect(shows({}, 61_000)).toEqual(lit({ amber: "flashing", blue: "steady" }));
  });

  test("is silenced by a person, which acknowledges nothing: what begins next sounds again", () => {
    const { tell, silence, shows } = stand();
    tell(alarmOf("jam"));
    silence();
    expect(shows()).toEqual(lit({ amber: "flashing", blue: "steady" }));
    tell(alarmOf("missort", "notice", "n1"));
    expect(shows().horn).toBe(true);
  });

  test("what is told anew, with other facts, was heard before", () => {
    const { tell, silence, shows } = stand();
    tell(alarmOf("linkUnsteady"));
    silence();
    tell({ ...alarmOf("linkUnsteady"), params: { cuts: 9 } });
    expect(shows().horn).toBe(false);
  });

  test("falls silent when what it sounds for is over, and goes on for what else is new", () => {
    const { tell, shows } = stand();
    tell(alarmOf("jam", "active", "one"));
    tell(alarmOf("jam", "active", "two"));
    tell(alarmOf("jam", "returned", "one"));
    expect(shows().horn).toBe(true);
    tell(alarmOf("jam", "returned", "two"));
    expect(shows().horn).toBe(false);
  });
});
