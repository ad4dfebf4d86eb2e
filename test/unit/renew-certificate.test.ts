/**
 * Goal: a certificate is set aside only by a person, never overwritten, and never under a calendar
 * that is wrong (case own-certificate). Method: a folder with a file in its place.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ownCertificateFile } from "../../edge/devices/wires/opcua/own-certificate.ts";
import { certificatesFolderOf, renewCertificate } from "../../edge/runtime/renew-certificate.ts";
import { buildDayAt } from "../../protocols/build-day.ts";
import { epochMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "sortline-renew-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (wallMs: number) => ({ ...createVirtualClock(), wall: () => epochMs(wallMs) });

describe("renewing our own certificate", () => {
  const file = ownCertificateFile(certificatesFolderOf(folder));

  it("has nothing to do where there is none", () => {
    expect(renewCertificate(folder, at(buildDayAt))).toMatchObject({ isDone: true });
  });

  it("is refused on a calendar before the build, and nothing is moved", () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "old");
    const { isDone, sentence } = renewCertificate(folder, at(buildDayAt - 1));
    expect(isDone).toBe(false);
    expect(sentence).toMatch(/^the certificate is not renewed: none is made, because our calendar/);
    expect(readdirSync(dirname(file))).toEqual(["client_certificate.pem"]);
  });

  it("keeps the old one under the time of the act", () => {
    const { isDone, sentence } = renewCertificate(folder, at(Date.UTC(2036, 4, 6, 7, 8, 9)));
    expect(isDone).toBe(true);
    expect(sentence).toMatch(/each OPC UA server must trust/);
    expect(readdirSync(dirname(file))).toEqual(["client_certificate-2036-05-06T070809.000Z.pem"]);
  });
});
