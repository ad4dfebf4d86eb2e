import { z } from "zod";

const zNodeId = z
  .string()
  .max(1_000)
  .regex(/^(?:s=.+|i=\d{1,10}|g=[0-9A-Fa-f-]{36}|b=[A-Za-z0-9+/]+=*)$/, "s=, i=, g= or b=");

/** A name, with its namespace before it as in OPC 10000-6 (5.1.14) where it is another. */
const browseName = /^(?:nsu=([^;]+);)?((?!nsu=).+)$/s;
const zBrowsePath = z
  .array(z.string().max(1_000).regex(browseName, "a browse name, or nsu=URI;name"))
  .min(1)
  .max(32);

/** A name of a path as it stands in a map; null: it is in the namespace of its variable. */
export function browseNameOf(text: string): { namespaceUri: string | null; name: string } {
  const [, namespaceUri = null, name = text] = browseName.exec(text) ?? [];
  return { namespaceUri, name };
}

const nodeKeys = {
  node: z
    .union([zNodeId, zBrowsePath])
    .describe(
      "Node id without its namespace: s=text, i=number, g=GUID or b=base64. Or the list of browse names that leads to it from Objects; nsu=URI; before a name is its namespace.",
    ),
  namespaceUri: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe("URI of this node's namespace; default: namespaceUri of the map."),
  element: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe("Which element of an array is meant, counted from 0; default: the whole value."),
};

const bit = {
  bit: z
    .number()
    .int()
    .min(0)
    .max(31)
    .optional()
    .describe("Which bit of an integer is meant, 0 being the lowest; default: a Boolean."),
};

/** How the nodes of an OPC UA server are named in a map. */
export const opcuaKeys = {
  value: nodeKeys,
  flag: { ...nodeKeys, ...bit },
  toggle: nodeKeys,
  list: nodeKeys,
};

export const zMapNamespace = z
  .string()
  .min(1)
  .max(500)
  .describe("URI of the nodes' namespace; its index is looked up at each connection.");

/** Where a variable is, out of what stands beside it. */
export const zOpcuaPlace = z.object({ ...nodeKeys, ...bit });
