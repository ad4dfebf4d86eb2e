/**
 * Goal: a path of browse names is what was written, whatever is in it, and each path of a map gets its
 * own answer, however few a server takes at once. Method: generated names, and a server by hand that
 * knows some of them.
 */
import * as fc from "fast-check";
import {
  BrowsePathResult,
  DataType,
  DataValue,
  ExpandedNodeId,
  NodeIdType,
  StatusCodes,
  Variant,
  type BrowsePath,
  type StatusCode,
} from "node-opcua";
import { describe, expect, it } from "vitest";
import { findPaths } from "../../edge/devices/wires/opcua/browse-paths.ts";
import { browseNameOf, zOpcuaPlace } from "../../protocols/opcua-places.ts";

const uri = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes(";"));
const name = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.startsWith("nsu="));

describe("a browse name of a map", () => {
  it("is taken with any signs in it, with its namespace and without", () => {
    fc.assert(
      fc.property(uri, name, (namespaceUri, text) => {
        const node = [text, `nsu=${namespaceUri};${text}`];
        expect(zOpcuaPlace.safeParse({ node }).success).toBe(true);
        expect(node.map(browseNameOf)).toEqual([
          { namespaceUri: null, name: text },
          { namespaceUri, name: text },
        ]);
      }),
    );
  });

  it.each([[[]], [[""]], [["nsu=;Enc"]], [["nsu=urn:x"]], [["nsu=urn:x;"]]])(
    "%j leads nowhere, and is refused",
    (node) => {
      expect(zOpcuaPlace.safeParse({ node }).success).toBe(false);
    },
  );
});

const nodeAt = (namespace: number, id: string, uri: string | null = null, server = 0) =>
  new ExpandedNodeId(NodeIdType.STRING, id, namespace, uri, server);

const uris = ["http://opcfoundation.org/UA/", "urn:own", "urn:a", "urn:b"];

/** A server that knows the paths whose last name is a number, as many nodes of it as that. */
function serverOf(pathsMax: number) {
  const requests: number[] = [];
  const answerTo = ({ relativePath }: BrowsePath): BrowsePathResult => {
    const { targetName } = relativePath.elements?.at(-1) ?? {};
    const times = Number(targetName?.name);
    if (times === 0) return new BrowsePathResult({ statusCode: StatusCodes.BadNoMatch });
    return new BrowsePathResult({
      statusCode: StatusCodes.Good,
      targets: Array.from({ length: times }, (_, index) => ({
        targetId: nodeAt(targetName?.namespaceIndex ?? 0, `${index + 1} of ${times}`),
        remainingPathIndex: 0xffff_ffff,
      })),
    });
  };
  return {
    requests,
    read: async () => [
      new DataValue({ value: new Variant({ dataType: DataType.UInt32, value: pathsMax }) }),
    ],
    async translate(paths: BrowsePath[]) {
      requests.push(paths.length);
      return paths.map(answerTo);
    },
  };
}

describe("the paths of a map", () => {
  it("lead to exactly one node each, in their order, in requests that the server takes", async () => {
    const wanted = fc.array(
      fc.record({ times: fc.nat(3), namespace: fc.constantFrom(2, 3), isOwn: fc.boolean() }),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(wanted, fc.nat(7), async (paths, pathsMax) => {
        const server = serverOf(pathsMax);
        const found = await findPaths(
          server,
          paths.map(({ times, namespace, isOwn }, index) => ({
            key: `k${index}`,
            path: ["Line", isOwn ? String(times) : `nsu=${uris[namespace]};${times}`],
            namespaceUri: isOwn ? (uris[namespace] ?? "") : "urn:own",
          })),
          uris,
        );
        expect(found).toEqual(
          paths.map(({ times, namespace }) => {
            if (times === 1) return { kind: "node", nodeId: `ns=${namespace};s=1 of 1` };
            const why = times === 0 ? "finds nothing (BadNoMatch)" : `finds ${times} nodes`;
            return { kind: "none", why };
          }),
        );
        const most = pathsMax === 0 ? paths.length : pathsMax;
        expect(server.requests).toHaveLength(
          paths.length === 0 ? 0 : Math.ceil(paths.length / most),
        );
        expect(server.requests.every((length) => length <= most)).toBe(true);
      }),
    );
  });

  const line = { key: "count", path: ["Line"], namespaceUri: "urn:a" };
  const answered = (
    targets: readonly { targetId: ExpandedNodeId; remainingPathIndex: number }[],
    statusCode: StatusCode = StatusCodes.Good,
  ) =>
    findPaths(
      {
        read: async () => [new DataValue({ statusCode: StatusCodes.BadNodeIdUnknown })],
        translate: async () => [new BrowsePathResult({ statusCode, targets: [...targets] })],
      },
      [line],
      uris,
    );

  it.each([
    ["that was followed in part", { targetId: nodeAt(2, "x"), remainingPathIndex: 0 }],
    ["at another server", { targetId: nodeAt(2, "x", null, 1), remainingPathIndex: 0xffff_ffff }],
  ])("a target %s is none", async (_, target) => {
    expect(await answered([target])).toEqual([{ kind: "none", why: "leads to another server" }]);
  });

  it("a target that names its namespace is looked up by that", async () => {
    const targetId = nodeAt(0, "x", "urn:b");
    expect(await answered([{ targetId, remainingPathIndex: 0xffff_ffff }])).toEqual([
      { kind: "node", nodeId: "ns=3;s=x" },
    ]);
  });

  it("an answer that is not good is none, whatever comes with it", async () => {
    const target = { targetId: nodeAt(2, "x"), remainingPathIndex: 0xffff_ffff };
    expect(await answered([target], StatusCodes.UncertainReferenceOutOfServer)).toMatchObject([
      { kind: "none" },
    ]);
  });

  it("a namespace that the server does not have is named with the key that wants it", async () => {
    const strange = [{ key: "boot", path: ["Line"], namespaceUri: "urn:c" }];
    await expect(findPaths(serverOf(0), strange, uris)).rejects.toThrow(
      /BadNodeIdUnknown: boot: there is no namespace urn:c/,
    );
  });

  it("one answer too few would give each path behind it another one's node", async () => {
    const server = { ...serverOf(0), translate: async () => [] };
    await expect(findPaths(server, [line], uris)).rejects.toThrow("0 results for 1 paths");
  });
});
