import { labProofKeys } from "../../simulators/devices/lab-formats.ts";
import { centreText, lineText } from "../../simulators/lab/agent-files.ts";

export interface LineAt {
  readonly brokerUrl: string;
  /** Of the scanner, which listens on TCP. */
  readonly scannerPort: number;
  /** The sorter's reach and dialect. */
  readonly sorter: object;
  /** World seconds a second. */
  readonly speed: number;
  /** Of the centre's HTTP; default: any free one. */
  readonly httpPort?: number;
}

interface LineText {
  readonly layout: { scale: object | null; scanner: object };
  readonly rules: Record<string, unknown>;
}
interface CentreText {
  readonly centre: Record<string, unknown>;
}

/**
 * The file of one agent in both roles, `agent-L1`, whose default line has a scanner, an X-ray machine
 * over MQTT and some sorter, and no scale; its data lie in `folder`.
 */
export function lineFile(folder: string, at: LineAt): object {
  const { brokerUrl, scannerPort, speed, httpPort = 0 } = at;
  const plan = {
    site: "lab",
    dataDir: folder,
    pageDir: null,
    httpPort,
    brokerUrl,
    opcuaUrl: "",
    wiresDir: folder,
    lineIds: ["L1"],
    speed,
  };
  const centre = centreText(plan, Date.now()) as CentreText;
  const line = lineText("L1", speed) as LineText;
  line.layout.scale = null;
  // The token has 110 ms until the front is there, also where the machine has much to do.
  Object.assign(line.layout.scanner, { binding: { kind: "echo", sendMm: 220 } });
  line.rules["weight"] = null;
  centre.centre["lines"] = [{ agentId: "agent-L1", line }];
  return {
    ...centre,
    agentId: "agent-L1",
    lines: [
      {
        line,
        devices: {
          scanner: {
            id: "L1-scanner",
            reach: { kind: "tcp", host: "127.0.0.1", port: scannerPort },
            dialect: { kind: "frames", preset: "sick", ...labProofKeys },
          },
          scale: null,
          xray: {
            id: "L1-xray",
            reach: { kind: "mqtt", brokerUrl, base: "lab/L1-xray" },
            dialect: { kind: "sortline-json" },
          },
          sorter: { id: "L1-sorter", ...at.sorter },
        },
      },
    ],
  };
}
