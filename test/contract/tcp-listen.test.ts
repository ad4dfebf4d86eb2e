/**
 * Goal: a wire that waits for its device's call lets that device in and nobody else, follows its
 * newest call, and says what it waits for.
 * Method: the shipped link on this machine's loopback, called from several of its addresses.
 */
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { zReach } from "../../edge/devices/reach.ts";
import { agentWires, freePort, realTime } from "./device-rig.ts";

const host = "127.0.0.1";
const device = "127.0.0.2";
const stranger = "127.0.0.3";
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe("a device that calls", () => {
  const { clock, until } = realTime();
  let port = 0;
  let told: string[] = [];
  let sockets: Socket[] = [];
  let heard = "";
  let link: ReturnType<typeof openLink>;

  const openLink = () => {
    const reach = zReach.parse({ kind: "tcp-listen", host, port, from: device });
    if (reach.kind !== "tcp-listen") throw new Error("another reach");
    const opened = agentWires(clock).byteLink(reach);
    opened.open({
      onOpen: () => told.push("open"),
      onBytes: (chunk) => {
        heard += String.fromCharCode(...chunk);
      },
      onClose: ({ code, params, detail = "" }) =>
        told.push(`${code} ${params?.address ?? ""} ${detail}`.trim()),
    });
    return opened;
  };
  const call = (localAddress: string): Socket => {
    const socket = connect({ host, port, localAddress });
    socket.on("error", () => {});
    sockets.push(socket);
    return socket;
  };

  beforeEach(async () => {
    port = await freePort();
    told = [];
    heard = "";
    sockets = [];
    link = openLink();
    await until(() => told.length > 0, "listening");
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await link.close();
  });

  it("DEV1-28: is awaited, heard, answered, and missed when it hangs up", async () => {
    expect(told).toEqual([`awaited ${host}:${port}`]);
    expect(link.write(bytes("x"))).toEqual({ kind: "refused", why: "notConnected" });
    const caller = call(device);
    let answer = "";
    caller.on("data", (chunk) => {
      answer += chunk.toString();
    });
    caller.write("A");
    await until(() => heard === "A", "what it says");
    expect(link.write(bytes("B"))).toEqual({ kind: "sent" });
    await until(() => answer === "B", "our answer");
    caller.end();
    await until(() => told.length === 3, "the end");
    expect(told.slice(1)).toEqual(["open", `connectionLost ${device}`]);
    call(device);
    await until(() => told.length === 4, "the next call");
    expect(told.at(-1)).toBe("open");
  });

  it("a stranger is hung up on, named, and never heard", async () => {
    const caller = call(stranger);
    caller.write("FORGED");
    await until(() => caller.closed, "hung up");
    expect(told.at(-1)).toBe(`strangerCalled ${stranger}`);
    call(device).write("A");
    await until(() => heard !== "", "the device");
    expect(heard).toBe("A");
    const again = call(stranger);
    again.write("FORGED");
    await until(() => again.closed, "hung up again");
    expect(told.at(-1)).toBe("open");
    expect(heard).toBe("A");
  });

  it("its newest call counts, and what the old one still says does not", async () => {
    const first = call(device);
    await until(() => told.at(-1) === "open", "the first call");
    const second = call(device);
    await until(() => told.length === 4, "the second call");
    expect(told.slice(1)).toEqual(["open", `connectionLost ${device} it has called anew`, "open"]);
    first.write("OLD");
    second.write("NEW");
    await until(() => heard !== "", "what it says");
    expect(heard).toBe("NEW");
  });

  it("nothing is told after close, and the port is free again", async () => {
    const caller = call(device);
    await until(() => told.at(-1) === "open", "the call");
    await link.close();
    const toldBefore = told.length;
    await until(() => caller.closed, "hung up");
    expect(told.length).toBe(toldBefore);
    link = openLink();
    await until(() => told.length > toldBefore, "listening again");
    expect(told.at(-1)).toBe(`awaited ${host}:${port}`);
  });

  it("a port that is taken is named, and tried again until it is free", async () => {
    await link.close();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, host, resolve));
    link = openLink();
    await until(() => told.length > 1, "refused");
    expect(told.at(-1)).toMatch(`cannotOpen ${host}:${port} listen EADDRINUSE`);
    await new Promise<void>((resolve) => other.close(() => resolve()));
    await until(() => told.at(-1)?.startsWith("awaited") === true, "listening");
  });
});

describe("configuration", () => {
  const issueOf = (reach: object) => {
    const parsed = zReach.safeParse({ kind: "tcp-listen", host, port: 4_000, ...reach });
    const [issue] = parsed.error?.issues ?? [];
    return issue === undefined ? null : `${issue.path.join(".")}: ${issue.message}`;
  };

  it("names the device that may call, by an address of the same kind", () => {
    expect(issueOf({ from: device })).toBeNull();
    expect(issueOf({ host: "::1", from: "fd00::2" })).toBeNull();
    expect(issueOf({})).toMatch(/^from: /);
    expect(issueOf({ from: "reader.local" })).toBe("from: an IP address");
    expect(issueOf({ from: "fd00::2" })).toBe(
      "from: must be of the same kind as host, IPv4 or IPv6",
    );
  });
});
