/**
 * Goal: whatever a network says of a lost connection has a code that people have words for.
 * Method: errors as Node, mqtt.js and node-opcua make them; what nobody knows stays a lost one.
 */
import { expect, test } from "vitest";
import { addressOf, addressOfUrl, networkReason } from "../../edge/devices/network-reason.ts";

const withCode = (message: string, code: string): Error =>
  Object.assign(new Error(message), { code });

test.each([
  [withCode("connect ECONNREFUSED 10.0.0.7:4001", "ECONNREFUSED"), "refused"],
  // Two addresses of one name: Node's error has a code and no words.
  [withCode("", "ECONNREFUSED"), "refused"],
  [withCode("connect EHOSTUNREACH 10.0.0.7:4001", "EHOSTUNREACH"), "unreachable"],
  [withCode("connect ETIMEDOUT 10.0.0.7:4001", "ETIMEDOUT"), "unreachable"],
  [withCode("getaddrinfo ENOTFOUND scale-1", "ENOTFOUND"), "unreachable"],
  [withCode("read ECONNRESET", "ECONNRESET"), "connectionLost"],
  [new Error("rejected by server. Err = (connect ECONNREFUSED ::1:4840)"), "refused"],
  [new Error("ns=2;s=Sorters.L9: BadNodeIdUnknown (0x80340000)"), "unknownThere"],
  [new Error("BadCertificateUntrusted (0x801a0000)"), "notTrusted"],
  [new Error("serviceResult = BadIdentityTokenRejected"), "accessDenied"],
  ["session closed: BadSessionClosed", "connectionLost"],
  [new Error("something else"), "connectionLost"],
])("%s: %s", (said, code) => {
  const reason = networkReason(said, "there:1");
  expect(reason).toMatchObject({ code, params: { address: "there:1" } });
  expect(reason.detail).not.toBe("");
});

test("an address is written as people write it, and never tells a password", () => {
  expect(addressOf("10.0.0.7", 4_001)).toBe("10.0.0.7:4001");
  expect(addressOf("fe80::1", 4_001)).toBe("[fe80::1]:4001");
  expect(addressOfUrl("mqtt://line:secret@broker:1883/x")).toBe("mqtt://broker:1883");
  expect(addressOfUrl("opc.tcp://127.0.0.1:4840/UA/Sorter")).toBe("opc.tcp://127.0.0.1:4840");
  expect(addressOfUrl("not a url")).toBe("not a url");
});
