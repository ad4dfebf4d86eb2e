import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { buildPage } from "../../control-ui/build.ts";
import { launchBrowser, openPage, type OpenPage } from "../e2e/browser.ts";

const languages = ["zh-CN", "en"] as const;
/** Until what the page is told after its first snapshot is drawn too. */
const settleMs = 1_500;

/** What the page shows while a fault lasts, kept for a person to look at. */
export interface Pictures {
  /** Opens the page in each language, and keeps what it shows as `NAME-LANGUAGE.png`. */
  take(url: string, name: string): Promise<void>;
  /** The same of a page that is open already, in one language. */
  open(url: string): Promise<{ take(name: string): Promise<void>; close(): Promise<void> }>;
  close(): Promise<void>;
}

/** Builds the page, too; `pageDir` says where it is. */
export async function openPictures(
  folder: string,
): Promise<Pictures & { readonly pageDir: string }> {
  await mkdir(folder, { recursive: true });
  const pageDir = fileURLToPath(new URL("../../control-ui/dist", import.meta.url));
  await buildPage({ outDir: pageDir });
  const browser = await launchBrowser();
  const keep = ({ page }: OpenPage, name: string, language: string): Promise<unknown> =>
    page.screenshot({ path: join(folder, `${name}-${language}.png`) });

  return {
    pageDir,
    async take(url, name) {
      for (const language of languages) {
        const opened = await open(browser, url, language);
        await keep(opened, name, language);
        await opened.page.context().close();
      }
    },
    async open(url) {
      const [language] = languages;
      const opened = await open(browser, url, language);
      return {
        async take(name) {
          await keep(opened, name, language);
        },
        close: () => opened.page.context().close(),
      };
    },
    close: () => browser.close(),
  };
}

async function open(
  browser: Browser,
  url: string,
  language: (typeof languages)[number],
): Promise<OpenPage> {
  const opened = await openPage(browser, { url, language });
  await opened.page.waitForSelector("main:not([aria-busy=true])");
  await opened.page.waitForTimeout(settleMs);
  return opened;
}
