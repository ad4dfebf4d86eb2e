/**
 * Goal: an agent speaks to the OPC UA server that a person has trusted at its address, and to nobody
 * else; each refusal has its own sentence, and the command in it mends what it says. Method: real
 * servers on loopback with certificates made on the spot, reached through the configuration schema
 * and the factory that the agent uses, and trusted by the function behind `npm run trust`.
 */
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OPCUAServer } from "node-opcua";
import { describe, expect, test } from "vitest";
import { createSorter, zSorterConfig } from "../../edge/devices/sorter/open-sorter.ts";
import { readCertificate } from "../../edge/devices/certificate-facts.ts";
import { askServer } from "../../edge/devices/wires/opcua/offered-server.ts";
import { openServerStore } from "../../edge/devices/wires/opcua/server-store.ts";
import { trustCommand } from "../../edge/runtime/trust-command.ts";
import { createSystemClock } from "../../edge/runtime/system-clock.ts";
import { trustServer } from "../../edge/trust/trust.ts";
import type { DeviceReasonCode } from "../../protocols/device-reasons.ts";
import { deviceReasonClause } from "../../protocols/words/device-reason.ts";
import { voices } from "../../protocols/words/words.ts";
import {
  securityOptions,
  type ServerCertificate,
  type ServerSecurity,
} from "../../simulators/devices/opcua-security.ts";
import { createSorterOpcuaServer } from "../../simulators/devices/sorter/opcua-server.ts";
import { agentWires } from "./device-rig.ts";
import { createSorterByHand } from "../kit/sorter-by-hand.ts";
import { useOpcuaStand } from "./opcua-stand.ts";
import { untilReal } from "./sorter-waiting.ts";

const clock = createSystemClock();
const stand = useOpcuaStand("opcua-security-");
const { atEnd } = stand;

const uri = "urn:sorter:one";
const secured: ServerSecurity = { mode: "signAndEncrypt" };
const dayMs = 86_400_000;
const inDays = (days: number): Date => new Date(clock.wall() + days * dayMs);
const certificate = (change: Partial<ServerCertificate> = {}): ServerCertificate => ({
  subject: "/CN=Sorter one",
  applicationUri: uri,
  from: inDays(-2),
  days: 30,
  ...change,
});

let foldersTotal = 0;
const newFolder = (name: string): string => stand.path(`${name}-${(foldersTotal += 1)}`);

interface Served {
  readonly endpointUrl: string;
  readonly stop: () => Promise<void>;
}

/** One sorter, L1. Each has a key of its own, unless the folder says otherwise. */
async function serve(
  security: ServerSecurity,
  { applicationUri = uri, port = 0, folder = newFolder("server") } = {},
): Promise<Served> {
  const server = createSorterOpcuaServer({
    sorterIds: ["L1"],
    port,
    certificatesFolder: folder,
    applicationUri,
    security,
  });
  await server.start();
  const { model } = createSorterByHand(clock, "L1", server.wire("L1"));
  model.powerOn();
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    model.powerOff();
    await server.stop();
  };
  atEnd.push(stop);
  return { endpointUrl: server.endpointUrl(), stop };
}

const portOf = ({ endpointUrl }: Served): number => Number(new URL(endpointUrl).port);

const belt = { speedMmPerS: 1_000, mmPerCount: 1 };

function configure(endpointUrl: string, change: object = {}) {
  return zSorterConfig.parse({
    id: "L1",
    reach: {
      kind: "opcua",
      endpointUrl,
      security: { mode: "signAndEncrypt" },
      ...change,
    },
    dialect: { kind: "sortline-opcua" },
  });
}

/** The agent's end: its health is what people are told. */
function openSorter(endpointUrl: string, folder: string, change: object = {}) {
  const config = configure(endpointUrl, change);
  const trustCommandOf = (id: string): string => trustCommand("/etc/sortline/agent.yaml", id);
  const wires = agentWires(clock, folder);
  const driver = createSorter(config, belt, { wires, clock, trustCommandOf });
  driver.start(() => {});
  atEnd.push(() => driver.stop());
  const reason = () => driver.health().reason;
  return {
    reason,
    sentence: () => deviceReasonClause(reason()!, voices.en),
    until: (code: DeviceReasonCode) => untilReal(() => reason()?.code === code, code, 20_000),
    untilReceiving: () =>
      untilReal(() => driver.health().state === "receiving", "receiving", 30_000).catch(
        (error: unknown) => {
          throw new Error(`not received: ${JSON.stringify(reason())}`, { cause: error });
        },
      ),
  };
}

