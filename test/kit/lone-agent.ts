import { expect } from "vitest";
import { createMemoryImages } from "../../edge/images/memory-images.ts";
import { MemoryJournal } from "../../edge/journal/memory-journal.ts";
import type { LineLayout } from "../../edge/line/config.ts";
import { startLineAgent } from "../../edge/runtime/line-agent.ts";
import type { LineDevices } from "../../edge/runtime/line-devices.ts";
import { createRecorder } from "../../edge/runtime/recorder.ts";
import { asBug } from "../../protocols/bug.ts";
import { silentLog } from "../../protocols/log.ts";
import { notConnected, sent } from "../../protocols/transport.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";
import { createScriptedLine, scriptedConfig } from "../claims/scripted-line.ts";

/** What a line has beside its scripted scanner and sorter. */
interface Fitted {
  readonly layout: Partial<LineLayout>;
  readonly devices: Partial<LineDevices>;
}

/** The shipped line agent with one scripted line, in virtual time, without a centre. */
export function startLoneAgent({ layout, devices }: Fitted) {
  const clock = createVirtualClock();
  const line = createScriptedLine({ lineId: "L1", clock, onGreen() {}, onFired() {} });
  const { layout: scripted, ...config } = scriptedConfig("L1");
  const journal = new MemoryJournal({ chain: "a", clock, hashing: "never" });
  const images = createMemoryImages({ imagesMax: 10, bytesMax: 1e6 });
  /** Pass and hash of each that was sent, whoever hears it. */
  const sentImages: string[] = [];
  const agent = startLineAgent({
    lines: [
      {
        config: { ...config, layout: { ...scripted, ...layout } },
        configHash: "0".repeat(64),
        devices: { ...line.devices, ...devices },
      },
    ],
    epoch: "e1",
    firstToken: () => 0,
    chain: "a",
    clock,
    log: silentLog,
    onGeneration() {},
    onBug: (thrown, where) => {
      throw asBug(thrown, where);
    },
    recorder: createRecorder({ journal, onHole: ({ why }) => expect.unreachable(why) }),
    journal,
    images,
    linkEnd: {
      agentId: "a",
      start: (handlers) => handlers.onState(false, "no centre"),
      send: () => notConnected,
      sendImage(passId, sha256) {
        sentImages.push(`${passId} ${sha256}`);
        return sent;
      },
      counters: () => ({
        sentTotal: 0,
        unsentTotal: 0,
        receivedTotal: 0,
        refusedTotal: 0,
        lastRefusal: null,
      }),
      close: async () => {},
    },
  });
  const [host] = agent.hosts;
  return { clock, line, agent, journal, images, sentImages, host: host! };
}
