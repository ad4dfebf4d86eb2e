/**
 * Goal: which OPC UA server is spoken to, decided from what it shows and what a person has trusted.
 * Method: facts of certificates written by hand, each judgement at its boundary; any mixture of them
 * never makes trusted what is out of date or bears another name.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CertificateFacts } from "../../edge/devices/certificate-facts.ts";
import {
  endingOf,
  judgeServer,
  type ShownServer,
} from "../../edge/devices/wires/opcua/server-judgement.ts";
import { epochMs } from "../../protocols/units.ts";

const uri = "urn:sorter:one";
const facts = (change: Partial<CertificateFacts> = {}): CertificateFacts => ({
  der: new Uint8Array(),
  fingerprint: "AA",
  subject: "CN=Sorter one",
  applicationUri: uri,
  fromAt: epochMs(1_000),
  endsAt: epochMs(2_000),
  ...change,
});
const judged = (change: Partial<ShownServer> = {}) =>
  judgeServer({
    shown: facts(),
    announcedUri: uri,
    trusted: [facts()],
    trustsAny: false,
    now: epochMs(1_500),
    ...change,
  });
const code = (change: Partial<ShownServer>) => {
  const judgement = judged(change);
  return judgement.kind === "trusted" ? "trusted" : judgement.code;
};

describe("a server", () => {
  test.each([
    [999, "certificateNotYetValid"],
    [1_000, "trusted"],
    [2_000, "trusted"],
    [2_001, "certificateExpired"],
  ])("at %i is %s, though trusted", (now, expected) => {
    expect(code({ now: epochMs(now) })).toBe(expected);
    expect(code({ now: epochMs(now), trustsAny: true })).toBe(expected);
  });

  test("that names another application, or none, is refused though trusted", () => {
    for (const applicationUri of ["urn:sorter:two", "", null]) {
      const shown = facts({ applicationUri });
      expect(code({ shown, trusted: [shown], trustsAny: true })).toBe("certificateOtherName");
    }
    const shown = facts({ applicationUri: null });
    expect(code({ shown, announcedUri: null, trustsAny: true })).toBe("certificateOtherName");
  });

  test("is told apart as unknown, renewed and foreign, by what is trusted at its address", () => {
    const shown = facts({ fingerprint: "BB", fromAt: epochMs(1_200), endsAt: epochMs(9_000) });
    expect(code({ shown, trusted: [] })).toBe("notTrusted");
    expect(code({ shown, trusted: [facts({ fromAt: epochMs(1_200) })] })).toBe(
      "certificateRenewed",
    );
    expect(code({ shown, trusted: [facts({ fromAt: epochMs(1_201) })] })).toBe(
      "certificateForeign",
    );
    expect(code({ shown, trusted: [facts({ subject: "CN=Other" })] })).toBe("certificateForeign");
    expect(code({ shown, trusted: [facts({ applicationUri: "urn:x" })] })).toBe(
      "certificateForeign",
    );
    expect(code({ shown, trusted: [facts(), shown] })).toBe("trusted");
    expect(code({ shown, trusted: [], trustsAny: true })).toBe("trusted");
  });

  test("that is spoken to says so in its last 60 days, and when they are over", () => {
    const dayMs = 86_400_000;
    const shown = facts({ endsAt: epochMs(100 * dayMs) });
    const at = (now: number) => endingOf(shown, epochMs(now))?.code ?? null;
    expect(at(40 * dayMs - 1)).toBeNull();
    expect(at(40 * dayMs)).toBe("certificateEnds");
    expect(at(100 * dayMs)).toBe("certificateEnds");
    expect(at(100 * dayMs + 1)).toBe("certificateExpired");
  });

  test("is trusted only by that very certificate, within its days and under its name", () => {
    const certificates = fc.record({
      der: fc.constant(new Uint8Array()),
      fingerprint: fc.constantFrom("AA", "BB"),
      subject: fc.constantFrom("CN=a", "CN=b"),
      applicationUri: fc.constantFrom(uri, "urn:x", null),
      fromAt: fc.integer({ min: 0, max: 9 }).map(epochMs),
      endsAt: fc.integer({ min: 0, max: 9 }).map(epochMs),
    });
    fc.assert(
      fc.property(
        fc.record({
          shown: certificates,
          announcedUri: fc.constantFrom(uri, "urn:x", null),
          trusted: fc.array(certificates, { maxLength: 3 }),
          trustsAny: fc.boolean(),
          now: fc.integer({ min: 0, max: 9 }).map(epochMs),
        }),
        (server) => {
          const { shown, announcedUri, trusted, trustsAny, now } = server;
          const mayBe =
            shown.fromAt <= now &&
            now <= shown.endsAt &&
            announcedUri !== null &&
            shown.applicationUri === announcedUri &&
            (trustsAny || trusted.some(({ fingerprint }) => fingerprint === shown.fingerprint));
          expect(judgeServer(server).kind).toBe(mayBe ? "trusted" : "refused");
        },
      ),
    );
  });
});