async function trust(endpointUrl: string, folder: string, change: object = {}) {
  const lines: string[] = [];
  const isTrusted = await trustServer({
    device: configure(endpointUrl),
    certificatesFolder: folder,
    clock,
    language: "en",
    isSaidYes: true,
    isExchanged: false,
    out: (line) => lines.push(line),
    ask: async () => null,
    ...change,
  });
  return { isTrusted, text: lines.join("\n") };
}

const filesIn = (folder: string, name: string): string[] => readdirSync(join(folder, name));

describe("a server's certificate", () => {
  test("PR4.4-4: that nobody has trusted is refused with the command that trusts it, and then taken", async () => {
    const { endpointUrl } = await serve({ ...secured, certificate: certificate() });
    const folder = newFolder("client");
    const sorter = openSorter(endpointUrl, folder);
    await sorter.until("notTrusted");
    expect(sorter.sentence()).toBe(
      `its certificate is not trusted: ${endpointUrl}; to trust it: npm run trust -- --config /etc/sortline/agent.yaml --device L1`,
    );
    expect(sorter.reason()?.detail).toMatch(/^CN=Sorter one, SHA-256 [0-9A-F]{16}\.\.\., to /);
    expect(filesIn(folder, "rejected")).toHaveLength(1);
    const { isTrusted, text } = await trust(endpointUrl, folder);
    expect(isTrusted).toBe(true);
    expect(text).toMatch(
      /of +CN=Sorter one\n +application +urn:sorter:one\n +SHA-256 +[0-9A-F]{4} /,
    );
    await sorter.untilReceiving();
    // It has 28 days left.
    await sorter.until("certificateEnds");
    expect(filesIn(folder, "rejected")).toEqual([]);
    expect(filesIn(folder, "trusted/certs")).toHaveLength(1);
  });

  test("of another machine is refused as foreign, also if it is trusted at its own address", async () => {
    const one = await serve({ ...secured, certificate: certificate() });
    const otherUri = "urn:sorter:two";
    const ofOther = certificate({ subject: "/CN=Sorter two", applicationUri: otherUri });
    const otherFolder = newFolder("server");
    const at = { applicationUri: otherUri, folder: otherFolder };
    const two = await serve({ ...secured, certificate: ofOther }, at);
    const folder = newFolder("client");
    expect((await trust(one.endpointUrl, folder)).isTrusted).toBe(true);
    expect((await trust(two.endpointUrl, folder)).isTrusted).toBe(true);
    await one.stop();
    await two.stop();
    const posing = await serve({ ...secured, certificate: ofOther }, { ...at, port: portOf(one) });
    const sorter = openSorter(posing.endpointUrl, folder);
    await sorter.until("certificateForeign");
    expect(sorter.sentence()).toBe(`its certificate is another one: ${posing.endpointUrl}`);
    const refused = await trust(posing.endpointUrl, folder);
    expect(refused).toMatchObject({ isTrusted: false });
    expect(refused.text).toMatch(/It bears other names .* --replace/);
    expect((await trust(posing.endpointUrl, folder, { isExchanged: true })).isTrusted).toBe(true);
    await sorter.untilReceiving();
  });

  test.each([
    ["certificateExpired", { from: inDays(-40), days: 30 }, "its certificate has expired"],
    ["certificateNotYetValid", { from: inDays(3) }, "its certificate is not valid yet"],
  ] as const)("%s: refused, whoever has trusted it", async (code, days, words) => {
    const { endpointUrl } = await serve({ ...secured, certificate: certificate(days) });
    const folder = newFolder("client");
    const { reach } = configure(endpointUrl);
    if (reach.kind !== "opcua") throw new Error("another reach");
    const shown = await askServer({ reach, certificatesFolder: folder, clock });
    await openServerStore(folder).trust(endpointUrl, shown.certificate);
    const sorter = openSorter(endpointUrl, folder);
    await sorter.until(code);
    expect(sorter.sentence()).toBe(`${words}: ${endpointUrl}`);
    expect(sorter.reason()?.detail).toMatch(/^valid from \d{4}-\d\d-\d\d to .*, today is /);
    const security = { mode: "signAndEncrypt", trustAnyServer: true };
    const careless = openSorter(endpointUrl, newFolder("client"), { security });
    await careless.until(code);
    const refused = await trust(endpointUrl, newFolder("client"));
    expect(refused.isTrusted).toBe(false);
    expect(refused.text).toContain(words);
  });

  test("PR4.4-6: that names another application than the server is refused, whoever has trusted it", async () => {
    const { endpointUrl } = await serve({
      ...secured,
      certificate: certificate({ applicationUri: "urn:somebody:else" }),
    });
    const folder = newFolder("client");
    const sorter = openSorter(endpointUrl, folder, {
      security: { mode: "signAndEncrypt", trustAnyServer: true },
    });
    await sorter.until("certificateOtherName");
    expect(sorter.sentence()).toBe(`its certificate names another: ${endpointUrl}`);
    expect(sorter.reason()?.detail).toBe(`urn:somebody:else, and the server is ${uri}`);
    expect((await trust(endpointUrl, folder)).isTrusted).toBe(false);
  });

  test("that is renewed is told as that with the command, which lets the old one go", async () => {
    const first = await serve({ ...secured, certificate: certificate() });
    const folder = newFolder("client");
    await trust(first.endpointUrl, folder);
    const [before] = filesIn(folder, "trusted/certs");
    const sorter = openSorter(first.endpointUrl, folder);
    await sorter.untilReceiving();
    await first.stop();
    const second = await serve(
      { ...secured, certificate: certificate({ from: inDays(-1), days: 365 }) },
      { port: portOf(first) },
    );
    await sorter.until("certificateRenewed");
    expect(sorter.sentence()).toBe(
      `its certificate was renewed: ${second.endpointUrl}; to trust it: npm run trust -- --config /etc/sortline/agent.yaml --device L1`,
    );
    const { isTrusted, text } = await trust(second.endpointUrl, folder);
    expect(isTrusted).toBe(true);
    expect(text).toMatch(/Trusted there now is this one:[\s\S]*it looks renewed/);
    await sorter.untilReceiving();
    expect(filesIn(folder, "trusted/certs")).toHaveLength(1);
    expect(filesIn(folder, "trusted/certs")).not.toContain(before);
  });

  test("shown by somebody who lacks its key opens nothing", async () => {
    const one = await serve({ ...secured, certificate: certificate() });
    const folder = newFolder("client");
    await trust(one.endpointUrl, folder);
    const [stolen] = await openServerStore(folder).trustedAt(one.endpointUrl);
    await one.stop();
    const thief = new OPCUAServer({
      ...(await securityOptions(secured, newFolder("thief"))),
      port: portOf(one),
      host: "127.0.0.1",
      hostname: "127.0.0.1",
      serverInfo: { applicationUri: uri },
    });
    await thief.start();
    atEnd.push(() => thief.shutdown(0));
    for (const endpoint of thief.endpoints.flatMap((each) => each.endpointDescriptions())) {
      Object.defineProperty(endpoint, "serverCertificate", { get: () => stolen!.der });
    }
    const sorter = openSorter(one.endpointUrl, folder);
    await sorter.until("connectionLost");
    expect(thief.currentSessionCount).toBe(0);
  });

  test("is trusted by a person only: nobody to ask, or anything but yes, changes nothing", async () => {
    const { endpointUrl } = await serve({ ...secured, certificate: certificate() });
    const folder = newFolder("client");
    const questions: string[] = [];
    const ask = (answer: string | null) => async (question: string) => {
      questions.push(question);
      return answer;
    };
    for (const answer of ["no", "y", "", null]) {
      const asked = { isSaidYes: false, ask: ask(answer) };
      expect((await trust(endpointUrl, folder, asked)).isTrusted).toBe(false);
    }
    expect(questions).toHaveLength(4);
    expect(await openServerStore(folder).trustedAt(endpointUrl)).toEqual([]);
    const asked = { isSaidYes: false, ask: ask(" Yes ") };
    expect((await trust(endpointUrl, folder, asked)).isTrusted).toBe(true);
    const again = await trust(endpointUrl, folder, { ask: ask(null) });
    expect(again.text).toContain("It is trusted already");
  });
});

