import { readFileSync } from "node:fs";
import { Bug } from "../../protocols/bug.ts";
import type { ByteLink, MessageBus } from "../../protocols/transport.ts";
import { callTcpLine, listenTcpLine } from "../devices/byte-links.ts";
import { isoTcpLine } from "../devices/iso-tcp-line.ts";
import { openDeviceBus } from "../devices/mqtt-bus.ts";
import { openPtyLine } from "../devices/pty.ts";
import type { AloneOptions, AloneWire } from "./options.ts";

/** The device's end of a serial line or TCP connection. Rejects where its port is taken. */
export async function openByteWire(
  wire: AloneWire,
): Promise<{ readonly link: ByteLink; readonly at: string }> {
  switch (wire.kind) {
    case "serial":
      return { link: openPtyLine(wire.path).link, at: wire.path };
    case "tcp": {
      const line = listenTcpLine({ port: wire.port });
      const link = wire.isoTcp === null ? line.link : isoTcpLine(line.link, wire.isoTcp, false);
      return { link, at: `127.0.0.1:${await line.listening}` };
    }
    case "call": {
      const { link } = callTcpLine(wire.host, wire.port);
      return {
        link: wire.isoTcp === null ? link : isoTcpLine(link, wire.isoTcp, true),
        at: `${wire.host}:${wire.port}`,
      };
    }
    case "mqtt":
    case "opcua":
    case "folder":
    case "http":
      throw new Bug(`${wire.kind} carries no bytes`);
  }
}

/** The device's connection to a broker; its id is unique there as long as the topics are. */
export const openAloneBus = (
  brokerUrl: string,
  base: string,
  { user, caFile }: Pick<AloneOptions, "user" | "caFile">,
): MessageBus =>
  openDeviceBus(brokerUrl, base, {
    ...(user === null ? {} : { username: user.name, password: user.password }),
    ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
  });
