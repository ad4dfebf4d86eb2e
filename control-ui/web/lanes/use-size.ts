import { useEffect, useState } from "preact/hooks";
import type { Size } from "../xray/viewport.ts";

const unknown: Size = { widthPx: 0, heightPx: 0 };

/** Size of an element in CSS pixels, followed as it changes; 0 before it is laid out. */
export function useSize(element: { readonly current: HTMLElement | null }): Size {
  const [size, setSize] = useState(unknown);
  useEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const measure = (): void =>
      setSize({ widthPx: current.clientWidth, heightPx: current.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
