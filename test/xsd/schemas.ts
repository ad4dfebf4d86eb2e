import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { validateXML, type XMLFileInfo } from "xmllint-wasm";
import { cebNamespace, dxpNamespace } from "../../protocols/ceb/messages.ts";

export interface Document {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The official schemas of one directory, found by the namespace they define. */
export interface Schemas {
  readonly files: readonly XMLFileInfo[];
  readonly byNamespace: ReadonlyMap<string, XMLFileInfo>;
}

const targetNamespace = /<\w*:?schema\b[^>]*\btargetNamespace="([^"]*)"/;

export function readSchemas(directory: string): Schemas {
  const files = readdirSync(directory)
    .filter((name) => name.endsWith(".xsd"))
    .map((fileName) => ({ fileName, contents: readFileSync(join(directory, fileName), "utf8") }));
  const byNamespace = new Map<string, XMLFileInfo>();
  for (const file of files) {
    const namespace = targetNamespace.exec(file.contents)?.[1];
    if (namespace !== undefined) byNamespace.set(namespace, file);
  }
  return { files, byNamespace };
}

/** The schema for a document: the envelope's, or that of business messages. */
export function schemaFor(schemas: Schemas, { bytes }: Document): XMLFileInfo | null {
  const start = new TextDecoder().decode(bytes.subarray(0, 2_000));
  const namespace = start.includes(dxpNamespace) ? dxpNamespace : cebNamespace;
  return schemas.byNamespace.get(namespace) ?? null;
}

/** Documents given to the validator at once: it starts anew for each call. */
const documentsPerCallMax = 60;
/** 512 MiB of WebAssembly memory: messages with 100 manifests are large as a tree. */
const memoryPagesMax = 8_192;

export interface Invalid {
  readonly name: string;
  readonly why: string;
}

/** Validates documents against one schema; returns those that are not valid. */
export async function findInvalid(
  schemas: Schemas,
  schema: XMLFileInfo,
  documents: readonly Document[],
): Promise<readonly Invalid[]> {
  const invalid: Invalid[] = [];
  for (let from = 0; from < documents.length; from += documentsPerCallMax) {
    const some = documents.slice(from, from + documentsPerCallMax);
    const result = await validateXML({
      xml: some.map(({ bytes }, index) => ({ fileName: `doc-${index}.xml`, contents: bytes })),
      schema,
      preload: schemas.files.filter((file) => file !== schema),
      maxMemoryPages: memoryPagesMax,
    });
    const seen = new Set<number>();
    for (const { loc, message } of result.errors) {
      const index = Number(/^doc-(\d+)\.xml$/.exec(loc?.fileName ?? "")?.[1] ?? Number.NaN);
      // Something about the schema itself, so that nothing was validated.
      if (Number.isNaN(index)) throw new Error(`${schema.fileName}: ${message}`);
      if (seen.has(index)) continue;
      seen.add(index);
      invalid.push({ name: some[index]?.name ?? "", why: `${loc?.lineNumber ?? 0}: ${message}` });
    }
    if (!result.valid && seen.size === 0) throw new Error(`xmllint failed: ${result.rawOutput}`);
  }
  return invalid;
}
