// Runs in the browser, not in Node: `page-checks.ts` reads this file and has the page evaluate it.
// It is plain JavaScript because the repository's own types know no DOM outside `control-ui/web`.
const nameOf = (element) =>
  `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} ` +
  `"${(element.textContent ?? "").trim().slice(0, 40)}"`;

/** Nothing that a person is meant to read here and now. */
const isUnseen = (element) =>
  element.closest(".hidden, .watermark, dialog:not([open])") !== null ||
  element instanceof SVGElement;

const hasPaint = (element) => {
  const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
  const alpha = /rgba\(.*, ([\d.]+)\)|\/ ([\d.]+)\)/.exec(backgroundColor);
  const isClear = alpha !== null && Number(alpha[1] ?? alpha[2]) < 0.1;
  const isDrawing = ["CANVAS", "IMG", "INPUT"].includes(element.tagName);
  return Number(opacity) > 0.1 && (!isClear || backgroundImage !== "none" || isDrawing);
};

/** The boxes of the words that stand in this element itself, one a line. */
const ownWords = (element) =>
  [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "")
    .flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
    });

const isWithin = (box, x, y, insetPx = 0) =>
  x > box.left + insetPx &&
  x < box.right - insetPx &&
  y > box.top + insetPx &&
  y < box.bottom - insetPx;

/** What a scrolling box has moved out of sight is not covered: a finger brings it back. */
const isScrolledAway = (element, x, y) => {
  for (let parent = element.parentElement; parent !== null; parent = parent.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(parent);
    const isClip = overflowX !== "visible" || overflowY !== "visible";
    if (isClip && !isWithin(parent.getBoundingClientRect(), x, y, 1)) return true;
  }
  return false;
};

/** Words with something painted or written over them, judged at nine points of each line. */
const coveredText = () => {
  const complaints = [];
  const parts = [0.15, 0.5, 0.85];
  const stage = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const coverAt = (element, x, y) => {
    if (isScrolledAway(element, x, y)) return undefined;
    const above = document.elementsFromPoint(x, y);
    const over = above.slice(0, Math.max(0, above.indexOf(element)));
    return over.find(
      (other) =>
        !element.contains(other) &&
        !isUnseen(other) &&
        // A drawer that a person has opened lies over the rest on purpose, and closes again.
        (other.closest(".drawer") === null || element.closest(".drawer") !== null) &&
        (hasPaint(other) || ownWords(other).some((box) => isWithin(box, x, y))),
    );
  };
  for (const element of stage.querySelectorAll("*")) {
    if (isUnseen(element) || !element.checkVisibility({ visibilityProperty: true })) continue;
    const points = ownWords(element).flatMap((box) =>
      parts.flatMap((right) =>
        parts.map((down) => [box.left + box.width * right, box.top + box.height * down]),
      ),
    );
    const cover = points.map(([x, y]) => coverAt(element, x, y)).find((found) => found);
    if (cover) complaints.push(`covered by ${nameOf(cover)}: ${nameOf(element)}`);
  }
  return complaints;
};

const isPainted = (element) =>
  element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

/**
 * What a scrolling box cuts off: a line of words in part is never good; a part of the words is,
 * if a mark under the box says so and not only a bar that some browsers hide.
 */
const cutByScrolling = () => {
  const complaints = [];
  for (const box of document.querySelectorAll("*")) {
    const { overflowY } = getComputedStyle(box);
    const isOver = box.clientHeight > 0 && box.scrollHeight > box.clientHeight + 1;
    if (!["auto", "scroll"].includes(overflowY) || !isOver || isUnseen(box)) continue;
    const { top, bottom } = box.getBoundingClientRect();
    for (const element of box.querySelectorAll("*")) {
      if (isUnseen(element) || !isPainted(element)) continue;
      const isSliced = ownWords(element).some((line) =>
        [top, bottom].some((edge) => line.top < edge - 2 && line.bottom > edge + 2),
      );
      if (isSliced) complaints.push(`sliced by ${nameOf(box)}: ${nameOf(element)}`);
    }
    const isMarked = [...(box.parentElement?.querySelectorAll("[data-more]") ?? [])].some(
      (mark) =>
        isPainted(mark) &&
        mark.textContent.trim() !== "" &&
        Math.abs(mark.getBoundingClientRect().top - bottom) <= 8,
    );
    if (!isMarked) complaints.push(`cut without a mark: ${nameOf(box)}`);
  }
  return complaints;
};

globalThis.checkPage = async () => {
  const complaints = [];
  await document.fonts.ready;

  /** Two fingers' breadth on the floor's panels. */
  const scrollHeightPxMin = 160;
  const scrolls = (value) => value === "auto" || value === "scroll";

  // Text that is cut off, and things that stand beside the screen.
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) complaints.push(`page is ${root.scrollWidth} px wide`);
  if (root.scrollHeight > innerHeight) complaints.push(`page is ${root.scrollHeight} px high`);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (isUnseen(element) || box.width === 0 || box.height === 0) continue;
    const style = getComputedStyle(element);
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
    if (clientWidth > 0 && scrollWidth > clientWidth + 1 && !scrolls(style.overflowX)) {
      complaints.push(`too wide (${scrollWidth} in ${clientWidth}): ${nameOf(element)}`);
    }
    // What stands in a frame must not stand out of it, whether it is cut there or not.
    const isFramed = element.tagName === "BUTTON" || Number.parseFloat(style.borderBottomWidth) > 0;
    const isCut = style.overflowY === "hidden" || (isFramed && !scrolls(style.overflowY));
    // Where a finger has no room to scroll, what does not fit is as good as cut off.
    const isTooSmallToScroll = scrolls(style.overflowY) && clientHeight < scrollHeightPxMin;
    const isOver = clientHeight > 0 && scrollHeight > clientHeight + 1;
    if ((isCut || isTooSmallToScroll) && isOver) {
      complaints.push(`too high (${scrollHeight} in ${clientHeight}): ${nameOf(element)}`);
    }
    if (box.left < -1 || box.right > innerWidth + 1) {
      complaints.push(`beside the screen (${box.left} to ${box.right}): ${nameOf(element)}`);
    }
  }

  complaints.push(...coveredText(), ...cutByScrolling());

  // Dictionary keys and placeholders that nobody filled.
  const raw = /\{\w+\}|\b[a-z]{2,}[A-Z][a-z]{2,}[A-Za-z]*\b|undefined|NaN|\[object/;
  const text = document.body.innerText;
  for (const line of text.split("\n")) {
    if (raw.test(line)) complaints.push(`raw words: "${line}"`);
  }

  // Characters that the page's fonts cannot draw, judged by their pixels.
  const chars = [...new Set(text.replaceAll(/\s/g, ""))];
  const font = `32px ${getComputedStyle(document.body).fontFamily}`;
  await document.fonts.load(font, chars.join(""));
  const canvas = document.createElement("canvas");
  canvas.width = 48;
  canvas.height = 48;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const pixelsOf = (char) => {
    pen.clearRect(0, 0, 48, 48);
    pen.font = font;
    pen.fillText(char, 4, 36);
    return pen.getImageData(0, 0, 48, 48).data.join();
  };
  const bad = [pixelsOf("\u0378"), pixelsOf(" ")];
  for (const char of chars) {
    if (bad.includes(pixelsOf(char))) {
      complaints.push(`no glyph for "${char}" (U+${char.codePointAt(0).toString(16)})`);
    }
  }
  return complaints;
};
