/**
 * The number of a namespace at this server, as it is for this session. Throws where there is none,
 * with the key that wants it, if one does, and the namespaces that there are.
 */
export function namespaceIndex(uri: string, uris: readonly string[], key?: string): number {
  const index = uris.indexOf(uri);
  if (index >= 0) return index;
  const wanting = key === undefined ? "" : `${key}: `;
  throw new Error(`BadNodeIdUnknown: ${wanting}${noNamespace(uri, uris)}`);
}

/** The first is OPC UA's own, which every server has. */
const noNamespace = (uri: string, [, ...own]: readonly string[]): string =>
  `there is no namespace ${uri}; there is ${own.join(", ") || "none but OPC UA's own"}`;
