/**
 * Templates of the dictionaries. `{name}` is a placeholder; a part in square brackets is left out
 * when a value it names is not known or empty, so that one sentence serves with and without its
 * details: `"the chute is not ready[ ({exit})]"`.
 */
export type TemplateParams = Readonly<Record<string, string | number | undefined>>;

/** The names in a template's braces, as a union of literals. */
export type PlaceholderOf<Template> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;

/** The keys whose templates do not name the same placeholders in both dictionaries. */
type Disagreement<A, B> = {
  [K in keyof A & keyof B]: [PlaceholderOf<A[K]>, PlaceholderOf<B[K]>] extends [
    PlaceholderOf<B[K]>,
    PlaceholderOf<A[K]>,
  ]
    ? never
    : K;
}[keyof A & keyof B];

/** `B`, if it has exactly `A`'s keys and placeholders; else a type that names what differs. */
export type Translates<A, B> = [keyof A, keyof B] extends [keyof B, keyof A]
  ? [Disagreement<A, B>] extends [never]
    ? B
    : { readonly placeholdersDiffer: Disagreement<A, B> }
  : { readonly keysDiffer: Exclude<keyof A, keyof B> | Exclude<keyof B, keyof A> };

/** Fills a template. Unknown placeholders outside brackets stay as they are, for tests to find. */
export function fill(template: string, params: TemplateParams = {}): string {
  return template
    .replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
      placeholdersOf(part).every((name) => isTold(params[name])) ? part : "",
    )
    .replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => String(params[name] ?? placeholder));
}

const isTold = (value: string | number | undefined): boolean => value !== undefined && value !== "";

export const placeholdersOf = (template: string): readonly string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