test("a server with less security than is wanted is refused by name, and not spoken to", async () => {
  const { endpointUrl } = await serve({ mode: "none" });
  const sorter = openSorter(endpointUrl, newFolder("client"));
  await sorter.until("securityNotOffered");
  expect(sorter.sentence()).toBe(`it lacks the security we want: ${endpointUrl}`);
  expect(sorter.reason()?.detail).toBe("it offers None");
  const signing = await serve({ mode: "sign" });
  const other = openSorter(signing.endpointUrl, newFolder("client"));
  await other.until("securityNotOffered");
  expect(other.reason()?.detail).toBe("it offers Sign Basic256Sha256");
});

test("a server that nobody runs has no certificate to be trusted", async () => {
  const { endpointUrl, stop } = await serve(secured);
  await stop();
  const { isTrusted, text } = await trust(endpointUrl, newFolder("client"));
  expect(isTrusted).toBe(false);
  expect(text).toMatch(/^The server does not show its certificate: the connection is refused/);
});

test("a server that does not trust our certificate says so of ours", async () => {
  const { endpointUrl } = await serve({ ...secured, trustsAnybody: false });
  const folder = newFolder("client");
  await trust(endpointUrl, folder);
  const sorter = openSorter(endpointUrl, folder);
  await sorter.until("ourCertificateRefused");
  expect(sorter.sentence()).toBe(`it distrusts our certificate: ${endpointUrl}`);
});

