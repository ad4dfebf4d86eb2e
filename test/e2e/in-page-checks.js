// Runs in the browser, not in Node: `page-checks.ts` reads this file and has the page evaluate it.
// It is plain JavaScript because the repository's own types know no DOM outside `control-ui/web`.
globalThis.checkPage = async () => {
  const complaints = [];
  await document.fonts.ready;

  const nameOf = (element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} ` +
    `"${(element.textContent ?? "").trim().slice(0, 40)}"`;
  const isHidden = (element) =>
    element.closest(".hidden, .watermark, dialog:not([open])") !== null ||
    element instanceof SVGElement;
  /** Two fingers' breadth on the floor's panels. */
  const scrollHeightPxMin = 160;
  const scrolls = (value) => value === "auto" || value === "scroll";

  // Text that is cut off, and things that stand beside the screen.
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) complaints.push(`page is ${root.scrollWidth} px wide`);
  if (root.scrollHeight > innerHeight) complaints.push(`page is ${root.scrollHeight} px high`);
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect();
    if (isHidden(element) || box.width === 0 || box.height === 0) continue;
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
