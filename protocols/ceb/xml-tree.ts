import { SaxesParser, type SaxesAttributeNS } from "saxes";
import {
  refuse,
  refused,
  type CebRefusal,
  type CebRefusalCode,
  type CebRefused,
} from "./refusals.ts";

/** One element of a message. Text is what stands directly in it, comments left out. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Declarations of namespaces and hints of where a schema lies are not among them. */
interface XmlAttribute {
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

export type XmlReading =
  | { readonly kind: "read"; readonly root: XmlElement }
  | (CebRefused & {
      /** What had been read until then; null when that is nothing. */
      readonly partial: XmlElement | null;
    });

/** Deepest nesting. Business data is 4 deep; a signature with its certificates is 8. */
export const xmlDepthMax = 24;
/** A full message has 100 elements of 100 rows of 21 fields. */
export const xmlNodesMax = 250_000;
export const xmlAttributesMax = 32;
export const xmlAttributeCharsMax = 2_048;
/** Longest text of one element, but for the Base64 data of an envelope. */
export const xmlTextCharsMax = 65_536;

const xmlnsNamespace = "http://www.w3.org/2000/xmlns/";
const schemaInstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";

/** Leaves the parser at the first thing that is refused. Never leaves this file. */
class Refused extends Error {
  readonly refusal: CebRefusal;
  constructor(refusal: CebRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

interface OpenElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: XmlElement[];
  text: string;
}

const stop = (code: CebRefusalCode, message: string): never => {
  throw new Refused(refuse(code, null, message));
};

const noAttributes: readonly XmlAttribute[] = [];

function keptAttributes(
  element: string,
  all: Readonly<Record<string, SaxesAttributeNS>>,
): readonly XmlAttribute[] {
  let kept = noAttributes;
  let seen = 0;
  // Nearly all elements have none, and a list of nothing costs a fourth of all reading.
  for (const name in all) {
    const attribute = all[name];
    if (attribute === undefined) continue;
    seen += 1;
    if (seen > xmlAttributesMax) {
      stop(
        "tooManyAttributes",
        `element ${element.slice(0, 60)} has over ${xmlAttributesMax} attributes`,
      );
    }
    if (attribute.value.length > xmlAttributeCharsMax) {
      stop(
        "textTooLong",
        `attribute ${attribute.local} is over ${xmlAttributeCharsMax} characters`,
      );
    }
    const isSchemaHint =
      attribute.uri === schemaInstanceNamespace && attribute.local.endsWith("chemaLocation");
    if (attribute.uri === xmlnsNamespace || isSchemaHint) continue;
    const { local, uri, value } = attribute;
    kept = [...kept, { name: local, namespace: uri, value }];
  }
  return kept;
}

/** Builds the tree from the parser's events and holds its limits. */
class TreeBuilder {
  root: XmlElement | null = null;
  private readonly open: OpenElement[] = [];
  private nodes = 0;
  private readonly isLongTextAllowed: (name: string) => boolean;

  constructor(isLongTextAllowed: (name: string) => boolean) {
    this.isLongTextAllowed = isLongTextAllowed;
  }

  openTag(
    name: string,
    namespace: string,
    attributes: Readonly<Record<string, SaxesAttributeNS>>,
  ): void {
    this.nodes += 1;
    if (this.nodes > xmlNodesMax) stop("tooManyNodes", `has over ${xmlNodesMax} XML elements`);
    if (this.open.length >= xmlDepthMax) stop("tooDeep", `nests deeper than ${xmlDepthMax}`);
    const element = {
      name,
      namespace,
      attributes: keptAttributes(name, attributes),
      children: [],
      text: "",
    };
    this.open.at(-1)?.children.push(element);
    this.open.push(element);
    this.root ??= element;
  }

  addText(text: string): void {
    const element = this.open.at(-1);
    if (element === undefined) return;
    element.text += text;
    if (element.text.length > xmlTextCharsMax && !this.isLongTextAllowed(element.name)) {
      stop("textTooLong", `${element.name} is over ${xmlTextCharsMax} characters`);
    }
  }

  closeTag(): void {
    this.open.pop();
  }
}

/** Text with a declared encoding other than UTF-8 was not meant to be read as UTF-8. */
function checkDeclaration(encoding: string | undefined, version: string | undefined): void {
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    stop("encodingDeclared", `declares the encoding ${encoding.slice(0, 20)}; only UTF-8 is taken`);
  }
  if (version !== undefined && version !== "1.0") stop("xmlVersion", "is not XML 1.0");
}

/** Element names with text of any length: bounded by the message itself. */
const longTextNames: ReadonlySet<string> = new Set(["Data"]);

/**
 * Reads XML 1.0 with namespaces. Refuses any DOCTYPE, hence every entity but the five of XML, and
 * whatever goes beyond the limits above. Never throws for a bad document.
 */
export function readXmlTree(text: string): XmlReading {
  const builder = new TreeBuilder((name) => longTextNames.has(name));
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: "1.0" });
  parser.on("xmldecl", (declaration) => {
    checkDeclaration(declaration.encoding, declaration.version);
  });
  parser.on("doctype", () => stop("doctypeForbidden", "has a DOCTYPE"));
  parser.on("opentag", (tag) => builder.openTag(tag.local, tag.uri, tag.attributes));
  parser.on("text", (chars) => builder.addText(chars));
  parser.on("cdata", (chars) => builder.addText(chars));
  parser.on("closetag", () => builder.closeTag());
  try {
    parser.write(text).close();
  } catch (error) {
    const partial = builder.root;
    if (error instanceof Refused) return { ...refused(error.refusal), partial };
    const why = error instanceof Error ? error.message : "unreadable";
    const words = `is not well-formed: ${why.slice(0, 160)}`;
    return { ...refused(refuse("notWellFormed", null, words)), partial };
  }
  if (builder.root === null) {
    return { ...refused(refuse("notWellFormed", null, "has no element")), partial: null };
  }
  return { kind: "read", root: builder.root };
}
