// Goal: the desk answers any body, names what is wrong, tells of changes once per input, and can be
// rebuilt from its journalled inputs. Method: a desk on a virtual clock, fed as the server feeds it.
import { describe, expect, test } from "vitest";
import { zDeskInput, type DeskInput } from "../../edge/centre/documents/desk.ts";
import { person, sender, system, type Actor } from "../../protocols/actor.ts";
import { zManifestView } from "../../protocols/ui/http.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { manifestReturn, writeManifestReturns } from "../../simulators/customs/receipts.ts";
import { writeDocuments } from "../../simulators/documents/write-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { documentsOf, later, minuteMs, startAt, testConfig } from "../unit/clearance-kit.ts";
import { SyncDesk } from "../kit/sync-desk.ts";

const names = ["DK0001", "DK0002", "DK0003"];
const parcels = names.map((name) => documentsOf(name));
const entropy = createSeededEntropy(2, "desk");
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const bodies = writeDocuments(parcels, entropy).map(bytesOf);

function openDesk(): {
  readonly desk: SyncDesk;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly inputs: DeskInput[];
  readonly actors: Actor[];
} {
  const clock = createVirtualClock({ wallStartAt: startAt });
  const inputs: DeskInput[] = [];
  const actors: Actor[] = [];
  const onInput = (input: DeskInput, by: Actor): void => {
    inputs.push(input);
    actors.push(by);
  };
  const desk = new SyncDesk({ config: testConfig(), clock, onInput });
  return { desk, clock, inputs, actors };
}

const customs = sender("customs", "http");
const carrier = sender("carrier", "http");
const line = system("line", "L1");
const by = person("o", "risk", "s");
const control = { controlId: "C1", waybill: "DK0002", reason: "tip", by };
const release = {
  waybill: "DK0001",
  lineId: "L1",
  passId: "P1",
  recordVersion: 2,
  decidedAt: startAt,
};

function feedAll(desk: SyncDesk): void {
  for (const body of bodies) desk.takeCustomsMessage(body, customs);
  for (const { acceptance } of parcels) desk.takeAcceptance(acceptance, carrier);
  desk.placeControl(control);
  const receipt = manifestReturn(parcels[2]!.manifest, { status: 500, at: later(5) }, entropy);
  desk.takeCustomsMessage(bytesOf(`\uFEFF${writeManifestReturns([receipt], entropy)}`), customs);
  desk.applyRelease(release, line);
}

describe("the desk's records", () => {
  test("documents, acceptances, controls and receipts come out as clearance records", () => {
    const { desk } = openDesk();
    feedAll(desk);
    const codes = names.map((name) => desk.recordOf(name)?.reasons.map(({ code }) => code));
    expect(codes).toEqual([[], ["manualControl"], ["inspectionOrdered"]]);
    expect(desk.recordsTotal()).toBe(names.length);
    expect(desk.isReleased("DK0001")).toBe(true);
    expect(desk.isReleased("DK0002")).toBe(false);
    expect(desk.isKnown("NOBODY")).toBe(false);
    expect([...desk.controls()]).toEqual([control]);
  });

  test("an officer sees the declaration with exact values", () => {
    const { desk } = openDesk();
    feedAll(desk);
    const view = zManifestView.parse(desk.manifestView("DK0002"));
    expect(view).toMatchObject({
      state: "CONTROLLED",
      totalValue: "59.8",
      grossWeightKg: "0.22",
      netWeightKg: "0.16",
      items: [{ gnum: 1, name: "连裤袜", qty: "2", price: "29.9", totalPrice: "59.8" }],
    });
    expect(desk.manifestView("NOBODY")).toBeNull();
  });

  test("listeners hear of everything one input changed, once, when it is complete", () => {
    const { desk } = openDesk();
    const heard: string[][] = [];
    const stop = desk.onRecordsChanged((records) => {
      heard.push(records.map(({ waybill }) => waybill));
    });
    desk.takeCustomsMessage(bodies[3]!, customs);
    desk.takeCustomsMessage(bodies[3]!, customs);
    expect(heard).toEqual([names]);
    stop();
    feedAll(desk);
    expect(heard).toHaveLength(1);
  });

  test("ZJG-19: a wait that has lasted long enough ends by itself, and stays ended", () => {
    const { desk, clock, inputs } = openDesk();
    desk.start();
    // A first start has proved no calendar yet.
    desk.confirmCalendar(person("s", "supervisor", "desk"));
    desk.takeCustomsMessage(bodies[3]!, customs);
    desk.takeAcceptance(parcels[0]!.acceptance, carrier);
    clock.runFor(30 * minuteMs - 1_000);
    expect(desk.manifestView("DK0001")?.state).toBe("ACTIVATED");
    clock.runFor(2_000);
    expect(desk.manifestView("DK0001")?.state).toBe("RETURNED");
    // Of the looks in between, only those that note how far time has come are journalled.
    expect(inputs.filter(({ kind }) => kind === "timePassed")).toHaveLength(6);
    desk.stop();
    expect(clock.pendingCount()).toBe(0);
  });
});

