// Goal: a technician at the page sees what goes over a device's wire, in both languages, is written down
// for it, and gets rid of it with one key. Method: the built page in headless Chromium before a scripted
// centre that tells what the test puts into a trace.
import { expect, test } from "vitest";
import { checkPage } from "./page-checks.ts";
import { profile, useTheatre, type Stage } from "./page-kit.ts";
import { traceFrames as frames } from "./trace-frames.ts";

const theatre = useTheatre();

async function opened(options: Parameters<typeof theatre.open>[2] = {}): Promise<Stage> {
  const stage = await theatre.open("/", "healthy", options);
  await stage.page.click("[data-device=L1-scanner] [data-action=device]");
  await stage.page.click("[data-action=trace]");
  await stage.page.waitForSelector("[data-trace=L1-scanner]");
  return stage;
}

async function running(options: Parameters<typeof theatre.open>[2] = {}): Promise<Stage> {
  const stage = await opened(options);
  await stage.page.click("[data-action=trace-begin]");
  await stage.page.waitForSelector("[data-trace-phase=runs]");
  return stage;
}

test("a device in order is opened too, and its trace begins only when it is asked for", async () => {
  const { page, centre, complaints } = await opened();
  await page.waitForSelector("[data-action=trace-begin]");
  expect(centre.traced).toEqual([]);
  await page.click("[data-action=trace-begin]");
  await page.waitForSelector("[data-trace-phase=runs]");
  const by = { startedBy: profile.officer, station: profile.station };
  expect(centre.traced).toEqual([["L1-scanner", by]]);
  expect(complaints).toEqual([]);
});

test("frames come by themselves, with what is missing between them and why one was not taken", async () => {
  const { page, centre } = await running({ language: "en" });
  centre.traceFrames.push(...frames);
  await page.waitForSelector("[data-way=state]");
  const rows = await page.$$eval(".trace-list li", (items) =>
    items.map((item) => item.textContent?.replace(/^[\d:]{8}/, "")),
  );
  expect(rows[0]).toContain("from it02 5d 43 30 41 03<STX>]C0A<ETX>");
  expect(rows[1]).toContain('understood{"kind":"read"}');
  expect(rows[2]).toContain("2 left out");
  expect(rows[3]).toMatch(/not taken\{\}.*damaged/);
  expect(rows[4]).toContain("site/L1-scanner/command");
  expect(rows[5]).toContain("not connected");
  expect(await checkPage(page)).toEqual([]);
  await page.click("[data-action=language]");
  await expect.poll(() => page.locator(".trace-gap").innerText()).toContain("省略了 2 条");
  expect(await page.locator("[data-way=dropped]").innerText()).toContain("未采纳");
  expect(await checkPage(page)).toEqual([]);
});

test("paused it asks for nothing, cleared it is empty, and it goes on with what comes", async () => {
  const { page, centre } = await running();
  centre.traceFrames.push(...frames.slice(0, 2));
  await page.waitForSelector("[data-way=heard]");
  await page.click("[data-action=trace-pause]");
  await expect
    .poll(() => page.getAttribute("[data-action=trace-pause]", "aria-pressed"))
    .toBe("true");
  const before = centre.traceAsksTotal;
  await page.waitForTimeout(1_200);
  expect(centre.traceAsksTotal - before).toBeLessThanOrEqual(1);
  await page.click("[data-action=trace-clear]");
  await expect.poll(() => page.locator(".trace-list li").count()).toBe(0);
  centre.traceFrames.push(...frames.slice(2));
  await page.click("[data-action=trace-pause]");
  await page.waitForSelector("[data-way=state]");
  expect(await page.locator("[data-way=heard]").count()).toBe(0);
});

test("what is shown can be copied, as the terminal has it", async () => {
  const { page, centre } = await running({ language: "en" });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  centre.traceFrames.push(...frames);
  await page.waitForSelector("[data-way=state]");
  await page.click("[data-action=trace-copy]");
  await expect.poll(() => page.locator("[data-action=trace-copy]").innerText()).toBe("Copied");
  const copied = await page.evaluate("navigator.clipboard.readText()");
  expect(copied).toContain("< 02 5d 43 30 41 03  \u2402]C0A\u2403");
  expect(copied).toContain('> site/L1-scanner/command {"kind":"token"}');
});

test("its end, a silent controller and a refusal are said", async () => {
  const { page, centre } = await running({ language: "en" });
  centre.traceToldMsAgo = 9_000;
  const standing = page.locator("[data-trace-phase]");
  await expect.poll(() => standing.innerText()).toContain("has not answered for 9 s");
  centre.traceToldMsAgo = 100;
  centre.traceRemainingMs = 0;
  await expect.poll(() => standing.innerText()).toBe("has ended");
  centre.refuses = "agentSilent";
  await page.click("[data-action=trace-begin]");
  await expect.poll(() => standing.innerText()).toContain("the line's controller is not heard");
});

test("whoever has not said who he is is asked first", async () => {
  const { page, centre } = await opened({ profile: null, language: "en" });
  await page.click("[data-action=trace-who]");
  expect(centre.traceAsksTotal).toBe(0);
  await page.fill("[name=officer]", "zhou");
  await page.fill("[name=station]", "office");
  await page.keyboard.press("Enter");
  await page.click("[data-action=trace-begin]");
  await page.waitForSelector("[data-trace-phase=runs]");
  expect(centre.traced).toEqual([["L1-scanner", { startedBy: "zhou", station: "office" }]]);
});

test("Escape closes it, and then nothing is asked for", async () => {
  const { page, centre } = await running();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.locator("[data-trace]").count()).toBe(0);
  const before = centre.traceAsksTotal;
  await page.waitForTimeout(1_200);
  expect(centre.traceAsksTotal - before).toBeLessThanOrEqual(1);
});

test("T2: all of it is for a thumb", async () => {
  const { page } = await running({ widthPx: 1_280, heightPx: 800 });
  const small = await page.$$eval("[data-trace] button", (items) =>
    items
      .map((item) => ({ text: item.textContent, box: item.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 80 || box.height < 80)
      .map(({ text, box }) => `${text}: ${box.width} x ${box.height}`),
  );
  expect(small).toEqual([]);
});
