// Goal: colours can be told apart by everybody, and exist in one file only (H1, H8).
// Method: the tokens are read from their file; contrast and colour blindness are worked out anew.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const web = fileURLToPath(new URL("../../control-ui/web/", import.meta.url));
const tokens = readFileSync(`${web}styles/tokens.css`, "utf8");

type Rgb = readonly [number, number, number];

const token = (name: string): Rgb => {
  const hex = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(tokens)?.[1];
  if (hex === undefined) throw new Error(`no token --${name}`);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;
};

const linear = (value: number): number =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map(linear) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: Rgb, b: Rgb): number => {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
};
const saturation = (rgb: Rgb): number => (Math.max(...rgb) - Math.min(...rgb)) / Math.max(...rgb);

/** Machado et al. 2009, severity 1, on linear light. */
const deficiencies: Readonly<Record<string, readonly Rgb[]>> = {
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const seenBy = (rows: readonly Rgb[], rgb: Rgb): Rgb => {
  const light = rgb.map(linear) as unknown as Rgb;
  return rows.map((row) =>
    Math.min(1, Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2])),
  ) as unknown as Rgb;
};
/** CIELAB of linear light, D65. */
const lab = ([r, g, b]: Rgb): Rgb => {
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};
const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const codes = ["p1", "p2", "p3", "act"] as const;

describe("the palette", () => {
  test.each(Object.keys(deficiencies))("attention codes stay apart for %s viewers", (kind) => {
    for (const one of codes) {
      for (const other of codes.filter((name) => name > one)) {
        const rows = deficiencies[kind]!;
        const apart = distance(lab(seenBy(rows, token(one))), lab(seenBy(rows, token(other))));
        expect(apart, `${one} and ${other}`).toBeGreaterThanOrEqual(40);
      }
    }
  });

  test("text is readable on every surface, and outlines on the belt", () => {
    for (const surface of ["bg", "surface", "raised", "paper"]) {
      expect(contrast(token("ink"), token(surface)), surface).toBeGreaterThanOrEqual(7);
      expect(contrast(token("ink-soft"), token(surface)), surface).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(token("ink"), token("belt"))).toBeGreaterThanOrEqual(7);
    // Yellow and white are faint on grey: the dark outline is what makes their shape.
    for (const code of ["p2", "p3"]) {
      expect(contrast(token("ink"), token(code))).toBeGreaterThanOrEqual(3);
    }
  });

  test("H1: everything but the attention codes is grey", () => {
    for (const name of ["bg", "surface", "raised", "paper"]) {
      expect(saturation(token(name)), name).toBeLessThanOrEqual(0.05);
    }
    for (const name of ["belt", "belt-edge", "line", "hairline", "ink-soft", "hatch", "chevron"]) {
      expect(saturation(token(name)), name).toBeLessThanOrEqual(0.35);
    }
  });
});

test("H8: no colour is written anywhere but in the token file", () => {
  const files = readdirSync(web, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.(css|tsx?)$/.test(name) && !name.endsWith("tokens.css"),
  );
  expect(files.length).toBeGreaterThan(30);
  const literal = /#[0-9a-fA-F]{3,8}\b(?!["'`]?\))|\b(?:rgba?|hsla?)\((?!\s*var)/;
  const found = files.filter((name) =>
    readFileSync(web + name, "utf8")
      .split("\n")
      .some((text) => literal.test(text.replace(/querySelector\(.*?\)|#\w+\(|this\.#\w+/g, ""))),
  );
  expect(found).toEqual([]);
});
