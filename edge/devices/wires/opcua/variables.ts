import {
  AttributeIds,
  DataType,
  NumericRange,
  StatusCodes,
  Variant,
  VariantArrayType,
  type DataValue,
  type ReadValueIdOptions,
  type StatusCode,
  type WriteValueOptions,
} from "node-opcua";
import { deviceReason } from "../../../../protocols/device-reasons.ts";
import type { Clock } from "../../../../protocols/time.ts";
import { WireRefusal } from "../../network-reason.ts";
import {
  valueOf,
  type FoundVariable,
  type VariableNeed,
  type VariableReadings,
  type VariableWrite,
} from "../../variables.ts";
import { findPaths, type PathSession } from "./browse-paths.ts";
import { sharedPlaces } from "./map-fit.ts";
import { namespaceIndex } from "./namespaces.ts";
import { isPath, shownNode, type OpcuaPlace } from "./nodes.ts";
import type { SharedReads } from "./shared-reads.ts";
import type { ValueWatch, ValueWatches, ValueWatchHandlers } from "./value-watch.ts";
import {
  misfitOf,
  unwritable,
  variableTypeOf,
  type VariableFacts,
  type VariableType,
} from "./variable-type.ts";

export interface OpcuaVariable {
  readonly key: string;
  readonly place: OpcuaPlace;
  readonly need: VariableNeed;
  readonly isRead: boolean;
  readonly isWritten: boolean;
}

/** Variables are read when the server tells of news, and not only as time goes by. */
export interface ReadOnNews {
  /** What it is to watch: numbers that never come back to what they were, so that no sampling misses them. */
  readonly keys: readonly string[];
  readonly samplingMs: number;
  readonly queueSize: number;
  /** All are read so often even without news; a server that grants news less often is polled. */
  readonly everyMsMax: number;
}

export interface OpcuaVariableSource {
  readonly variables: readonly OpcuaVariable[];
  /** Of all nodes that name none. */
  readonly namespaceUri: string;
  readonly pollMs: number;
  /** Left out: they are read every `pollMs`. */
  readonly subscription?: ReadOnNews | undefined;
}

/** Variables of one session: looked up, looked at, and found to be what they are taken for. */
export interface OpcuaVariables {
  readonly found: readonly FoundVariable[];
  /** All of them in one turn. Rejects when what was looked up no longer stands. */
  read(): Promise<VariableReadings>;
  /** One request. Rejects unless every value of it was taken. */
  write(step: readonly VariableWrite[]): Promise<void>;
  /** Rejects where the server refuses to tell of any of `keys`. */
  watch(
    news: Pick<ReadOnNews, "keys" | "samplingMs" | "queueSize">,
    handlers: ValueWatchHandlers,
  ): Promise<ValueWatch>;
}

export interface OpenVariablesOptions {
  readonly session: SharedReads &
    PathSession &
    ValueWatches & { write(nodes: WriteValueOptions[]): Promise<StatusCode[]> };
  readonly source: OpcuaVariableSource;
  readonly address: string;
  readonly clock: Clock;
}

interface LookedUp extends OpcuaVariable {
  readonly nodeId: string;
  readonly type: VariableType;
  /** What it showed then. */
  readonly shown: DataValue | undefined;
}

const namespaceArray = "i=2255";
/** When the server was started: where that changes, so has all that it shows. */
const startTime = "i=2257";

/**
 * Looks the nodes up by the URIs of their namespaces, whose numbers differ from start to start, and
 * asks the server what they are. What does not fit is refused in a sentence that names key and node.
 */
export async function openVariables(options: OpenVariablesOptions): Promise<OpcuaVariables> {
  const { session, source } = options;
  const [namespaces] = await session.read([valueAt(namespaceArray)]);
  const uris = textsOf(namespaces);
  const nodeIds = await nodeIdsOf(options, uris);
  const looked = await session.read(nodeIds.flatMap(askAll));
  const variables = source.variables.map((variable, index) =>
    lookAt(variable, nodeIds[index] ?? "", looked.slice(index * asked.length)),
  );
  refuseMisfits(
    options,
    variables.filter((each) => typeof each === "string"),
  );
  return openLookedUp(
    options,
    variables.filter((each) => typeof each !== "string"),
    uris,
  );
}

/** All of them in one sentence: whoever mends the map wants to know of each. */
function refuseMisfits({ address }: OpenVariablesOptions, misfits: readonly string[]): void {
  if (misfits.length === 0) return;
  throw new WireRefusal(deviceReason("mapMisfit", { address, detail: misfits.join("; ") }));
}

/**
 * Of each variable, as it is in this session. A path may lead to a node that another variable is
 * already, which nobody can tell from the map alone.
 */
