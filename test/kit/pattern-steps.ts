/**
 * How many characters a pattern looks at to find all its matches in a text, by the plain method of
 * trying and going back from every start. For patterns of this repository: no look-around, no
 * back-references, and only single characters repeated lazily. It counts work where a clock would measure
 * the machine; what it finds is compared with what the engine finds.
 */
export interface PatternSteps {
  readonly steps: number;
  readonly matches: readonly string[];
}

type Node =
  | { readonly kind: "character"; readonly has: (character: string) => boolean }
  | { readonly kind: "repeat"; readonly of: Node; readonly min: number; readonly max: number }
  | { readonly kind: "repeatLazily"; readonly of: Node; readonly min: number; readonly max: number }
  | { readonly kind: "sequence"; readonly nodes: readonly Node[] }
  | { readonly kind: "oneOf"; readonly nodes: readonly Node[] }
  | { readonly kind: "wordEdge" }
  | { readonly kind: "end" };

export function stepsOf(pattern: RegExp, text: string): PatternSteps {
  const root = parse(pattern);
  let steps = 0;

  const holds = (node: Node, at: number): boolean => {
    steps += 1;
    return node.kind === "character" && at < text.length && node.has(text.charAt(at));
  };
  const isWord = (at: number): boolean => /^\w$/.test(text.charAt(at));

  const match = (node: Node, at: number, then: (at: number) => boolean): boolean => {
    switch (node.kind) {
      case "character":
        return holds(node, at) && then(at + 1);
      case "sequence": {
        const from = (index: number, here: number): boolean => {
          const next = node.nodes[index];
          return next === undefined
            ? then(here)
            : match(next, here, (there) => from(index + 1, there));
        };
        return from(0, at);
      }
      case "oneOf":
        return node.nodes.some((each) => match(each, at, then));
      case "repeat": {
        if (node.of.kind !== "character") return repeatGroup(node, at, 0, then);
        let end = at;
        while (end - at < node.max && holds(node.of, end)) end += 1;
        for (let here = end; here >= at + node.min; here -= 1) if (then(here)) return true;
        return false;
      }
      case "repeatLazily": {
        for (let here = at; ; here += 1) {
          if (here - at >= node.min && then(here)) return true;
          if (here - at >= node.max || !holds(node.of, here)) return false;
        }
      }
      case "wordEdge":
        steps += 1;
        return isWord(at - 1) !== isWord(at) && then(at);
      case "end":
        steps += 1;
        return at === text.length && then(at);
    }
  };

  const repeatGroup = (
    node: Extract<Node, { kind: "repeat" }>,
    at: number,
    times: number,
    then: (at: number) => boolean,
  ): boolean => {
    const goesOn =
      times < node.max &&
      match(node.of, at, (there) => there > at && repeatGroup(node, there, times + 1, then));
    return goesOn || (times >= node.min && then(at));
  };

  const matches: string[] = [];
  for (let start = 0; start <= text.length; start += 1) {
    let end = start;
    const isFound = match(root, start, (at) => {
      end = at;
      return true;
    });
    if (!isFound) continue;
    matches.push(text.slice(start, end));
    if (end > start) start = end - 1;
  }
  return { steps, matches };
}

const quantifiers: Readonly<Record<string, readonly [min: number, max: number]>> = {
  "*": [0, Infinity],
  "+": [1, Infinity],
  "?": [0, 1],
};

function parse({ source, flags }: RegExp): Node {
  let at = 0;
  const tokens =
    source.match(/\\.|\[(?:\\.|[^\]\\])+\]|\(\?:|[*+?]\?|[\s\S]/g) ?? ([] as readonly string[]);
  const characterFlags = flags.replaceAll(/[^is]/g, "");

  const alternatives = (): Node => {
    const nodes = [sequence()];
    while (tokens[at] === "|") {
      at += 1;
      nodes.push(sequence());
    }
    return { kind: "oneOf", nodes };
  };
  const sequence = (): Node => {
    const nodes: Node[] = [];
    for (let token = tokens[at]; token !== undefined && token !== "|" && token !== ")";) {
      nodes.push(quantified(token));
      token = tokens[at];
    }
    return { kind: "sequence", nodes };
  };
  const quantified = (token: string): Node => {
    at += 1;
    const of = item(token);
    const mark = tokens[at] ?? "";
    const counts = quantifiers[mark.charAt(0)];
    if (counts === undefined) return of;
    at += 1;
    const [min, max] = counts;
    if (mark.length === 1) return { kind: "repeat", of, min, max };
    if (of.kind === "character") return { kind: "repeatLazily", of, min, max };
    throw new Error(`only single characters are repeated lazily: ${source}`);
  };
  const item = (token: string): Node => {
    if (token === "(" || token === "(?:") {
      const inner = alternatives();
      at += 1;
      return inner;
    }
    if (token === "$") return { kind: "end" };
    if (token === "\\b") return { kind: "wordEdge" };
    const one = new RegExp(`^(?:${token})$`, characterFlags);
    return { kind: "character", has: (character) => one.test(character) };
  };
  return alternatives();
}
