import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  zDecisionAnswer,
  zDecisionRequest,
  zLinesAnswer,
  zStory,
} from "../../protocols/ui/http.ts";
import { launchBrowser, openPage } from "./browser.ts";
import { startLab, until, type RunningLab } from "./lab-process.ts";

/**
 * The whole product as a person meets it: the lab that `npm start` runs, watched in a real browser.
 * No fixture stands between: parcels, image, decision and exit are the running site's own.
 */
let lab: RunningLab;
let browser: Browser;

beforeAll(async () => {
  [lab, browser] = await Promise.all([
    startLab(["--officers", "0", "--rate", "1800", "--seed", "3"]),
    launchBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  expect(await lab?.stop()).toBe(0);
});

const officer = { officer: "Wang Fang", station: "desk-7" };

async function ask<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(`${lab.url}${path}`);
  return schema.parse(await response.json());
}

/** Where each parcel is drawn, by pass: pixels along its own strip. */
const drawnAt = (page: Page): Promise<Record<string, number>> =>
  page.$$eval("[data-parcels] [data-pass]", (items) =>
    Object.fromEntries(
      items
        .map((item) => [item.getAttribute("data-pass"), Number(item.getAttribute("data-x") || NaN)])
        .filter(([, x]) => !Number.isNaN(x)),
    ),
  );

/** Passes whose decisions the centre has taken from this page, in order; grows by itself. */
function acceptedDecisions(page: Page): readonly string[] {
  const passIds: string[] = [];
  page.on("requestfinished", async (request) => {
    if (!request.url().endsWith("/api/officer/decisions")) return;
    const answer = await request.response().then((response) => response?.json());
    if (!zDecisionAnswer.parse(answer).accepted) return;
    passIds.push(zDecisionRequest.parse(request.postDataJSON()).passId);
  });
  return passIds;
}

describe("the lab in a browser", () => {
  test("S2: parcels are drawn where they are, and move along the belt", async () => {
    const { page, complaints } = await openPage(browser, { url: lab.url, language: "en" });
    await until(async () => (Object.keys(await drawnAt(page)).length >= 3 ? true : null), 60_000);
    const before = await drawnAt(page);
    const moved = await until(async () => {
      const now = await drawnAt(page);
      const both = Object.keys(before).filter((passId) => passId in now);
      const further = both.filter((passId) => (now[passId] ?? 0) > (before[passId] ?? 0) + 10);
      return further.length >= 2 ? { both, further, now } : null;
    }, 20_000);
    for (const passId of moved.both) {
      expect(moved.now[passId]).toBeGreaterThanOrEqual((before[passId] ?? 0) - 1);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("S8: one tap on a parcel opens its story, which says why in one sentence", async () => {
    const { page } = await openPage(browser, { url: lab.url, language: "en", hasTouch: true });
    await until(async () => (Object.keys(await drawnAt(page)).length > 0 ? true : null), 60_000);
    await until(async () => {
      // The belt runs while we tap: the nearest parcel within reach is meant.
      const [passId, x] = Object.entries(await drawnAt(page)).at(0) ?? [];
      if (passId === undefined || x === undefined) return null;
      const strip = page.locator("canvas[data-strip]").filter({ visible: true }).first();
      const lineId = await strip.getAttribute("data-strip");
      if (!passId.startsWith(`${lineId}-`)) return null;
      const box = await strip.boundingBox();
      if (box === null) return null;
      await page.touchscreen.tap(box.x + x, box.y + box.height / 2);
      return (await page.locator("[data-sentence]").count()) > 0 ? true : null;
    }, 30_000);
    const sentence = await page.locator("[data-sentence]").innerText();
    expect(sentence.length).toBeGreaterThan(15);
    expect(await page.locator("[data-fact=inducted]").count()).toBe(1);
    await page.context().close();
  });

  test("ZJG-44: the lab's camera has seen what is told of a parcel", async () => {
    const { page } = await openPage(browser, { url: lab.url, language: "en" });
    const waybill = await until(async () => {
      for (const passId of Object.keys(await drawnAt(page))) {
        const story = await ask(`/api/passes/${passId}`, zStory);
        const facts = story.passes.flatMap(({ timeline }) => timeline.map(({ fact }) => fact));
        if (facts.some(({ kind }) => kind === "pictured")) return story.waybill;
      }
      return null;
    }, 90_000);
    await page.goto(`${lab.url}/parcel/${waybill}`);
    const still = page.locator("[data-still-of=identified] img");
    const widthPx = (): Promise<number> =>
      still.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth);
    await expect.poll(widthPx, { timeout: 20_000 }).toBe(320);
    await page.context().close();
  });

  test("X6, S9: an officer's decision takes the parcel to its exit", async () => {
    const { page } = await openPage(browser, {
      url: `${lab.url}/officer`,
      language: "en",
      profile: officer,
    });
    const open = page.locator("[data-decide=open][data-reason=suspectObject]");
    await open.waitFor();
    await until(async () => ((await open.isEnabled()) ? true : null), 150_000);
    const decided = acceptedDecisions(page);
    // The page ignores a press within 400 ms of a new image; people take longer anyway.
    const passId = await until(async () => {
      await page.waitForTimeout(600);
      await open.click({ timeout: 2_000 }).catch(() => undefined);
      return decided.at(0) ?? null;
    }, 60_000);
    await page.locator("[data-note=good]").waitFor();
    const outcome = await until(async () => {
      const story = await ask(`/api/passes/${passId}`, zStory);
      const pass = story.passes.find((each) => each.passId === passId);
      return pass?.outcome.exit == null ? null : pass;
    }, 90_000);
    expect(outcome.outcome.exit).toBe("inspection");
    const answered = outcome.timeline.map(({ fact }) => fact);
    expect(answered).toContainEqual(
      expect.objectContaining({
        kind: "officerAnswered",
        officer: officer.officer,
        decision: "open",
        applied: true,
      }),
    );
    await page.context().close();
  });

  test("ZJG-27: parcels leave each line by all three exits", async () => {
    const lines = await until(async () => {
      const answer = await ask("/api/lines", zLinesAnswer);
      const isServed = answer.every((line) =>
        Object.values(line.exits).every(({ count }) => count > 0),
      );
      return isServed ? answer : null;
    }, 170_000);
    expect(lines.map(({ id }) => id)).toEqual(["L1", "L2"]);
  });
});
