import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

const source = readFileSync(new URL("in-page-checks.js", import.meta.url), "utf8");

/**
 * What a person would see at a glance and a test must measure: text cut off or covered, things
 * beside the screen, words or glyphs missing. Returns complaints; an empty list is a good page.
 */
export const checkPage = (page: Page): Promise<readonly string[]> =>
  page.evaluate<string[]>(`(() => { ${source} return globalThis.checkPage(); })()`);
