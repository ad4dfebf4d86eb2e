/**
 * Goal: who shares a broker does not evict one another, and whoever is evicted says why (case
 * duplicate-client-id). Method: the agent's own buses on a real broker, with the ids that the
 * configuration comes to, and with one id twice.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMqttBus } from "../../edge/devices/wires/mqtt-bus.ts";
import { mqttClientIdsOf } from "../../edge/runtime/config/mqtt-client-ids.ts";
import { deviceReasonLogText } from "../../protocols/words/device-reason.ts";
import { silentLog } from "../../protocols/log.ts";
import { evenEntropy, realTime, startBroker, type TestBroker } from "./device-rig.ts";

const time = realTime();
let broker: TestBroker;
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  broker = await startBroker();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await broker.stop();
});

function open(clientId: string) {
  const seen = { ups: 0, reasons: new Set<string>() };
  const bus = openMqttBus({
    log: silentLog,
    brokerUrl: broker.url,
    clientId,
    clock: time.clock,
    entropy: evenEntropy,
  });
  bus.subscribe("site/devices/L1-xray/+", () => {});
  bus.onState((isUp, reason) => {
    if (isUp) seen.ups += 1;
    else if (reason !== undefined)
      seen.reasons.add(`${reason.code}: ${deviceReasonLogText(reason)}`);
  });
  ends.push(() => bus.close());
  return seen;
}

const pass = (ms: number) => {
  const endsAt = time.clock.monotonic() + ms;
  return time.until(() => time.clock.monotonic() > endsAt, `${ms} ms`);
};

describe("case duplicate-client-id", () => {
  it("DEV1-B1, DEV1-B2: an agent with both roles and its devices, and another site's, run side by side", async () => {
    const ids = ["zjg", "hgh"].flatMap((site) => {
      const { line, centre, device } = mqttClientIdsOf({
        site,
        agentId: "agent-1",
        mqttClientId: undefined,
      });
      return [line, centre, device("L1-xray"), device("link")];
    });
    const clients = ids.map(open);
    await time.until(() => clients.every(({ ups }) => ups > 0), "all are connected");
    await pass(500);
    expect(clients.map(({ ups }) => ups)).toEqual(ids.map(() => 1));
  });

  it("two of one id slow down, and each says that another may have its id", async () => {
    const clients = [open("agent-L1-L1-xray"), open("agent-L1-L1-xray")];
    const isTold = ({ reasons }: (typeof clients)[number]): boolean =>
      [...reasons].some((reason) => /^clientIdTaken: .*the id agent-L1-L1-xray/.test(reason));
    await time.until(() => clients.every(isTold), "both are told");
    const before = clients.reduce((sum, { ups }) => sum + ups, 0);
    await pass(2_000);
    // Without growing delays it would be a dozen and more.
    expect(clients.reduce((sum, { ups }) => sum + ups, 0) - before).toBeLessThanOrEqual(4);
  });
});
