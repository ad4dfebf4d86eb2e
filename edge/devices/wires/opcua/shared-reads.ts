import {
  AttributeIds,
  VariableIds,
  resolveNodeId,
  type DataValue,
  type ReadValueIdOptions,
} from "node-opcua";

/** Reads of one session. What is asked for in one turn goes out in one request. */
export interface SharedReads {
  /** The answers in the order asked for, as many as that. Rejects where the server refuses them. */
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
 * limit of nodes asks for (OPC 10000-5, MaxNodesPerRead; 0 or no such node: there is none). Where a
 * common request is refused, `onParted` hears why, and each asks for its own.
 */
export function createSharedReads(
  readOnce: ReadOnce,
  onParted: (error: unknown) => void = () => {},
): SharedReads {
  let asked: Asked[] = [];
  let nodesMax: Promise<number> | null = null;
  let isApart = false;

  const read = async (nodes: readonly ReadValueIdOptions[]): Promise<DataValue[]> => {
    nodesMax ??= limitOf(readOnce);
    try {
      return await readAll(readOnce, nodes, await nodesMax);
    } catch (error) {
      // It may be the limit that could not be read; it is asked for again.
      nodesMax = null;
      throw error;
    }
  };
  const apart = ({ nodes, resolve, reject }: Asked): void => void read(nodes).then(resolve, reject);

  const flush = async (): Promise<void> => {
    const turn = asked;
    asked = [];
    if (isApart || turn.length === 1) return turn.forEach(apart);
    try {
      const answers = await read(turn.flatMap(({ nodes }) => [...nodes]));
      let from = 0;
      for (const { nodes, resolve } of turn) {
        resolve(answers.slice(from, from + nodes.length));
        from += nodes.length;
      }
    } catch (error) {
      // It may be too much at once, for a server that does not say how much it takes: whoever is
      // refused alone is told why, and in this session nobody asks together any more.
      isApart = true;
      onParted(error);
      turn.forEach(apart);
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
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? value
    : Number.POSITIVE_INFINITY;
}

async function readAll(
  readOnce: ReadOnce,
  nodes: readonly ReadValueIdOptions[],
  nodesMax: number,
): Promise<DataValue[]> {
  const requests: Promise<DataValue[]>[] = [];
  for (let from = 0; from < nodes.length; from += nodesMax) {
    requests.push(readPart(readOnce, nodes.slice(from, from + nodesMax)));
  }
  return (await Promise.all(requests)).flat();
}

/** An answer with a value too few would give each node behind it another one's. */
async function readPart(readOnce: ReadOnce, nodes: ReadValueIdOptions[]): Promise<DataValue[]> {
  const answers = await readOnce(nodes);
  if (answers.length === nodes.length) return answers;
  throw new Error(`${answers.length} values for the ${nodes.length} that were asked for`);
}
