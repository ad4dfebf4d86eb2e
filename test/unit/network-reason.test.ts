/**
 * Goal: whatever a network says of a lost connection has a code that people have words for.
 * Method: errors as Node, mqtt.js and node-opcua make them; what nobody knows stays a lost one.
 */
import { expect, test } from "vitest";
import {
  addressOf,
  addressOfUrl,
  networkReason,
  shownUrl,
} from "../../edge/devices/network-reason.ts";

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
  [new Error("BadCertificateUntrusted (0x801a0000)"), "ourCertificateRefused"],
  [new Error("Cannot find ANONYMOUS user token policy in end point description"), "accessDenied"],
  [new Error("serviceResult = BadIdentityTokenRejected"), "accessDenied"],
  ["session closed: BadSessionClosed", "connectionLost"],
  [withCode("certificate has expired", "CERT_HAS_EXPIRED"), "certificateExpired"],
  [withCode("certificate is not yet valid", "CERT_NOT_YET_VALID"), "certificateNotYetValid"],
  [withCode("Host: broker. is not in", "ERR_TLS_CERT_ALTNAME_INVALID"), "certificateOtherName"],
  [withCode("unable to verify", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "notTrusted"],
  [withCode("unable to get", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"), "notTrusted"],
  [withCode("self-signed", "SELF_SIGNED_CERT_IN_CHAIN"), "notTrusted"],
  [withCode("self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"), "notTrusted"],
  [withCode("alert", "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"), "ourCertificateRefused"],
  [withCode("alert", "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE"), "ourCertificateRefused"],
  [withCode("alert", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"), "ourCertificateRefused"],
  [withCode("wrong version", "ERR_SSL_WRONG_VERSION_NUMBER"), "securityNotOffered"],
  [withCode("alert", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"), "securityNotOffered"],
  [
    withCode(
      "Client network socket disconnected before secure TLS connection was established",
      "ECONNRESET",
    ),
    "securityNotOffered",
  ],
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
  expect(addressOfUrl("mqtt:line:secret@broker")).not.toContain("secret");
  expect(addressOfUrl("not a url")).toBe("not a url");
});

test.each([
  ["http://h/cgi?channel=1&pwd=hunter2", "http://h/cgi?channel=…&pwd=…"],
  ["http://h/cgi?hunter2", "http://h/cgi?…"],
  ["http://h/cgi?a=hunter2=hunter2&=hunter2&b", "http://h/cgi?a=…&=…&…"],
  ["http://h/user=a_password=hunter2/still.jpg", "http://h/user=…/still.jpg"],
  ["http:////a:hunter2@h/still#hunter2", "http://h/still"],
  ["opc.tcp://a:hunter2@h:4840/UA?pw=hunter2", "opc.tcp://h:4840/UA?pw=…"],
  ["mqtt:a:hunter2@h", "mqtt://"],
])("a URL that is printed tells none of its values: %s", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