async function nodeIdsOf(
  options: OpenVariablesOptions,
  uris: readonly string[],
): Promise<readonly string[]> {
  const { session, source } = options;
  const wanted = source.variables.flatMap(({ key, place: { node, namespaceUri } }) =>
    isPath(node) ? [{ key, path: node, namespaceUri: namespaceUri ?? source.namespaceUri }] : [],
  );
  const found = await findPaths(session, wanted, uris);
  const misfits: string[] = [];
  const byKey = new Map<string, string>();
  found.forEach((each, index) => {
    const { key = "", path = [] } = wanted[index] ?? {};
    if (each.kind === "node") byKey.set(key, each.nodeId);
    else misfits.push(`${key}: ${shownNode(path)} ${each.why}`);
  });
  refuseMisfits(options, misfits);
  const nodeIds = source.variables.map(
    (variable) => byKey.get(variable.key) ?? nodeIdOf(variable, source, uris),
  );
  const shared = sharedPlaces(source.variables, (_, index) => nodeIds[index] ?? "");
  refuseMisfits(
    options,
    shared.map(({ variable, why }) => `${variable.key}: ${why}`),
  );
  return nodeIds;
}

function openLookedUp(
  { session, clock }: OpenVariablesOptions,
  variables: readonly LookedUp[],
  uris: readonly string[],
): OpcuaVariables {
  const polled = variables.filter(({ isRead }) => isRead);
  const nodeIds = [...new Set(polled.map(({ nodeId }) => nodeId))];
  const request = [namespaceArray, startTime, ...nodeIds].map(valueAt);
  const indexOf = new Map(nodeIds.map((nodeId, index) => [nodeId, index + 2]));
  const byKey = new Map(variables.map((variable) => [variable.key, variable]));

  return {
    found: variables.map(foundOf),
    async read() {
      const askedAt = clock.monotonic();
      const answer = await session.read(request);
      if (textsOf(answer[0]).join() !== uris.join()) throw new Error("the namespaces have changed");
      const started = answer[1];
      const values = polled.map((variable) => {
        const shown = answer[indexOf.get(variable.nodeId) ?? -1];
        if (shown?.statusCode.equals(StatusCodes.BadNodeIdUnknown) === true) {
          throw new Error(`BadNodeIdUnknown: ${variable.key}, ${variable.nodeId}`);
        }
        return [variable.key, readOf(variable, shown)] as const;
      });
      return {
        kind: "readings",
        askedAt,
        serverStart: started?.statusCode.isGood() === true ? plain(started.value.value) : null,
        values: new Map(values),
      };
    },
    async write(step) {
      const nodes = step.map(({ key, value }) => writeOf(byKey.get(key), key, value));
      const codes = await session.write(nodes);
      if (codes.length !== nodes.length) {
        throw new Error(`${codes.length} results for ${nodes.length} values`);
      }
      const bad = codes.findIndex((code) => code.isNotGood());
      if (bad >= 0) throw new Error(`${step[bad]?.key ?? ""}: ${codes[bad]?.toString() ?? ""}`);
    },
    watch({ keys, samplingMs, queueSize }, handlers) {
      const watched = keys.flatMap((key) => byKey.get(key)?.nodeId ?? []);
      return session.watch({ nodeIds: [...new Set(watched)], samplingMs, queueSize }, handlers);
    },
  };
}

const valueAt = (nodeId: string): ReadValueIdOptions => ({
  nodeId,
  attributeId: AttributeIds.Value,
});

/** Of each variable, in this order. The value tells the type where the server has one of its own. */
const asked = [
  AttributeIds.Value,
  AttributeIds.DataType,
  AttributeIds.ValueRank,
  AttributeIds.ArrayDimensions,
  AttributeIds.UserAccessLevel,
] as const;
const askAll = (nodeId: string): ReadValueIdOptions[] =>
  asked.map((attributeId) => ({ nodeId, attributeId }));

function nodeIdOf(
  { key, place }: OpcuaVariable,
  { namespaceUri }: OpcuaVariableSource,
  uris: readonly string[],
): string {
  const index = namespaceIndex(place.namespaceUri ?? namespaceUri, uris, key);
  return `ns=${index};${shownNode(place.node)}`;
}

