import type { JSX } from "preact";

/** One fact of a declaration, by its name. */
export function Entry(props: {
  readonly name: string;
  readonly value: string;
  /** Of the row; a third without it. */
  readonly width?: "half" | "two-thirds" | "all";
}): JSX.Element {
  return (
    <div data-width={props.width}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
