/**
 * Goal: however many lines one server has, a poll of all of them is one request, or as many as the
 * server's own limit of nodes asks for; and nobody is polled faster for it, or waits for another.
 * Method: polls and reads in virtual time, with a server by hand.
 */
import { DataType, DataValue, StatusCodes, Variant, type ReadValueIdOptions } from "node-opcua";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSharedReads } from "../../edge/devices/wires/opcua/shared-reads.ts";
import { createVariablePolls } from "../../edge/devices/wires/opcua/variable-poll.ts";
import type { VariableReadings } from "../../edge/devices/variables.ts";
import { monotonicMs } from "../../protocols/units.ts";
import { createVirtualClock } from "../../simulators/clock/virtual-clock.ts";

const answerOf = (value: number): DataValue =>
  new DataValue({ value: new Variant({ dataType: DataType.UInt32, value }) });
const unknown = new DataValue({ statusCode: StatusCodes.BadNodeIdUnknown });
const node = (id: number): ReadValueIdOptions => ({ nodeId: `ns=1;i=${id}` });
const idOf = ({ nodeId }: ReadValueIdOptions): number => Number(/\d+$/.exec(String(nodeId))?.[0]);
const isLimit = (nodes: readonly ReadValueIdOptions[]): boolean =>
  nodes.length === 1 && String(nodes[0]?.nodeId) === "ns=0;i=11705";

/** A server that shows of each node its own number. */
function serverOf(limit: DataValue) {
  const requests: number[] = [];
  const reads = createSharedReads(async (nodes) => {
    if (isLimit(nodes)) return [limit];
    requests.push(nodes.length);
    return nodes.map((each) => answerOf(idOf(each)));
  });
  return { requests, reads };
}
const shownIn = (answers: readonly DataValue[]): unknown[] =>
  answers.map(({ value }) => value.value);