/** The variable as it is there, or what is wrong with it. */
function lookAt(
  variable: OpcuaVariable,
  nodeId: string,
  [value, dataType, valueRank, dimensions, access]: readonly DataValue[],
): LookedUp | string {
  const { key, place, need, isRead, isWritten } = variable;
  const node = shownNode(place.node);
  if (dataType?.statusCode.isGood() !== true) {
    throw new Error(`${dataType?.statusCode.name ?? "no answer"}: ${key}, ${node}`);
  }
  const level = numberOf(access, 0);
  const facts: VariableFacts = {
    type: typeOf(dataType, value),
    typeId: String(dataType.value.value),
    valueRank: numberOf(valueRank, -1),
    arrayDimensions: numbersOf(dimensions?.value.value),
    canRead: (level & 1) !== 0,
    canWrite: (level & 2) !== 0,
  };
  const { element = null, bit = null } = place;
  const misfit = misfitOf({ need, isRead, isWritten, element, bit }, facts);
  if (misfit !== null) return `${key}: ${node} ${misfit}`;
  return facts.type === null
    ? `${key}: ${node} has no type`
    : { ...variable, nodeId, type: facts.type, shown: value };
}

function foundOf(variable: LookedUp): FoundVariable {
  const { key, nodeId, type, need, shown } = variable;
  const { element, bit } = variable.place;
  const part = `${element === undefined ? "" : `[${element}]`}${bit === undefined ? "" : ` bit ${bit}`}`;
  return {
    key,
    place: `${nodeId}${part}`,
    type: need.kind === "integers" ? `${type}[${need.size}]` : type,
    value: readOf(variable, shown),
    turned: null,
  };
}

function typeOf(dataType: DataValue, value: DataValue | undefined): VariableType | null {
  const declared: unknown = dataType.value.value;
  const known = /^ns=0;i=(\d+)$/.exec(String(declared))?.[1];
  return variableTypeOf(Number(known)) ?? variableTypeOf(value?.value.dataType ?? 0);
}

function readOf({ place, need }: LookedUp, shown: DataValue | undefined) {
  if (shown === undefined) return { kind: "noValue", why: "no answer" } as const;
  if (!shown.statusCode.isGood()) return { kind: "noValue", why: shown.statusCode.name } as const;
  const whole = plainOf(shown.value.value, shown.value.dataType);
  const one: unknown =
    place.element === undefined ? whole : Array.isArray(whole) ? whole[place.element] : undefined;
  return valueOf(need, place.bit === undefined ? one : bitOf(one, place.bit));
}

const bitOf = (integer: unknown, bit: number): unknown =>
  typeof integer === "number" ? Math.floor(integer / 2 ** bit) % 2 !== 0 : integer;

/** As numbers, texts and lists: 64 bits come as two halves, times as objects, lists as buffers. */
function plainOf(value: unknown, type: DataType): unknown {
  const isLong = type === DataType.Int64 || type === DataType.UInt64;
  if (isLong)
    return Array.isArray(value) && Array.isArray(value[0]) ? value.map(longOf) : longOf(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return numbersOf(value);
  return value instanceof Date ? value.toISOString() : value;
}

function longOf(halves: unknown): unknown {
  const [high, low] = numbersOf(halves);
  if (high === undefined || low === undefined) return halves;
  const signed = high > 0x7fff_ffff ? high - 2 ** 32 : high;
  return signed * 2 ** 32 + low;
}

function writeOf(
  variable: LookedUp | undefined,
  key: string,
  value: VariableWrite["value"],
): WriteValueOptions {
  if (variable === undefined) throw new Error(`${key}: there is no such variable`);
  const { nodeId, type, place } = variable;
  const why = unwritable(type, value);
  if (why !== null) throw new Error(`${key}: ${why}`);
  const isLong = type === "Int64" || type === "UInt64";
  const own = isLong ? halvesOf(Number(value)) : value;
  const dataType = DataType[type];
  return {
    nodeId,
    attributeId: AttributeIds.Value,
    ...(place.element === undefined ? {} : { indexRange: new NumericRange(place.element) }),
    value: {
      value:
        place.element === undefined
          ? new Variant({ dataType, value: own })
          : new Variant({ dataType, arrayType: VariantArrayType.Array, value: [own] }),
    },
  };
}

const halvesOf = (value: number): number[] => {
  const high = Math.floor(value / 2 ** 32);
  return [high < 0 ? high + 2 ** 32 : high, value - high * 2 ** 32];
};

const plain = (value: unknown): string =>
  value instanceof Date ? value.toISOString() : String(value);

const numberOf = (answer: DataValue | undefined, other: number): number =>
  answer?.statusCode.isGood() === true && typeof answer.value.value === "number"
    ? answer.value.value
    : other;

const numbersOf = (value: unknown): readonly number[] =>
  Array.isArray(value) || ArrayBuffer.isView(value)
    ? [...(value as Iterable<unknown>)].filter((each) => typeof each === "number")
    : [];

const textsOf = (answer: DataValue | undefined): readonly string[] => {
  const texts: unknown = answer?.statusCode.isGood() === true ? answer.value.value : null;
  return Array.isArray(texts) ? texts.map(String) : [];
};
