import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser, type Page } from "playwright-core";

/**
 * Arguments for cloud functions that we must not have: in one process the browser ends with its
 * first closed page, and without web security a test would not see what a user's browser refuses.
 */
const unwanted: ReadonlySet<string> = new Set([
  "--single-process",
  "--no-zygote",
  "--in-process-gpu",
  "--disable-web-security",
  "--allow-running-insecure-content",
  "--hide-scrollbars",
]);

/** A person sees the scrollbars; so do the tests and the pictures. */
const ignoreDefaultArgs = ["--hide-scrollbars"];

/**
 * A headless Chromium that comes from npm alone; `SORTLINE_CHROMIUM` may name another. Shared by
 * the browser tests and the screenshots.
 */
export async function launchBrowser(): Promise<Browser> {
  const named = process.env["SORTLINE_CHROMIUM"];
  if (named !== undefined) {
    return playwright.launch({
      executablePath: named,
      args: ["--no-sandbox"],
      headless: true,
      ignoreDefaultArgs,
    });
  }
  chromium.setGraphicsMode = false;
  const args = chromium.args.filter((arg) => !unwanted.has(arg));
  const executablePath = await chromium.executablePath();
  return playwright.launch({
    executablePath,
    args: [...args, "--no-sandbox"],
    headless: true,
    ignoreDefaultArgs,
  });
}

export interface PageOptions {
  readonly url: string;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly language?: "zh-CN" | "en";
  /** Null: nobody has said who they are. */
  readonly profile?: { readonly officer: string; readonly station: string } | null;
  readonly hasTouch?: boolean;
}

export interface OpenPage {
  readonly page: Page;
  /** What the console, the page or its requests complained of. A good run leaves it empty. */
  readonly complaints: string[];
}

/** Opens a page of its own context: its language, its person, its clock's zone. */
export async function openPage(browser: Browser, options: PageOptions): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: options.widthPx ?? 1_280, height: options.heightPx ?? 800 },
    timezoneId: "Asia/Shanghai",
    locale: "zh-CN",
    deviceScaleFactor: 1,
    hasTouch: options.hasTouch ?? false,
  });
  await context.addInitScript({ content: initialStorage(options) });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    // The whole page comes from its own server: sites have no internet.
    if (!request.url().startsWith(options.url) && !request.url().startsWith("data:")) {
      complaints.push(`request to ${request.url()}`);
    }
  });
  await page.goto(options.url, { waitUntil: "load" });
  return { page, complaints };
}

/** Script that chooses language and person, unless the page under test has chosen since. */
function initialStorage({ language = "zh-CN", profile }: PageOptions): string {
  const person = JSON.stringify(JSON.stringify(profile ?? null));
  // It also runs on the empty page before, which has no storage.
  return `if (location.protocol !== "about:") {
    localStorage.getItem("sortline.language") ??
      localStorage.setItem("sortline.language", ${JSON.stringify(language)});
    if (${person} !== "null") sessionStorage.setItem("sortline.profile", ${person});
  }`;
}

/** Saturation from which a pixel counts as coloured (HMI H1). */
const colouredFrom = 0.35;

/** Share of a picture's pixels that are coloured; the browser itself decodes the picture. */
export async function colouredShare(browser: Browser, png: Uint8Array): Promise<number> {
  const page = await browser.newPage();
  const url = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const share = await page.evaluate<number>(`(async () => {
    const image = new Image();
    image.src = ${JSON.stringify(url)};
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const pen = canvas.getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    let coloured = 0;
    for (let at = 0; at < data.length; at += 4) {
      const rgb = [data[at], data[at + 1], data[at + 2]];
      const max = Math.max(...rgb);
      // The hue of what is nearly black is rounding, not colour.
      if (max > 40 && (max - Math.min(...rgb)) / max > ${colouredFrom}) coloured += 1;
    }
    return coloured / (data.length / 4);
  })()`);
  await page.close();
  return share;
}
