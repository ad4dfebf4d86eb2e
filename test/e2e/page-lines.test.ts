// Goal: the lines and the stories are shown as HMI S2 and S8 ask, in both languages.
// Method: the built page in headless Chromium before a scripted centre that speaks `protocols/ui`.
import { describe, expect, test } from "vitest";
import { waybillOf } from "../../control-ui/fixtures/site.ts";
import { archivedWaybill } from "../../control-ui/fixtures/stories.ts";
import { roleHeader } from "../../protocols/actor.ts";
import { colouredShare } from "./browser.ts";
import { checkPage } from "./page-checks.ts";
import { drawnPositions, profile, useTheatre } from "./page-kit.ts";

const theatre = useTheatre();

describe("S2: the lines", () => {
  test("parcels move with the belt, each only forwards and all alike", async () => {
    const { page, complaints } = await theatre.open("/");
    const before = await drawnPositions(page);
    await page.waitForTimeout(1_500);
    const after = await drawnPositions(page);
    const moves = [...before].flatMap(([pass, x]) => {
      const then = after.get(pass);
      return then === undefined ? [] : [then - x];
    });
    expect(moves.length).toBeGreaterThan(10);
    // 1 m/s on 34 m across about 1,000 px; on a branch the drawing turns by 45°.
    for (const move of moves) expect(move).toBeGreaterThan(20);
    const belt = moves.toSorted((a, b) => b - a).slice(0, moves.length - 4);
    expect(Math.max(...belt) - Math.min(...belt)).toBeLessThan(8);
    expect(complaints).toEqual([]);
  });

  test("the count on the mimic is the count in the scene, and no pass is there twice (M2)", async () => {
    const { page } = await theatre.open("/", "many");
    const shown = await page.$$eval("[data-on-belt]", (items) =>
      items.reduce((sum, item) => sum + Number(item.textContent), 0),
    );
    const passes = await page.$$eval("[data-pass]", (items) =>
      items.map((item) => item.getAttribute("data-pass")),
    );
    expect(new Set(passes).size).toBe(passes.length);
    expect(Math.abs(shown - passes.length)).toBeLessThanOrEqual(4);
    expect(passes.length).toBeGreaterThan(150);
  });

  test("a lost scanner is named where it stands; one tap tells where it was and what to do", async () => {
    const { page } = await theatre.open("/", "scannerLost", { hasTouch: true });
    const tile = page.locator("[data-device=L1-scanner]");
    await expect.poll(() => tile.getAttribute("data-health")).toBe("down");
    expect(await tile.innerText()).toContain("无法打开接口");
    expect(await tile.innerText()).not.toContain("cannot open");
    await tile.tap();
    const told = await page.locator("[data-device-facts]").innerText();
    expect(told).toContain("/dev/serial/by-id/");
    expect(told).toContain("检查线缆");
    expect(told).toContain("No such file or directory");
    await page.click("[data-action=close-dialog]");
    await expect.poll(() => page.locator("dialog").count()).toBe(0);
    expect(await page.locator("[data-line=L1] .glance-induction").innerText()).toContain(
      "L1-scanner",
    );
  });

  test("words that a tile cuts off are found, whether it hides them or lets them scroll", async () => {
    const { page } = await theatre.open("/", "scannerLost");
    const tile = page.locator("[data-device=L1-scanner] .tile-body");
    await tile.waitFor();
    expect(await checkPage(page)).toEqual([]);
    await tile.locator(".tile-why").evaluate((words) => {
      words.textContent = "no frame for 41 s; /dev/ttyS1: cannot open, retrying in 4 s. ".repeat(3);
    });
    for (const overflow of ["hidden", "auto", "visible"]) {
      const shown = await page.evaluate(`(() => {
        const body = document.querySelector("[data-device=L1-scanner] .tile-body");
        body.style.overflow = "${overflow}";
        return getComputedStyle(body).overflowY;
      })()`);
      expect(shown).toBe(overflow);
      expect(await checkPage(page)).toContainEqual(expect.stringMatching(/^too high .*tile-body/));
    }
  });

  test("words that something else covers are found, in the page and in a dialog", async () => {
    const { page } = await theatre.open("/", "scannerLost");
    await page.click("[data-device=L1-scanner] [data-action=device]");
    await page.waitForSelector("[data-device-facts]");
    expect(await checkPage(page)).toEqual([]);
    const moveUp = (px: number): Promise<unknown> =>
      page.evaluate(
        `document.querySelector("dialog[open] > :nth-child(2)").style.marginTop = "${-px}px"`,
      );
    await moveUp(40);
    expect(await checkPage(page)).toContainEqual(
      expect.stringMatching(/^covered by div.dialog-head/),
    );
    await moveUp(0);
    expect(await checkPage(page)).toEqual([]);
  });

  test.each([1_024, 1_280, 1_920])(
    "nothing is cut off beside an open story, at %i px",
    async (px) => {
      const size = { widthPx: px, heightPx: px === 1_920 ? 1_080 : 768 };
      const { page } = await theatre.open("/", "devicesLost", { ...size, language: "en" });
      await drawnPositions(page);
      await page.locator("[data-parcels=L1] button").first().dispatchEvent("click");
      await page.waitForSelector("[data-sentence]");
      expect(await checkPage(page)).toEqual([]);
      expect(await page.locator("[data-device=L1-xray]").innerText()).toMatch(/X-ray[\s\S]*Down/);
    },
  );

  test("H1: a healthy line is grey", async () => {
    const { page } = await theatre.open("/", "healthy", { widthPx: 1_920, heightPx: 1_080 });
    await drawnPositions(page);
    const share = await colouredShare(theatre.browser(), await page.screenshot());
    expect(share).toBeLessThanOrEqual(0.005);
    expect(share).toBeGreaterThan(0);
  });

  test("T2: everything to press on the floor is 20 mm, drawn smaller or not", async () => {
    const { page } = await theatre.open("/", "devicesLost", { widthPx: 1_280, heightPx: 800 });
    await page.waitForSelector("[data-action=device]");
    const small = await page.$$eval(
      ".app button:not(.hidden button), .app a",
      (items, min) =>
        items
          .map((item) => ({ text: item.textContent, box: item.getBoundingClientRect() }))
          .filter(({ box }) => box.width > 0 && (box.width < min || box.height < min))
          .map(({ text, box }) => `${text}: ${box.width} x ${box.height}`),
      80,
    );
    expect(small).toEqual([]);
  });
});

