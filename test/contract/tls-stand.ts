import { chmodSync, writeFileSync } from "node:fs";
import { afterAll, afterEach } from "vitest";
import type { BrokerReach } from "../../edge/devices/reach.ts";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import type { DeviceReason } from "../../protocols/device-reasons.ts";
import { silentLog } from "../../protocols/log.ts";
import { makeCertificate } from "../kit/certificates.ts";
import { evenEntropy, temporaryFolder } from "./device-rig.ts";

/**
 * For a file that reaches real brokers over TLS, called at its top: an authority of the site's and
 * another one, files with a mode of their own, and what each test has begun ends behind it, the last
 * first.
 */
export function useTlsStand() {
  const folder = temporaryFolder();
  const clock = createSystemClock();
  const atEnd: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of atEnd.splice(0).reverse()) await end();
  });
  afterAll(() => folder.remove());

  let filesTotal = 0;
  const file = (text: string, mode = 0o600): string => {
    const path = folder.path(`file-${(filesTotal += 1)}`);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const authority = makeCertificate({ name: "Site authority", isAuthority: true });
  return {
    atEnd,
    file,
    pathOf: (name: string) => folder.path(name),
    authority,
    foreignAuthority: makeCertificate({ name: "Another authority", isAuthority: true }),
    caFile: file(authority.pem),
    /** "up", or why not. */
    firstNews: (reach: BrokerReach): Promise<"up" | DeviceReason> => {
      const bus = openMqttBus({
        ...reach,
        clientId: "site:agent:line",
        clock,
        entropy: evenEntropy,
        log: silentLog,
      });
      atEnd.push(() => bus.close());
      return new Promise((resolve) => {
        bus.onState((isUp, reason) => {
          if (isUp) resolve("up");
          else if (reason !== undefined && reason.code !== "notConnected") resolve(reason);
        });
      });
    },
  };
}
