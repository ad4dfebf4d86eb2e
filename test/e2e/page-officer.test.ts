// Goal: an officer judges the image that is shown, once, in time, and by name (HMI X1-X10).
// Method: the built page in headless Chromium, pressed and clicked; the centre keeps what was sent.
import { describe, expect, test } from "vitest";
import { imageKeyOf, waybillOf } from "../../control-ui/fixtures/site.ts";
import { languages, voices } from "../../protocols/words/words.ts";
import { checkPage } from "./page-checks.ts";
import { pastGuard, profile, useTheatre, waitForImage } from "./page-kit.ts";

const theatre = useTheatre();

describe("the officer's screen", () => {
  test("X1: image at least 55 % wide beside the declaration, nothing scrolls", async () => {
    const { page, complaints } = await theatre.open("/officer", "standing", {
      widthPx: 1_920,
      heightPx: 1_080,
    });
    await waitForImage(page);
    const image = (await page.locator(".panel-frame").boundingBox())!;
    expect(image.width / 1_920).toBeGreaterThanOrEqual(0.55);
    expect(await page.locator("[data-more]").count()).toBe(0);
    expect(await page.locator(".goods tbody tr").count()).toBeGreaterThan(0);
    expect(await page.locator(".weights [data-size] dd").textContent()).toMatch(
      /^\d+ × \d+ × \d+ mm$/,
    );
    expect(complaints).toEqual([]);
  });

  test("X1: on a small screen the open reasons of the documents are in sight at once", async () => {
    const { page } = await theatre.open("/officer", "standing", {
      widthPx: 1_280,
      heightPx: 800,
      language: "en",
    });
    await waitForImage(page);
    const panel = (await page.locator(".panel-words").boundingBox())!;
    const reasons = (await page.locator(".manifest-facts [data-width=all]").boundingBox())!;
    expect(reasons.y + reasons.height).toBeLessThanOrEqual(panel.y + panel.height);
  });

  test.each([
    [1_280, 800],
    [1_024, 768],
  ])(
    "X1: at %i x %i a common declaration is seen whole; of a long one no line in part",
    async (widthPx, heightPx) => {
      const { page } = await theatre.open("/officer", "standing", {
        widthPx,
        heightPx,
        language: "en",
        hasTouch: true,
      });
      await waitForImage(page);
      expect(await page.locator("[data-more]").count()).toBe(0);
      await page.locator(".goods tbody").evaluate((body) => {
        for (let count = 0; count < 12; count += 1)
          body.append(body.lastElementChild!.cloneNode(true));
      });
      const more = page.locator(".panel-words [data-more=below]");
      await more.waitFor();
      const order = page.locator(".manifest-facts dd").last();
      for (let turns = 0; turns < 6 && (await more.count()) > 0; turns += 1) {
        expect(await checkPage(page)).toEqual([]);
        await more.tap();
        await page.waitForTimeout(100);
      }
      await page.waitForSelector("[data-more=above]");
      expect(await checkPage(page)).toEqual([]);
      const panel = (await page.locator(".panel-words").boundingBox())!;
      const last = (await order.boundingBox())!;
      expect(last.y + last.height).toBeLessThanOrEqual(panel.y + panel.height - 44);
      await page.tap("[data-more=above]");
      await more.waitFor();
    },
  );

  test("a declaration that is cut with no mark, or through a line, is found", async () => {
    const { page } = await theatre.open("/officer", "standing", { widthPx: 1_024, heightPx: 768 });
    await waitForImage(page);
    const scroll = (px: number): Promise<unknown> =>
      page.evaluate(`document.querySelector(".panel-words .scroller").style.height = "${px}px"`);
    await scroll(300);
    await page.waitForSelector("[data-more=below]");
    expect(await checkPage(page)).toEqual([]);
    const show = (selector: string, opacity: number): Promise<unknown> =>
      page.evaluate(`for (const element of document.querySelectorAll("${selector}")) {
        element.style.opacity = ${opacity};
      }`);
    await show("[data-more]", 0);
    expect(await checkPage(page)).toEqual([
      expect.stringMatching(/^cut without a mark: div.scroller-box/),
    ]);
    await show("[data-more]", 1);
    const complaints = new Set<string>();
    for (let px = 300; px < 340; px += 5) {
      await scroll(px);
      await page.waitForTimeout(50);
      await show("[data-sliced]", 1);
      for (const complaint of await checkPage(page)) complaints.add(complaint);
    }
    expect([...complaints]).toContainEqual(expect.stringMatching(/^sliced by div.scroller-box/));
  });

  test("X6: a decision names the pass, the image that was shown, when, why and who", async () => {
    const { page, centre } = await theatre.open("/officer", "standing");
    const taskId = await waitForImage(page);
    const imageHash = await page.locator("[data-panel] canvas").getAttribute("data-image");
    await pastGuard(page);
    await page.click("[data-decide=open][data-reason=suspectObject]");
    await centre.untilDecided(1);
    const decision = centre.decisions[0]!;
    expect(decision).toMatchObject({
      taskId,
      passId: taskId,
      imageHash,
      decision: "open",
      reason: "suspectObject",
      ...profile,
    });
    expect(decision.decidedAt - decision.shownAt).toBeGreaterThanOrEqual(400);
    await page.waitForSelector("[data-note=good]");
  });

  test("X6: a double press decides once; the second is ignored and counted", async () => {
    const { page, centre } = await theatre.open("/officer", "manyStanding");
    const first = await waitForImage(page);
    await pastGuard(page);
    // The second press comes as soon as the next image has been painted.
    await page.evaluate(`new MutationObserver((_, observer) => {
      if (!document.querySelector("[data-shown-at]:not([data-panel='${first}'])")) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true }));
    }).observe(document.body, { subtree: true, childList: true, attributes: true })`);
    await page.keyboard.press("1");
    await centre.untilDecided(1);
    expect(centre.decisions[0]?.taskId).toBe(first);
    await page.waitForSelector("[data-guarded]");
    await waitForImage(page, first);
    await pastGuard(page);
    expect(centre.decisions).toHaveLength(1);
    await page.keyboard.press("9");
    await centre.untilDecided(2);
    expect(centre.decisions[1]).toMatchObject({ decision: "review", reason: "licenceSuspected" });
  });

  test("X10: in every frame the image and the declaration are of one parcel", async () => {
    const { page, centre } = await theatre.open("/officer", "manyStanding");
    let taskId = await waitForImage(page);
    await page.evaluate(`{
      window.seen = new Set();
      const look = () => {
        const panel = document.querySelector("[data-panel]");
        if (panel) {
          window.seen.add([
            panel.getAttribute("data-panel"),
            panel.querySelector("canvas")?.getAttribute("data-image"),
            panel.querySelector("[data-manifest]")?.getAttribute("data-manifest"),
          ].join(" "));
        }
        requestAnimationFrame(look);
      };
      look();
    }`);
    for (let decided = 1; decided <= 5; decided += 1) {
      await pastGuard(page);
      await page.keyboard.press("1");
      await centre.untilDecided(decided);
      taskId = await waitForImage(page, taskId);
    }
    const seen = await page.evaluate<string[]>("[...window.seen]");
    const tasks = seen.map((line) => line.split(" ")[0]);
    expect(new Set(tasks).size).toBe(tasks.length);
    for (const line of seen) {
      const [taskId = "", imageHash, waybill] = line.split(" ");
      const index = Number(taskId.split("-p")[1]);
      expect({ imageHash, waybill }).toEqual({
        imageHash: imageKeyOf(index),
        waybill: waybillOf(index),
      });
    }
  });

  test("X8: on expiry the screen says where the parcel goes, and nothing is sent", async () => {
    const { page, centre } = await theatre.open("/officer", "healthy", { language: "en" });
    const urgent = centre
      .tasks()
      .toSorted((a, b) => a.lastUsefulCount - b.lastUsefulCount)
      .at(-1)!;
    await waitForImage(page);
    await page
      .locator(`[data-task="${urgent.taskId}"]:not(:disabled)`)
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await waitForImage(page);
    const words = page.locator(".deadline-words");
    const secondsOf = async (): Promise<number> =>
      Number(/(\d+) s/.exec(await words.innerText())?.[1] ?? "0");
    const before = await secondsOf();
    await page.waitForTimeout(2_000);
    expect(await secondsOf()).toBeLessThan(before);
    await page.waitForSelector(".deadline-urgent", { timeout: 20_000 });
    await page.waitForSelector("[data-action=next]", { timeout: 20_000 });
    expect(await page.locator(".quiet h2").innerText()).toContain("inspection");
    expect(centre.decisions).toEqual([]);
  });

  test("manual control answers in words", async () => {
    const { page, centre } = await theatre.open("/officer", "scannerLost");
    await page.click("[data-action=control]");
    await page.fill("dialog input[name=waybill]", "x");
    await page.click("dialog button[type=submit]");
    expect(await page.locator(".form-problem").count()).toBe(1);
    await page.fill("dialog input[name=waybill]", "ＹＴ７８０４４１０９９９");
    await page.fill("dialog input[name=reason]", "情报线索");
    await page.click("dialog button[type=submit]");
    await page.waitForSelector("[data-effect=ok]");
    expect(centre.controls[0]).toMatchObject({
      waybill: "YT7804410999",
      reason: "情报线索",
      placedBy: profile.officer,
      station: profile.station,
    });
  });

  test.each(languages)("which line has not confirmed a control is said in %s", async (language) => {
    const { page, centre } = await theatre.open("/officer", "healthy", { language });
    const { say } = voices[language];
    const unconfirmed = [{ lineId: "L2", passId: "L2.s.1" }];
    centre.heldBack = { confirmed: ["L1"], unconfirmed, cannotRelease: [] };
    await page.click("[data-action=control]");
    await page.fill("dialog input[name=waybill]", "YT7804410999");
    await page.fill("dialog input[name=reason]", "情报线索");
    await page.click("dialog button[type=submit]");
    const told = page.locator("[data-effect=intercept]");
    await told.waitFor();
    const text = await told.textContent();
    expect(text).toContain(say("controlHeldBack", "unconfirmed", { lines: "L2" }));
    expect(text).toContain(say("controlHeldBack", "confirmed", { lines: "L1" }));
  });

  test.each(languages)("why a request was refused is said in %s", async (language) => {
    const { page, centre } = await theatre.open("/officer", "healthy", { language });
    const { say } = voices[language];
    await waitForImage(page);
    await pastGuard(page);
    centre.refuses = "notJournalled";
    await page.keyboard.press("1");
    const note = page.locator("[data-note=bad]");
    await note.waitFor();
    expect(await note.textContent()).toContain(say("problem", "notJournalled"));
    centre.refuses = "storeFull";
    await page.click("[data-action=control]");
    await page.fill("dialog input[name=waybill]", "YT7804410999");
    await page.fill("dialog input[name=reason]", "情报线索");
    await page.click("dialog button[type=submit]");
    const why = page.locator(".form-problem");
    await why.waitFor();
    expect(await why.textContent()).toContain(say("problem", "storeFull"));
  });

  test("nobody decides without a name", async () => {
    const { page, centre } = await theatre.open("/officer", "healthy", { profile: null });
    await page.waitForSelector("dialog input[name=officer]");
    await page.keyboard.press("Escape");
    expect(await page.locator("[data-panel]").count()).toBe(0);
    await page.click("[data-action=profile]");
    await page.fill("dialog input[name=officer]", "李伟");
    await page.fill("dialog input[name=station]", "审图 03");
    await page.click("dialog button[type=submit]");
    await waitForImage(page);
    const stations = centre.clientMessages.flatMap((message) =>
      message.kind === "hello" ? [message.station] : [],
    );
    expect(stations.at(-1)).toBe("审图 03");
  });

  test("T3: everything to press at a desk is 44 px", async () => {
    const { page } = await theatre.open("/officer", "standing");
    await waitForImage(page);
    const small = await page.$$eval(".app button, .app a", (items) =>
      items
        .map((item) => ({ text: item.textContent, box: item.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
        .map(({ text, box }) => `${text}: ${box.width} x ${box.height}`),
    );
    expect(small).toEqual([]);
  });
});
