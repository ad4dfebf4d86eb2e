import {
  AttributeIds,
  VariableIds,
  resolveNodeId,
  type DataValue,
  type ReadValueIdOptions,
} from "node-opcua";

/** Reads of one session. What is asked for in one turn goes out in one request. */
export interface SharedReads {
  /** The answers in the order asked for. Rejects for all of a turn where the server refuses one. */
  read(nodes: readonly ReadValueIdOptions[]): Promise<DataValue[]>;
}

/** As the session has it: one request. */
type ReadOnce = (nodes: ReadValueIdOptions[]) => Promise<DataValue[]>;

interface Asked {
  readonly nodes: readonly ReadValueIdOptions[];
  readonly resolve: (answers: DataValue[]) => void;
  readonly reject: (error: unknown) => void;
}

const nodesPerRead: ReadValueIdOptions = {
  nodeId: resolveNodeId(VariableIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead),
  attributeId: AttributeIds.Value,
};

/**
 * However many lines a server has, a poll of all of them costs it one request, or as many as its own
 * limit of nodes asks for (OPC 10000-5, MaxNodesPerRead; 0 or no such node: there is none).
 */
export function createSharedReads(readOnce: ReadOnce): SharedReads {
  let asked: Asked[] = [];
  let nodesMax: Promise<number> | null = null;

  const flush = async (): Promise<void> => {
    const turn = asked;
    asked = [];
    try {
      nodesMax ??= limitOf(readOnce);
      const answers = await readAll(
        readOnce,
        turn.flatMap(({ nodes }) => [...nodes]),
        await nodesMax,
      );
      let from = 0;
      for (const { nodes, resolve } of turn) {
        resolve(answers.slice(from, from + nodes.length));
        from += nodes.length;
      }
    } catch (error) {
      for (const { reject } of turn) reject(error);
      // It may be the limit that could not be read; it is asked for again.
      nodesMax = null;
    }
  };

  return {
    read: (nodes) =>
      new Promise((resolve, reject) => {
        asked.push({ nodes, resolve, reject });
        // The clock fires all that is due in one turn, and this comes behind it.
        if (asked.length === 1) queueMicrotask(() => void flush());
      }),
  };
}

async function limitOf(readOnce: ReadOnce): Promise<number> {
  const [answer] = await readOnce([nodesPerRead]);
  const value: unknown = answer?.statusCode.isGood() === true ? answer.value.value : 0;
  return typeof value === "number" && value > 0 ? value : Number.POSITIVE_INFINITY;
}

async function readAll(
  readOnce: ReadOnce,
  nodes: readonly ReadValueIdOptions[],
  nodesMax: number,
): Promise<DataValue[]> {
  const requests: Promise<DataValue[]>[] = [];
  for (let from = 0; from < nodes.length; from += nodesMax) {
    requests.push(readOnce(nodes.slice(from, from + nodesMax)));
  }
  return (await Promise.all(requests)).flat();
}
