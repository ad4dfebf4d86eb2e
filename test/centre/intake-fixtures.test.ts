// Goal: every own fixture message is answered exactly as stated beside it, element by element, and
// leaves the clearance records stated there. Method: each `*.expected.json` is one test against a
// document desk; messages named in `before` and `acceptances` go in first.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { statusOf } from "../../edge/centre/http/problems.ts";
import { zAcceptance } from "../../protocols/ceb/answers.ts";
import { sender } from "../../protocols/actor.ts";
import { SyncDesk } from "../kit/sync-desk.ts";
import { zElementAnswer } from "../../protocols/ceb/answers.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { epochMs } from "../../protocols/units.ts";
import { startAt, testConfig } from "../unit/clearance-kit.ts";

const customs = sender("customs", "http");

const root = join(import.meta.dirname, "../fixtures/ceb");

interface Expected {
  readonly about?: string;
  readonly message?: string;
  readonly authority?: "site" | "customs";
  readonly before: readonly string[];
  readonly acceptances?: string;
  readonly results?: readonly {
    readonly guid: string | null;
    readonly accepted: boolean;
    readonly code: string | null;
    readonly field: string | null;
  }[];
  readonly refused?: {
    readonly status: number;
    readonly error: string;
    readonly field: string | null;
  };
  readonly records?: Readonly<Record<string, unknown>>;
}

const expectations = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".expected.json"))
  .toSorted();

function deskAfter(expected: Expected): SyncDesk {
  const desk = new SyncDesk({
    config: testConfig({ authority: expected.authority ?? "site" }),
    // Behind the last receipt's time: what is said ahead of us has rules of its own.
    clock: createVirtualClock({ wallStartAt: epochMs(startAt + 30 * 60_000) }),
  });
  for (const name of expected.before) {
    const answer = desk.takeCustomsMessage(readFileSync(join(root, name)), customs);
    if (answer.kind !== "results") throw new Error(`${name} was refused`);
    expect(answer.results.filter(({ accepted }) => !accepted)).toEqual([]);
  }
  return desk;
}

function acceptAll(desk: SyncDesk, expected: Expected): void {
  if (expected.acceptances === undefined) return;
  const all = JSON.parse(readFileSync(join(root, expected.acceptances), "utf8")) as unknown[];
  for (const acceptance of all)
    expect(desk.takeAcceptance(zAcceptance.parse(acceptance), customs).accepted).toBe(true);
}

const recordsOf = (desk: SyncDesk, waybills: readonly string[]) =>
  Object.fromEntries(
    waybills.map((waybill) => {
      const record = desk.recordOf(waybill);
      return [
        waybill,
        {
          standing: record?.standing,
          reasons: record?.reasons.map(({ code }) => code),
          state: desk.manifestView(waybill)?.state,
          customsStatus: record?.customsStatus,
        },
      ];
    }),
  );

describe("own fixtures are answered element by element", () => {
  test("all fixtures are looked at", () => expect(expectations.length).toBeGreaterThan(50));

  for (const name of expectations) {
    const expected = JSON.parse(readFileSync(join(root, name), "utf8")) as Expected;
    test(`${name}: ${expected.about ?? "good documents"}`, () => {
      const desk = deskAfter(expected);
      const message = expected.message ?? name.replace(".expected.json", ".xml");
      // Receipts speak of manifests that are under way; all other documents come before acceptance.
      if (message.includes("604")) acceptAll(desk, expected);
      const answer = desk.takeCustomsMessage(readFileSync(join(root, message)), customs);
      if (expected.refused !== undefined) {
        const { status, error: code, field } = expected.refused;
        expect(answer).toMatchObject({ kind: "refused", refusal: { code, field } });
        if (answer.kind === "refused") expect(statusOf(answer.refusal.code)).toBe(status);
        return;
      }
      if (answer.kind !== "results") throw new Error(JSON.stringify(answer));
      expect(
        answer.results.map(({ guid, accepted, code, field }) => ({ guid, accepted, code, field })),
      ).toEqual(
        (expected.results ?? []).map(({ guid, accepted, code, field }) => ({
          guid,
          accepted,
          code,
          field,
        })),
      );
      for (const result of answer.results) {
        expect(zElementAnswer.parse(result)).toEqual(result);
        // A refusal says in one line what is wrong and where.
        if (!result.accepted) expect(result.reason).toContain(result.field);
      }
      if (!message.includes("604")) acceptAll(desk, expected);
      const records = expected.records ?? {};
      expect(recordsOf(desk, Object.keys(records))).toEqual(records);
    });
  }
});
