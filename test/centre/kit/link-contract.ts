import { afterEach, describe, expect, test } from "vitest";
import type { LinkAgentEnd, LinkCentreEnd } from "../../../edge/link/port.ts";
import type { DownMessage, UpMessage } from "../../../protocols/link.ts";
import { notConnected, sent } from "../../../protocols/transport.ts";

/** Both ends of one agent's link, and hands on the wire between them. */
export interface LinkRig {
  readonly agent: LinkAgentEnd;
  readonly centre: LinkCentreEnd;
  cut(): void | Promise<void>;
  restore(): void | Promise<void>;
  /** Until everything under way has arrived. */
  settle(): void | Promise<void>;
  close?(): Promise<void>;
}

/** The contract of `edge/link/port.ts`, sentence by sentence. The agent's id is `agent-1`. */
export function describeLinkContract(name: string, open: () => LinkRig | Promise<LinkRig>): void {
  const claim: UpMessage = { kind: "claim", lineId: "L1", passId: "p1", waybill: "W001" };
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const ack: DownMessage = { kind: "journalAck", chain: "agent-1", seq: 7 };

  const started = async () => {
    const rig = await open();
    closing.push(async () => rig.close?.());
    const heard = {
      up: [] as unknown[],
      down: [] as unknown[],
      images: [] as unknown[],
      agentStates: [] as boolean[],
    };
    rig.centre.start({
      onState: () => {},
      onMessage: (agentId, message) => heard.up.push([agentId, message]),
      onImage: (agentId, passId, sha256, bytes) =>
        heard.images.push([agentId, passId, sha256, bytes]),
    });
    rig.agent.start({
      onState: (isConnected) => heard.agentStates.push(isConnected),
      onMessage: (message) => heard.down.push(message),
    });
    await rig.settle();
    return { rig, heard };
  };

  describe(`link contract: ${name}`, () => {
    test("the state is told at once, and at each change", async () => {
      const { rig, heard } = await started();
      await rig.cut();
      await rig.settle();
      await rig.restore();
      await rig.settle();
      expect(heard.agentStates.at(0)).toBeTypeOf("boolean");
      expect(heard.agentStates.slice(-2)).toEqual([false, true]);
    });

    test("messages arrive both ways, in order, never from inside send", async () => {
      const { rig, heard } = await started();
      expect(rig.agent.send(claim)).toEqual(sent);
      expect(rig.agent.send({ kind: "snapshotWanted", why: "gap" })).toEqual(sent);
      expect(rig.centre.send("agent-1", ack)).toEqual(sent);
      expect([heard.up, heard.down]).toEqual([[], []]);
      await rig.settle();
      expect(heard.up).toEqual([
        ["agent-1", claim],
        ["agent-1", { kind: "snapshotWanted", why: "gap" }],
      ]);
      expect(heard.down).toEqual([ack]);
      expect(rig.centre.counters()).toMatchObject({ sentTotal: 1, receivedTotal: 2 });
      expect(rig.agent.counters()).toMatchObject({ sentTotal: 2, receivedTotal: 1 });
    });

    test("images arrive as the bytes they are", async () => {
      const { rig, heard } = await started();
      const hash = "ab".repeat(32);
      expect(rig.agent.sendImage("p1", hash, new Uint8Array([1, 0, 255]))).toEqual(sent);
      await rig.settle();
      const [[agentId, passId, sha256, bytes]] = heard.images as [
        [string, string, string, Uint8Array],
      ];
      expect([agentId, passId, sha256, [...bytes]]).toEqual(["agent-1", "p1", hash, [1, 0, 255]]);
    });

    test("while the wire is cut nothing is queued: send says so, and nothing comes later", async () => {
      const { rig, heard } = await started();
      await rig.cut();
      await rig.settle();
      expect(rig.agent.send(claim)).toEqual(notConnected);
      await rig.settle();
      await rig.restore();
      await rig.settle();
      expect(heard.up).toEqual([]);
      expect(rig.agent.counters().unsentTotal).toBe(1);
      rig.agent.send(claim);
      await rig.settle();
      expect(heard.up).toHaveLength(1);
    });

    test("another agent's messages stay another agent's", async () => {
      const { rig, heard } = await started();
      rig.centre.send("agent-2", ack);
      await rig.settle();
      expect(heard.down).toEqual([]);
    });

    test("nothing is delivered after close", async () => {
      const { rig, heard } = await started();
      await rig.agent.close();
      await rig.centre.close();
      rig.centre.send("agent-1", ack);
      rig.agent.send(claim);
      await rig.settle();
      expect([heard.up, heard.down]).toEqual([[], []]);
    });
  });
}
