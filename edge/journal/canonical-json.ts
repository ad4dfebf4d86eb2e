/**
 * One text for one value, so that equal entries have equal hashes: keys in UTF-16 order, no white
 * space, numbers and strings as ECMAScript writes them (`-0` is `0`), as in RFC 8785. What JSON
 * would silently drop or change (undefined, NaN, a Date, a Map, a function) is refused with its
 * path instead, because a journal that loses something without saying so proves nothing.
 */
export type CanonicalJson =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refused"; readonly path: string; readonly why: string };

/** Nesting beyond this is refused; it also ends a cycle. */
export const depthMax = 64;

export function canonicalJson(value: unknown): CanonicalJson {
  const text = encode(value, 0);
  if (typeof text === "string") return { kind: "text", text };
  return { kind: "refused", path: pathText(text.keys), why: text.why };
}

/** Keys are collected innermost first, on the way out, so that the good case pays nothing. */
interface Refusal {
  readonly why: string;
  readonly keys: (string | number)[];
}

const refusal = (why: string): Refusal => ({ why, keys: [] });

function encode(value: unknown, depth: number): string | Refusal {
  switch (typeof value) {
    case "string":
      return isPlain.test(value) ? `"${value}"` : JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? `${value}` : refusal(`${value} is not a JSON number`);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth >= depthMax) return refusal(`nested deeper than ${depthMax}, or a cycle`);
      return Array.isArray(value) ? encodeArray(value, depth) : encodeObject(value, depth);
    case "undefined":
    case "function":
    case "symbol":
    case "bigint":
      return refusal(`${typeof value} is not a JSON value`);
  }
}

/** Ids, codes and hashes, which is nearly all there is: nothing in them to escape. */
const isPlain = /^[\w.:-]{0,80}$/;

function encodeArray(items: readonly unknown[], depth: number): string | Refusal {
  let text = "[";
  for (let index = 0; index < items.length; index += 1) {
    const item = encode(items[index], depth + 1);
    if (typeof item !== "string") return within(item, index);
    text += index === 0 ? item : `,${item}`;
  }
  return `${text}]`;
}

function encodeObject(object: object, depth: number): string | Refusal {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    return refusal(`a ${object.constructor.name} is not a plain object`);
  }
  const fields = object as Readonly<Record<string, unknown>>;
  let text = "{";
  for (const key of sorted(Object.keys(fields))) {
    const field = encode(fields[key], depth + 1);
    if (typeof field !== "string") return within(field, key);
    text += text.length === 1 ? `${quoted(key)}:${field}` : `,${quoted(key)}:${field}`;
  }
  return `${text}}`;
}

/** More keys than this are sorted by the library; below it moving them one by one is quicker. */
const fewKeysMax = 32;

/** In place, in UTF-16 order. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length > fewKeysMax) return keys.sort();
  for (let index = 1; index < keys.length; index += 1) {
    const key = keys[index] ?? "";
    let place = index;
    for (; place > 0 && (keys[place - 1] ?? "") > key; place -= 1) {
      keys[place] = keys[place - 1] ?? "";
    }
    keys[place] = key;
  }
  return keys;
}

/** The same few keys come again and again. */
const quotedKeys = new Map<string, string>();
const quotedKeysMax = 4_096;

function quoted(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const text = JSON.stringify(key);
  if (quotedKeys.size < quotedKeysMax) quotedKeys.set(key, text);
  return text;
}

function within(inner: Refusal, key: string | number): Refusal {
  inner.keys.push(key);
  return inner;
}

/** `event.codes[2].text`; an empty path is the value itself. */
function pathText(keys: readonly (string | number)[]): string {
  let text = "";
  for (const key of keys.toReversed()) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? key : `.${key}`;
  }
  return text;
}