describe("reads of one session", () => {
  it("what is asked for in one turn goes out in one request, and each gets its own", async () => {
    const { requests, reads } = serverOf(unknown);
    const answers = await Promise.all([
      reads.read([node(1), node(2)]),
      reads.read([]),
      reads.read([node(3)]),
    ]);
    expect(answers.map(shownIn)).toEqual([[1, 2], [], [3]]);
    expect(requests).toEqual([3]);
    await reads.read([node(4)]);
    expect(requests).toEqual([3, 1]);
  });

  it("no request is longer than the server takes, whatever is asked for", async () => {
    const lists = fc.array(fc.array(fc.integer({ min: 1, max: 999 }), { maxLength: 9 }));
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 0, max: 12 }), async (asked, nodesMax) => {
        const { requests, reads } = serverOf(answerOf(nodesMax));
        const answers = await Promise.all(asked.map((ids) => reads.read(ids.map(node))));
        expect(answers.map(shownIn)).toEqual(asked);
        const total = asked.flat().length;
        const most = nodesMax === 0 ? total : nodesMax;
        expect(requests.every((length) => length <= most)).toBe(true);
        expect(requests.length).toBe(total === 0 ? 0 : Math.ceil(total / most));
      }),
    );
  });

  it("what is refused together is asked for apart, and whoever is refused alone is told why", async () => {
    const requests: number[] = [];
    const parted: unknown[] = [];
    const reads = createSharedReads(
      async (nodes) => {
        if (isLimit(nodes)) return [unknown];
        requests.push(nodes.length);
        if (nodes.length > 2) throw new Error("BadResponseTooLarge");
        return nodes.map((each) => answerOf(idOf(each)));
      },
      (error) => parted.push(String(error)),
    );
    const turn = () =>
      Promise.allSettled([
        reads.read([node(1), node(2)]),
        reads.read([node(3), node(4), node(5)]),
        reads.read([node(6)]),
      ]);
    for (const sizes of [
      [6, 2, 3, 1],
      [2, 3, 1],
    ]) {
      requests.length = 0;
      const answers = await turn();
      expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(requests).toEqual(sizes);
    }
    expect(parted).toEqual(["Error: BadResponseTooLarge"]);
  });

  it("a server that was gone for a moment is asked for its limit again", async () => {
    let isBroken = true;
    const reads = createSharedReads(async (nodes) => {
      if (isBroken) throw new Error("gone");
      return nodes.map((each) => (isLimit([each]) ? unknown : answerOf(idOf(each))));
    });
    await expect(reads.read([node(1)])).rejects.toThrow("gone");
    isBroken = false;
    expect(shownIn(await reads.read([node(3)]))).toEqual([3]);
  });

  it.each([-1, 1])("an answer with a value more or less (%i) is nobody's", async (more) => {
    const reads = createSharedReads(async (nodes) => {
      if (isLimit(nodes)) return [answerOf(4)];
      return Array.from({ length: nodes.length + more }, () => answerOf(7));
    });
    const both = await Promise.allSettled([
      reads.read([1, 2, 3, 4, 5, 6].map(node)),
      reads.read([node(7)]),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it.each([0.5, -3, Number.NaN])("a limit of %d is none", async (limit) => {
    const { requests, reads } = serverOf(
      new DataValue({ value: new Variant({ dataType: DataType.Double, value: limit }) }),
    );
    await reads.read([1, 2, 3].map(node));
    expect(requests).toEqual([3]);
  });
});

const nothing: VariableReadings = {
  kind: "readings",
  askedAt: createVirtualClock().monotonic(),
  serverStart: null,
  values: new Map(),
};

function standOf() {
  const clock = createVirtualClock();
  const polls = createVariablePolls(clock);
  /** When each poll has asked, by its name. */
  const asked: Record<string, number[]> = {};
  const told: string[] = [];
  const start = (name: string, pollMs: number, read = async () => nothing) => {
    const times: number[] = [];
    asked[name] = times;
    return polls.start({
      variables: {
        read: () => {
          times.push(clock.monotonic());
          return read();
        },
      },
      pollMs,
      onReadings: () => told.push(name),
      onFailed: (error) => told.push(`${name}: ${String(error)}`),
    });
  };
  const run = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1) {
      clock.runFor(1);
      for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
    }
  };
  return { clock, asked, told, start, run };
}

describe("polls of one session", () => {
  it("whoever comes later asks with those who ask already, and none asks sooner for it", async () => {
    const { asked, start, run } = standOf();
    start("a", 20);
    await run(7);
    start("b", 20);
    start("slow", 50);
    await run(60);
    expect(asked).toEqual({ a: [0, 20, 40, 60], b: [20, 40, 60], slow: [7, 57] });
  });

  it("a late answer makes the next asking late, and never two at a time", async () => {
    const { asked, clock, start, run } = standOf();
    const late = () =>
      new Promise<VariableReadings>((resolve) => {
        clock.schedule(monotonicMs(clock.monotonic() + 30), () => resolve(nothing));
      });
    start("a", 20, late);
    await run(70);
    expect(asked["a"]).toEqual([0, 30, 60]);
  });

  it("who is stopped or has failed asks no more, and the others go on", async () => {
    const { asked, told, start, run } = standOf();
    const a = start("a", 20);
    start("b", 20, () => Promise.reject(new Error("gone")));
    start("c", 20);
    await run(25);
    a.stop();
    await run(20);
    expect(asked).toEqual({ a: [0, 20], b: [0], c: [0, 20, 40] });
    expect(told).toEqual(["a", "b: Error: gone", "c", "a", "c", "c"]);
  });

  it("what comes for whoever was stopped meanwhile is told to nobody", async () => {
    const { told, clock, start, run } = standOf();
    const a = start("a", 20);
    clock.runFor(1);
    a.stop();
    await run(50);
    expect(told).toEqual([]);
    start("d", 20);
    await run(1);
    expect(told).toEqual(["d"]);
  });
});
