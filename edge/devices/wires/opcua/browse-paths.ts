import {
  AttributeIds,
  BrowsePath,
  NodeId,
  ObjectIds,
  ReferenceTypeIds,
  VariableIds,
  resolveNodeId,
  type BrowsePathResult,
  type DataValue,
  type ReadValueIdOptions,
} from "node-opcua";
import { browseNameOf } from "../../../../protocols/opcua-places.ts";
import { namespaceIndex } from "./namespaces.ts";
import type { NodePath } from "./nodes.ts";

export interface PathSession {
  read(nodes: readonly ReadValueIdOptions[]): Promise<DataValue[]>;
  translate(paths: BrowsePath[]): Promise<BrowsePathResult[]>;
}

/** The one node that a path leads to, or why it leads to none, to be said behind the path. */
export type PathFound =
  | { readonly kind: "node"; readonly nodeId: string }
  | { readonly kind: "none"; readonly why: string };

export interface WantedPath {
  readonly key: string;
  readonly path: NodePath;
  /** Of the names that bring none of their own. */
  readonly namespaceUri: string;
}

/**
 * Asks the server where the paths lead (OPC 10000-4, TranslateBrowsePathsToNodeIds), in as many
 * requests as its own limit wants. Nothing of that outlasts the session: ids may be given out anew at
 * each start of a server. Throws, by its key, where a namespace is not there.
 */
export async function findPaths(
  session: PathSession,
  wanted: readonly WantedPath[],
  uris: readonly string[],
): Promise<PathFound[]> {
  if (wanted.length === 0) return [];
  const paths = wanted.map((each) => browsePathOf(each, uris));
  const pathsMax = await pathsPerRequest(session);
  const results: BrowsePathResult[] = [];
  for (let from = 0; from < paths.length; from += pathsMax) {
    const part = paths.slice(from, from + pathsMax);
    const answer = await session.translate(part);
    if (answer.length !== part.length) {
      throw new Error(`${answer.length} results for ${part.length} paths`);
    }
    results.push(...answer);
  }
  return results.map((result) => foundIn(result, uris));
}

function browsePathOf({ key, path, namespaceUri }: WantedPath, uris: readonly string[]) {
  return new BrowsePath({
    startingNode: resolveNodeId(ObjectIds.ObjectsFolder),
    relativePath: {
      elements: path.map((text) => {
        const { name, namespaceUri: own } = browseNameOf(text);
        return {
          referenceTypeId: resolveNodeId(ReferenceTypeIds.HierarchicalReferences),
          isInverse: false,
          includeSubtypes: true,
          targetName: {
            namespaceIndex: namespaceIndex(own ?? namespaceUri, uris, key),
            name,
          },
        };
      }),
    },
  });
}

/** Of a target that lies at this server: the whole path was followed. */
const wholePath = 0xffff_ffff;

function foundIn({ statusCode, targets }: BrowsePathResult, uris: readonly string[]): PathFound {
  const [target, ...more] = targets ?? [];
  if (target === undefined) return none(`finds nothing (${statusCode.name})`);
  if (more.length > 0) return none(`finds ${1 + more.length} nodes`);
  if (!statusCode.isGood()) return none(`finds nothing (${statusCode.name})`);
  const { targetId, remainingPathIndex } = target;
  if (remainingPathIndex !== wholePath || targetId.serverIndex > 0) {
    return none("leads to another server");
  }
  const { identifierType, value, namespace, namespaceUri } = targetId;
  const isNamed = namespaceUri !== null && namespaceUri !== "";
  const index = isNamed ? namespaceIndex(namespaceUri, uris) : namespace;
  return { kind: "node", nodeId: new NodeId(identifierType, value, index).toString() };
}

const none = (why: string): PathFound => ({ kind: "none", why });

const pathsPerRequestNode =
  VariableIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds;

/** 0, or no such node: there is no limit. */
async function pathsPerRequest(session: PathSession): Promise<number> {
  const nodeId = resolveNodeId(pathsPerRequestNode);
  const [answer] = await session.read([{ nodeId, attributeId: AttributeIds.Value }]);
  const value: unknown = answer?.statusCode.isGood() === true ? answer.value.value : 0;
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? value
    : Number.POSITIVE_INFINITY;
}
