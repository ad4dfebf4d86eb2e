import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";
import { z } from "zod";

/**
 * Noto Sans SC from npm, served by the page's own server: sites have no internet and their panels
 * no Chinese font. It is cut into a hundred pieces by how often characters are used, and a browser
 * fetches only the pieces whose characters it meets: a first page needs about a dozen.
 */
const family = "Noto Sans SC";
const weights = [400, 600] as const;
const packageName = "@fontsource/noto-sans-sc";

export function localFonts(): Plugin {
  const manifestPath = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
  const root = dirname(manifestPath);
  const { version } = z.object({ version: z.string() }).parse(readJson(manifestPath));
  const zRanges = z.record(z.string(), z.string());
  const ranges = zRanges.parse(readJson(join(root, "unicode.json")));
  const folder = `fonts/${version}`;
  const sheet = `${folder}/faces.css`;
  const faces = weights.flatMap((weight) =>
    Object.entries(ranges).map(([key, range]) => {
      // Numbered pieces are written "[12]" in the package's table and "12" in its file names.
      const piece = key.replaceAll(/[[\]]/g, "");
      return { weight, range, piece, file: `noto-sans-sc-${piece}-${weight}-normal.woff2` };
    }),
  );
  return {
    name: "sortline-local-fonts",
    apply: "build",
    buildStart() {
      for (const { file } of faces) {
        const source = readFileSync(join(root, "files", file));
        this.emitFile({ type: "asset", fileName: `${folder}/${file}`, source });
      }
      const source = faces.map((face) => faceRule(face)).join("\n");
      this.emitFile({ type: "asset", fileName: sheet, source });
    },
    transformIndexHtml() {
      const latin = faces.filter(({ piece }) => piece === "latin");
      return [
        ...latin.map(({ file }) => ({
          tag: "link",
          attrs: {
            rel: "preload",
            as: "font",
            type: "font/woff2",
            href: `/${folder}/${file}`,
            crossorigin: "",
          },
        })),
        { tag: "link", attrs: { rel: "stylesheet", href: `/${sheet}` } },
      ];
    },
  };
}

const faceRule = (face: { weight: number; range: string; file: string }): string =>
  `@font-face{font-family:"${family}";font-style:normal;font-display:swap;` +
  `font-weight:${face.weight};src:url(${face.file}) format("woff2");unicode-range:${face.range}}`;

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
