/**
 * Goal: what a broker says is taken as it is meant, in either version, and no more QoS 1 messages are
 * under way than it takes. Method: packets as the library gives them, and a window whose
 * acknowledgements come when the test wants.
 */
import { describe, expect, it } from "vitest";
import {
  grantOf,
  reasonOfDisconnect,
  reasonOfError,
  wantsOtherVersion,
} from "../../edge/devices/wires/mqtt-broker-word.ts";
import { createSendWindow } from "../../edge/devices/wires/mqtt-send-window.ts";

const peer = { address: "mqtt://b", clientId: "zjg:a:line", connectTimeoutMs: 5_000 };
const connack = { cmd: "connack", sessionPresent: false } as const;
const refusal = (code: number) => Object.assign(new Error("Connection refused"), { code });

describe("what a broker allows", () => {
  it("an older one says nothing, so that nothing is limited", () => {
    const grant = grantOf({ ...connack, returnCode: 0 });
    expect(grant).toMatchObject({ packetBytesMax: null, inFlightMax: 65_535, takesQos1: true });
  });

  it("a newer one says how much", () => {
    const properties = { maximumPacketSize: 100_000, receiveMaximum: 20, maximumQoS: 0 };
    const grant = grantOf({ ...connack, reasonCode: 0, properties });
    expect(grant).toMatchObject({ packetBytesMax: 100_000, inFlightMax: 20, takesQos1: false });
  });
});

describe("why it ends", () => {
  it.each([
    [142, undefined, "clientIdTaken", "another client has taken the id zjg:a:line"],
    [149, undefined, "connectionLost", "Packet too large (149)"],
    [139, "back at six", "connectionLost", "back at six (139)"],
    [135, undefined, "accessDenied", "Not authorized (135)"],
    [250, undefined, "connectionLost", "no reason (250)"],
  ])("DISCONNECT %i %s: %s", (reasonCode, reasonString, code, detail) => {
    const properties = reasonString === undefined ? {} : { reasonString };
    const reason = reasonOfDisconnect({ cmd: "disconnect", reasonCode, properties }, peer);
    expect(reason.code).toBe(code);
    expect(reason.detail).toContain(detail);
  });

  it.each([
    [4, "accessDenied"],
    [5, "accessDenied"],
    [134, "accessDenied"],
    [135, "accessDenied"],
    [2, "refused"],
    [133, "refused"],
    [136, "refused"],
    [149, "frameTooLong"],
  ])("CONNACK %i: %s", (code, expected) => {
    expect(reasonOfError(refusal(code), peer).code).toBe(expected);
  });

  it("only a refused version asks for the other one", () => {
    expect([1, 132].map((code) => wantsOtherVersion(refusal(code)))).toEqual([true, true]);
    expect([2, 4, 133].some((code) => wantsOtherVersion(refusal(code)))).toBe(false);
    expect(wantsOtherVersion(new Error("connect ECONNREFUSED"))).toBe(false);
  });
});

describe("messages under way", () => {
  function windowOf(inFlightMax: number) {
    const window = createSendWindow(inFlightMax);
    const sent: number[] = [];
    const acknowledge: (() => void)[] = [];
    const submit = (number: number): void =>
      window.submit(10, (onAcknowledged) => {
        sent.push(number);
        acknowledge.push(onAcknowledged);
      });
    return { window, sent, acknowledge, submit };
  }

  it("no more at once than are taken; the others follow in order, one an acknowledgement", () => {
    const { window, sent, acknowledge, submit } = windowOf(2);
    for (const number of [1, 2, 3, 4]) submit(number);
    expect(sent).toEqual([1, 2]);
    expect([window.total(), window.waitingBytes()]).toEqual([4, 20]);
    acknowledge[0]?.();
    expect(sent).toEqual([1, 2, 3]);
    acknowledge[0]?.();
    expect(sent).toEqual([1, 2, 3]);
    acknowledge[1]?.();
    acknowledge[2]?.();
    acknowledge[3]?.();
    expect([sent, window.total(), window.waitingBytes()]).toEqual([[1, 2, 3, 4], 0, 0]);
  });

  it("whoever waits for it hears when nothing waits any more, also when it is dropped", async () => {
    const { window, acknowledge, submit, sent } = windowOf(1);
    await window.emptied();
    submit(1);
    submit(2);
    const emptied = window.emptied();
    acknowledge[0]?.();
    await emptied;
    submit(3);
    const dropped = window.emptied();
    window.drop();
    await dropped;
    acknowledge[1]?.();
    expect(sent).toEqual([1, 2]);
  });
});