describe("S8: the story", () => {
  test("one tap near a parcel opens it, with one sentence on top", async () => {
    const { page, complaints } = await theatre.open("/", "healthy", { hasTouch: true });
    const strip = (await page.locator("[data-strip=L1]").boundingBox())!;
    const target = [...(await drawnPositions(page))].find(
      ([pass, x]) => pass.startsWith("L1") && x > 200 && x < 800,
    )!;
    // A thumb's width beside and below the drawn box.
    await page.touchscreen.tap(strip.x + target[1] + 25, strip.y + 90);
    await page.waitForSelector("[data-sentence]");
    expect(await page.locator(".drawer").getAttribute("data-story")).toBe(target[0]);
    expect(await page.locator("[data-sentence]").innerText()).toContain("L1");
    expect(await page.locator(".timeline li").count()).toBeGreaterThan(0);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator(".drawer").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each([
    ["officer", profile],
    ["floor", null],
  ] as const)("it is asked for as %s by who sits there (law 18)", async (role, sits) => {
    const { page } = await theatre.open("/", "healthy", { profile: sits });
    const asked = page.waitForRequest(/\/api\/parcels\//);
    await page.click("[data-action=search]");
    await page.fill("dialog input[name=waybill]", waybillOf(1_217));
    await page.keyboard.press("Enter");
    expect((await asked).headers()[roleHeader]).toBe(role);
  });

  test("a waybill typed with full-width digits is found", async () => {
    const { page } = await theatre.open("/");
    const waybill = waybillOf(1_217);
    const wide = waybill.replaceAll(/\d/g, (digit) =>
      String.fromCharCode(digit.charCodeAt(0) + 0xfee0),
    );
    await page.click("[data-action=search]");
    await page.fill("dialog input[name=waybill]", wide);
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-sentence]");
    expect(new URL(page.url()).pathname).toBe(`/parcel/${waybill}`);
    expect(await page.locator("[data-reason=suspectImage]").count()).toBe(1);
    expect(await page.locator(`[data-manifest=${waybill}]`).count()).toBe(1);
    await page.waitForSelector("canvas[data-image]");
  });

  test.each([
    ["zh-CN", "上皮带时", "抓拍图在 0.1 秒后到达"],
    ["en", "it came onto the belt", "The still came 0.1 s later"],
  ] as const)(
    "ZJG-44: shows what cameras have seen, and says when, and how late it came, in %s",
    async (language, words, late) => {
      const { page, complaints } = await theatre.open(`/parcel/${waybillOf(1_217)}`, "healthy", {
        language,
      });
      const still = page.locator("[data-still-of=inducted]");
      await still.waitFor();
      const caption = await still.innerText();
      expect(caption).toContain(words);
      expect(caption).toContain(late);
      // The moment that it was asked for, which is that of its own fact.
      const inducted = await page.locator("[data-fact=inducted]").innerText();
      const at = /\d\d:\d\d:\d\d/.exec(inducted)?.[0] ?? "no time";
      expect(caption).toContain(at);
      const widthPx = (): Promise<number> =>
        still
          .locator("img")
          .evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth);
      await expect.poll(widthPx).toBe(320);
      expect(await page.locator("[data-fact=pictured]").innerText()).toContain("L1-top");
      expect(await checkPage(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test("an unknown number says so", async () => {
    const { page } = await theatre.open("/parcel/NOSUCH1");
    await page.waitForSelector(".quiet h2");
    expect(await page.locator(".quiet h2").innerText()).toContain("NOSUCH1");
  });

  test.each([
    ["zh-CN", ["已归档", "已放行", "2026-11-01.jsonl", "承运企业"]],
    ["en", ["is in the archive", "Released", "2026-11-01.jsonl", "1 of 1 released"]],
  ] as const)("a case in the archive is no unknown number, in %s", async (language, words) => {
    const { page, complaints } = await theatre.open(`/parcel/${archivedWaybill}`, "healthy", {
      language,
    });
    await page.waitForSelector(`[data-archived="${archivedWaybill}"]`);
    const told = await page.locator(".story").innerText();
    for (const word of words) expect(told).toContain(word);
    expect(await page.locator(".quiet").count()).toBe(0);
    expect(await checkPage(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("the keyboard alone opens a story", async () => {
    const { page } = await theatre.open("/", "healthy", { language: "en" });
    await drawnPositions(page);
    await page.locator("[data-parcels=L1] button").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-sentence]");
  });
});

describe("4.4: two languages", () => {
  test("the switch keeps the route and the open story, and no key is shown raw", async () => {
    const { page, complaints } = await theatre.open("/");
    await drawnPositions(page);
    await page.locator("[data-parcels=L2] button").first().dispatchEvent("click");
    await page.waitForSelector("[data-sentence]");
    const address = page.url();
    const sentence = await page.locator("[data-sentence]").innerText();
    expect(await checkPage(page)).toEqual([]);
    await page.click("[data-action=language]");
    await expect.poll(() => page.locator("[data-sentence]").innerText()).not.toBe(sentence);
    expect(page.url()).toBe(address);
    // Set by an effect of its own, a moment behind the words.
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("en");
    expect(await checkPage(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
