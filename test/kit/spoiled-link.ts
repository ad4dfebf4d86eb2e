import { sent, wireFull, type ByteLink } from "../../protocols/transport.ts";

/** What becomes of one telegram on its way. `refused`: the wire takes no more just then. */
export type Fate = "arrives" | "lost" | "damaged" | "twice" | "refused";
export type FateOf = (text: string) => Fate;

/** A line that does to each telegram what it is told. */
export function spoiled(link: ByteLink, fateOf: FateOf, said: string[] = []): ByteLink {
  return {
    ...link,
    write(bytes) {
      if (bytes.length === 0) return link.write(bytes);
      const text = textOf(bytes);
      const fate = fateOf(text);
      said.push(fate === "arrives" ? text : `${fate} ${text}`);
      switch (fate) {
        case "arrives":
          return link.write(bytes);
        case "lost":
          return sent;
        case "damaged":
          return link.write(bytes.map((byte, at) => (at === 3 ? byte ^ 0x01 : byte)));
        case "twice":
          link.write(bytes);
          return link.write(bytes);
        case "refused":
          return wireFull;
      }
    },
  };
}

/** Of one telegram, without its frame. */
const textOf = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes).replaceAll(/^\$|\*.{4}\r\n$/g, "");