describe("DEV1-44: whom we come as", () => {
  const user = { name: "sortline", password: "line secret" };

  function passwordFile(text: string, mode = 0o600): string {
    const path = newFolder("password");
    writeFileSync(path, text, { mode });
    chmodSync(path, mode);
    return path;
  }

  test.each(["sign", "signAndEncrypt"] as const)("a name with its password: %s", async (mode) => {
    const { endpointUrl } = await serve({ mode, user });
    const change = {
      security: { mode, trustAnyServer: true },
      user: { name: "sortline", passwordFile: passwordFile("line secret\n") },
    };
    await openSorter(endpointUrl, newFolder("client"), change).untilReceiving();
  });

  test("a wrong password, and none, are refused as that", async () => {
    const { endpointUrl } = await serve({ ...secured, user });
    const security = { mode: "signAndEncrypt", trustAnyServer: true };
    const wrong = openSorter(endpointUrl, newFolder("client"), {
      security,
      user: { name: "sortline", passwordFile: passwordFile("guessed") },
    });
    await wrong.until("accessDenied");
    expect(JSON.stringify(wrong.reason())).not.toContain("guessed");
    const nobody = openSorter(endpointUrl, newFolder("client"), { security });
    await nobody.until("accessDenied");
    expect(nobody.reason()?.detail).toMatch(/^it takes no nameless user; it takes UserName/);
  });

  test("a password that others may read is not used, and the file is named", async () => {
    const { endpointUrl } = await serve({ ...secured, user });
    const path = passwordFile("line secret", 0o640);
    const change = {
      security: { mode: "signAndEncrypt", trustAnyServer: true },
      user: { name: "sortline", passwordFile: path },
    };
    const sorter = openSorter(endpointUrl, newFolder("client"), change);
    await sorter.until("secretFile");
    expect(sorter.sentence()).toBe(`a password or key file is unfit: ${path}`);
    expect(sorter.reason()?.detail).toMatch(/mode 640.*chmod 600/);
    chmodSync(path, 0o600);
    await sorter.untilReceiving();
  });

  test("a certificate with its key", async () => {
    const { endpointUrl } = await serve({ ...secured, user });
    const own = newFolder("client");
    const security = { mode: "signAndEncrypt", trustAnyServer: true };
    await openSorter(endpointUrl, own, { security }).until("accessDenied");
    // Any certificate with its key is good for a user; here one that the client has made.
    const files = {
      certificateFile: join(own, "own/certs/unsecured.pem"),
      keyFile: join(own, "own/private/private_key.pem"),
    };
    const sorter = openSorter(endpointUrl, own, { security, user: files });
    await sorter.untilReceiving();
  });
});

test("PR4.4-7: our own certificate says the name that we announce", async () => {
  const { endpointUrl } = await serve(secured);
  const folder = newFolder("client");
  const security = { mode: "signAndEncrypt", trustAnyServer: true };
  await openSorter(endpointUrl, folder, { security }).untilReceiving();
  const own = readCertificate(readFileSync(join(folder, "own/certs/client_certificate.pem")));
  expect(own.applicationUri).toMatch(/^urn:.*Sortline$/);
  expect(statSync(join(folder, "own/private/private_key.pem")).mode & 0o077).toBe(0);
});
