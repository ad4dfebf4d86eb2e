import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { buildPage, scriptGzipBytesMax } from "../../control-ui/build.ts";
import type { FixtureKind } from "../../control-ui/fixtures/site.ts";
import { launchBrowser, openPage, type OpenPage, type PageOptions } from "./browser.ts";
import { FixtureCentre } from "./fixture-centre.ts";

const pageDir = fileURLToPath(new URL("../../control-ui/dist", import.meta.url));

/** Who sits at the page, where a test does not say otherwise. */
export const profile = { officer: "王敏", station: "审图 02" };

/** One test's page and the scripted centre behind it. */
export interface Stage {
  readonly page: Page;
  readonly centre: FixtureCentre;
  /** What the browser complained of so far. */
  readonly complaints: readonly string[];
}

export interface Theatre {
  readonly browser: () => Browser;
  open(path: string, kind?: FixtureKind, options?: Partial<PageOptions>): Promise<Stage>;
}

/** One browser for a test file; every page and centre ends with its test. */
export function useTheatre(): Theatre {
  let browser: Browser | null = null;
  let centre: FixtureCentre | null = null;
  let opened: OpenPage | null = null;
  const launched = (): Browser => {
    if (browser === null) throw new Error("the browser starts before the first test");
    return browser;
  };
  beforeAll(async () => {
    const built = await buildPage({ outDir: pageDir });
    expect(built.scriptGzipBytes).toBeLessThanOrEqual(scriptGzipBytesMax);
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await opened?.page.context().close();
    await centre?.stop();
    opened = null;
    centre = null;
  });
  return {
    browser: launched,
    open: async (path, kind = "healthy", options = {}) => {
      centre = new FixtureCentre({ pageDir, kind });
      await centre.start();
      opened = await openPage(launched(), { url: centre.url, profile, ...options });
      const { page, complaints } = opened;
      if (path !== "/") await page.goto(centre.url + path);
      await page.waitForSelector("main:not([aria-busy=true])");
      return { page, centre, complaints };
    },
  };
}

/** Drawn position of every parcel on screen, by pass. */
export const drawnPositions = async (page: Page): Promise<Map<string, number>> => {
  await page.waitForSelector("[data-pass][data-x]:not([data-x=''])", { state: "attached" });
  const pairs = await page.$$eval("[data-parcels] li", (items) =>
    items.map((item) => [item.getAttribute("data-pass") ?? "", item.getAttribute("data-x") ?? ""]),
  );
  return new Map(pairs.flatMap(([pass = "", x = ""]) => (x === "" ? [] : [[pass, Number(x)]])));
};

/**
 * Waits until an image and its declaration have been painted, which is when the page's guard begins;
 * answers with the task they are of. With `after`, for those of another task.
 */
export const waitForImage = async (page: Page, after = ""): Promise<string> => {
  const panel = page.locator(`[data-panel][data-shown-at]:not([data-panel="${after}"])`);
  await panel.locator("canvas[data-image]").waitFor();
  return (await panel.getAttribute("data-panel")) ?? "";
};

/** Longer than the guard after an image was painted. */
export const pastGuard = (page: Page): Promise<void> => page.waitForTimeout(600);
