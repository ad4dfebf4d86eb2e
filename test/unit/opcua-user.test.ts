/**
 * Goal: nobody's password goes out where others could read it, and a user that a server does not take
 * is refused before a session is asked for. Method: offers of servers, written by hand.
 */
import { UserTokenType } from "node-opcua";
import { expect, test } from "vitest";
import { WireRefusal } from "../../edge/devices/network-reason.ts";
import { refuseUntakenUser } from "../../edge/devices/wires/opcua/offered-server.ts";
import type { OpcuaUser } from "../../edge/devices/reach.ts";

const named: OpcuaUser = { name: "sortline", passwordFile: "/etc/plc" };
const certified: OpcuaUser = { certificateFile: "/etc/user.pem", keyFile: "/etc/user.key" };
const { Anonymous, UserName, Certificate } = UserTokenType;

function said(
  mode: "sign" | "signAndEncrypt",
  user: OpcuaUser | undefined,
  users: readonly (readonly [UserTokenType, boolean])[],
): string {
  const security = { mode, policy: "Basic256Sha256", trustAnyServer: false } as const;
  const reach = { endpointUrl: "opc.tcp://plc:4840", security, user };
  try {
    refuseUntakenUser(reach, {
      users: users.map(([type, isEncrypted]) => ({ type, isEncrypted })),
    });
    return "taken";
  } catch (error) {
    if (!(error instanceof WireRefusal)) throw error;
    return `${error.reason.code}: ${error.reason.detail}`;
  }
}

test("a password on a connection that is only signed has to be encrypted by itself", () => {
  const readable =
    "securityNotOffered: it wants the password unencrypted; mode signAndEncrypt hides it";
  expect(said("sign", named, [[UserName, false]])).toBe(readable);
  expect(
    said("sign", named, [
      [Anonymous, true],
      [UserName, false],
    ]),
  ).toBe(readable);
  expect(
    said("sign", named, [
      [UserName, false],
      [UserName, true],
    ]),
  ).toBe("taken");
  expect(said("signAndEncrypt", named, [[UserName, false]])).toBe("taken");
  expect(said("sign", certified, [[Certificate, false]])).toBe("taken");
});

test("a kind of user that is not taken is refused with what is", () => {
  const at = (user: OpcuaUser | undefined, type: UserTokenType) =>
    said("signAndEncrypt", user, [[type, true]]);
  expect(at(undefined, UserName)).toBe(
    "accessDenied: it takes no nameless user; it takes UserName",
  );
  expect(at(named, Anonymous)).toBe("accessDenied: it takes no user name; it takes Anonymous");
  expect(at(certified, UserName)).toBe(
    "accessDenied: it takes no user's certificate; it takes UserName",
  );
  expect(said("sign", undefined, [])).toBe(
    "accessDenied: it takes no nameless user; it takes nobody",
  );
  expect(at(undefined, Anonymous)).toBe("taken");
});
