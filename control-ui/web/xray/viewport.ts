/** Which part of an image is seen, and how large: image point (x, y) is drawn at the view's middle. */
export interface Viewport {
  /** Screen pixels an image pixel, relative to "fit": 1 shows it whole. */
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

export const zoomMax = 16;
export const zoomStep = 1.5;

export const fitted = (image: Size): Viewport => ({
  zoom: 1,
  x: image.widthPx / 2,
  y: image.heightPx / 2,
});

/** Screen pixels an image pixel when the whole image just fits. */
export const fitScale = (image: Size, view: Size): number =>
  Math.min(view.widthPx / image.widthPx, view.heightPx / image.heightPx);

/** Zooms about a point of the screen, given from the view's middle, which stays where it is. */
export function zoomAt(
  viewport: Viewport,
  factor: number,
  on: {
    readonly image: Size;
    readonly view: Size;
    readonly at?: { readonly x: number; readonly y: number };
  },
): Viewport {
  const zoom = Math.min(zoomMax, Math.max(1, viewport.zoom * factor));
  const at = on.at ?? { x: 0, y: 0 };
  const before = fitScale(on.image, on.view) * viewport.zoom;
  const after = fitScale(on.image, on.view) * zoom;
  const x = viewport.x + at.x / before - at.x / after;
  const y = viewport.y + at.y / before - at.y / after;
  return kept({ zoom, x, y }, on);
}

/** Moves by screen pixels. The image's edge never passes the view's middle. */
export const pan = (
  viewport: Viewport,
  by: { readonly x: number; readonly y: number },
  on: { readonly image: Size; readonly view: Size },
): Viewport => {
  const scale = fitScale(on.image, on.view) * viewport.zoom;
  return kept({ ...viewport, x: viewport.x - by.x / scale, y: viewport.y - by.y / scale }, on);
};

/** As much of the view as can be is filled with image; a fitted one is in the middle. */
function kept(
  viewport: Viewport,
  { image, view }: { readonly image: Size; readonly view: Size },
): Viewport {
  const scale = fitScale(image, view) * viewport.zoom;
  return {
    zoom: viewport.zoom,
    x: within(viewport.x, image.widthPx, view.widthPx / scale),
    y: within(viewport.y, image.heightPx, view.heightPx / scale),
  };
}

function within(middle: number, imagePx: number, seenPx: number): number {
  if (seenPx >= imagePx) return imagePx / 2;
  return Math.min(imagePx - seenPx / 2, Math.max(seenPx / 2, middle));
}
