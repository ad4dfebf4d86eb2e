/**
 * Goal: the desk lets cases leave by itself while the archive takes them, journals what left with its
 * hash, and a restart from its inputs puts out the same. Method: the desk on rows in memory and a
 * virtual clock, given back from its own inputs.
 */
import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { dayOf } from "../../protocols/civil-date.ts";
import { createDocumentCore } from "../../edge/audit/document-core.ts";
import type { DeskInput } from "../../edge/centre/documents/desk.ts";
import { zDeskInput, zJudged, type Judged } from "../../edge/centre/documents/desk-input.ts";
import { createParameterBook } from "../../edge/centre/acts/parameter-book.ts";
import { keptClearanceOf } from "../../edge/clearance/parameters.ts";
import { person, sender, system } from "../../protocols/actor.ts";
import { zArchivedCase } from "../../protocols/ui/http.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { SyncDesk } from "../kit/sync-desk.ts";
import { documentsOf, minuteMs, startAt, testConfig } from "./clearance-kit.ts";

const waybill = "DL0001";
const config = testConfig({
  retention: {
    releasedMs: 60 * minuteMs,
    endedMs: 60 * minuteMs,
    handedOverMs: 60 * minuteMs,
    unnamedMs: 600 * minuteMs,
    archiveMs: 60 * minuteMs,
  },
});

function startDesk(mayLeave: () => boolean) {
  const clock = createVirtualClock({ wallStartAt: startAt });
  const inputs: { readonly input: DeskInput; readonly judged: Judged }[] = [];
  const desk = new SyncDesk({
    config,
    clock,
    mayLeave,
    // As a journal would give it back.
    onInput: (input, _, judged) =>
      inputs.push({
        input: zDeskInput.parse(JSON.parse(JSON.stringify(input))),
        judged: zJudged.parse(JSON.parse(JSON.stringify(judged))),
      }),
  });
  desk.desk.start();
  desk.confirmCalendar(person("sun", "supervisor", "desk-1"));
  const documents = documentsOf(waybill);
  for (const xml of writeDocuments([documents], createSeededEntropy(2, waybill))) {
    desk.takeCustomsMessage(new TextEncoder().encode(xml), sender("customs", "http"));
  }
  desk.takeAcceptance(documents.acceptance, sender("carrier", "http"));
  const release = { waybill, lineId: "L1", passId: "P1", recordVersion: 1, decidedAt: startAt };
  expect(desk.applyRelease(release, system("L1", "line")).accepted).toBe(true);
  return { clock, desk, inputs };
}

function outgoingOf({ store }: SyncDesk, run: () => void): readonly string[] {
  const texts: string[] = [];
  store.readOutgoing(10, (read) => {
    if (read.kind === "value") texts.push(...read.value.map(({ text }) => text));
  });
  run();
  return texts;
}

describe("the desk", () => {
  test("lets a case leave when its time has come, and puts it out with its hash in the journal", () => {
    const { clock, desk, inputs } = startDesk(() => true);
    clock.runFor(59 * minuteMs);
    expect(inputs.flatMap(({ judged }) => judged.left ?? [])).toEqual([]);
    clock.runFor(3 * minuteMs);
    const left = inputs.flatMap(({ judged }) => judged.left ?? []);
    const [text = "", ...others] = outgoingOf(desk, () => clock.runFor(1_000));
    expect(others).toEqual([]);
    expect(left).toEqual([{ waybill, sha256: hash("sha256", text, "hex") }]);
    expect(JSON.parse(text)).toMatchObject({ waybill, releases: ["P1"] });
    const { manifest, archived } = desk.papers(waybill);
    expect(manifest).toBeNull();
    expect(archived).toMatchObject({
      waybill,
      state: "RELEASED",
      carrierCode: documentsOf(waybill).acceptance.carrierCode,
      pieces: 1,
      piecesReleased: 1,
      endedAt: startAt,
    });
    expect(archived?.archivedAt).toBeGreaterThanOrEqual(startAt + 60 * minuteMs);
    expect(archived?.archiveFile).toBe(`${dayOf(archived?.archivedAt ?? 0)}.jsonl`);
    expect(zArchivedCase.safeParse(archived).error).toBeUndefined();
    // Nothing more is due, so that time is not looked at over and over.
    const inputsTotal = inputs.length;
    clock.runFor(4 * minuteMs);
    expect(inputs.length - inputsTotal).toBeLessThanOrEqual(1);
  });

  test("keeps everything while the archive takes nothing, and does not look over and over", () => {
    let isReady = false;
    const { clock, desk, inputs } = startDesk(() => isReady);
    clock.runFor(300 * minuteMs);
    expect(inputs.flatMap(({ judged }) => judged.left ?? [])).toEqual([]);
    expect(inputs.length).toBeLessThan(80);
    expect(desk.manifestView(waybill)?.items).toHaveLength(1);
    isReady = true;
    clock.runFor(2_000);
    expect(inputs.flatMap(({ judged }) => judged.left ?? [])).toHaveLength(1);
  });

  test("replay derives what left, and a change of it is a difference", () => {
    const { clock, inputs } = startDesk(() => true);
    clock.runFor(62 * minuteMs);
    const { kept, keys } = keptClearanceOf(config);
    const acts = [
      ...createParameterBook().actsFor(kept),
      ...inputs.map(({ input, judged }) => ({ kind: "desk" as const, input, judged })),
    ];
    const differences = (changed: readonly unknown[]): number => {
      const core = createDocumentCore(keys);
      return changed
        .map((act) => core.take(act))
        .filter((each) => each.kind === "judged" && each.expected !== each.actual).length;
    };
    expect(differences(acts)).toBe(0);
    const forged = acts.map((act) =>
      act.kind === "desk" && act.judged.left !== undefined
        ? { ...act, judged: { ...act.judged, left: [{ waybill, sha256: "0".repeat(64) }] } }
        : act,
    );
    expect(differences(forged)).toBe(1);
  });
});