describe("law 11: rebuilt from its inputs", () => {
  test("the same inputs, through JSON, give the same records and states", () => {
    const { desk, inputs } = openDesk();
    feedAll(desk);
    desk.takeOfficerAct({
      act: "inspectionResult",
      actId: "A1",
      waybill: "DK0002",
      by,
      result: "NO_ERROR",
      note: "",
    });
    const again = openDesk();
    for (const input of inputs) {
      again.desk.apply(zDeskInput.parse(JSON.parse(JSON.stringify(input))));
    }
    for (const name of names) {
      expect(again.desk.recordOf(name)).toEqual(desk.recordOf(name));
      expect(again.desk.manifestView(name)).toEqual(desk.manifestView(name));
      expect(again.desk.isReleased(name)).toBe(desk.isReleased(name));
    }
    expect(again.inputs).toEqual([]);
  });

  test("a journalled body gives its bytes back, byte order mark and all", () => {
    const { desk, inputs } = openDesk();
    const body = bytesOf(`\uFEFF${new TextDecoder().decode(bodies[0])}`);
    desk.takeCustomsMessage(body, customs);
    const [input] = inputs;
    if (input?.kind !== "customsMessage") throw new Error("not journalled");
    expect(bytesOf(input.xml)).toEqual(body);
  });

  test("law 18: every input is journalled with who brought it, in which role, from where", () => {
    const { desk, inputs, actors } = openDesk();
    feedAll(desk);
    const byKind = new Map(inputs.map(({ kind }, index) => [kind, actors[index]]));
    expect(Object.fromEntries(byKind)).toEqual({
      customsMessage: customs,
      acceptance: carrier,
      control: by,
      release: line,
    });
  });

  test("inputs journalled before roles were known are read in the role of their act", () => {
    const named = { waybill: "DK0002", officer: "o", station: "s" };
    const control = { controlId: "C1", reason: "tip", ...named };
    const act = { act: "inspectionResult", actId: "A1", result: "ERROR", note: "", ...named };
    const read = [
      { kind: "control", at: 1, control },
      { kind: "officerAct", at: 1, act },
      { kind: "officerAct", at: 1, act: { ...act, officer: 5 } },
    ].map((input) => zDeskInput.safeParse(input).data);
    expect(read).toMatchObject([
      { control: { controlId: "C1", by: person("o", "risk", "s") } },
      { act: { actId: "A1", by: person("o", "inspector", "s") } },
      undefined,
    ]);
  });

  test("what changes nothing is not journalled", () => {
    const { desk, inputs } = openDesk();
    desk.takeCustomsMessage(bytesOf("<nonsense/>"), customs);
    desk.takeCustomsMessage(
      bytesOf(new TextDecoder().decode(bodies[0]).replaceAll("appTime>", "x>")),
      customs,
    );
    desk.applyRelease({}, line);
    desk.takeOfficerAct(null);
    expect(inputs).toEqual([]);
  });
});

describe("bad input", () => {
  test("JSON is refused with the name of the field that is wrong", () => {
    const { desk } = openDesk();
    const reasons = [
      desk.applyRelease({ ...release, passId: "a b" }, line).reason,
      desk.applyRelease({ ...release, colour: "red" }, line).reason,
      desk.applyRelease([1], line).reason,
      desk.applyRelease(undefined, line).reason,
      desk.takeOfficerAct({ act: "inspectionResult", actId: "A" }).reason,
      desk.takeOfficerAct({ act: "dance" }).reason,
    ];
    expect(reasons.map((reason) => reason?.split(" ").slice(0, 2).join(" "))).toEqual([
      "bodyInvalid: passId",
      "bodyInvalid: colour",
      "bodyInvalid: body",
      "bodyInvalid: body",
      "bodyInvalid: waybill",
      "bodyInvalid: act",
    ]);
  });

  test("refusals are counted by what was wrong", () => {
    const { desk } = openDesk();
    desk.takeCustomsMessage(new Uint8Array(), customs);
    desk.takeCustomsMessage(Uint8Array.of(0xff, 0xfe, 0x00), customs);
    desk.takeCustomsMessage(bytesOf("<!DOCTYPE x><x/>"), customs);
    desk.takeCustomsMessage(bodies[3]!, customs);
    desk.takeCustomsMessage(bodies[3]!, customs);
    expect(desk.counters()).toMatchObject({
      messagesRefused: 3,
      refused_empty: 1,
      refused_notUtf8: 1,
      refused_doctypeForbidden: 1,
      messagesRead: 2,
      elementsAccepted: 6,
      element_repeated: 3,
      manifestsHeld: 3,
    });
  });

  test("an act on an unknown waybill is refused by name", () => {
    const { desk } = openDesk();
    const answer = desk.takeOfficerAct({
      act: "monitorTransfer",
      actId: "A1",
      waybill: "NOBODY",
      by,
      note: "",
    });
    const reason = "unknownWaybill: waybill has no manifest";
    const where = { field: "waybill", message: "has no manifest" };
    expect(answer).toEqual({ accepted: false, code: "unknownWaybill", ...where, reason });
  });
});
