// Goal: old data never looks new, and nothing but reading goes over the socket (S0, W2, PF-23).
// Method: the built page in headless Chromium; its centre is cut, silenced and made to lose deltas.
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { waybillOf } from "../../control-ui/fixtures/site.ts";
import { epochMs } from "../../protocols/units.ts";
import { drawnPositions, pastGuard, useTheatre, waitForImage } from "./page-kit.ts";

/** The bar must come within two seconds; the rest is this machine's own slowness. */
const slowMs = 1_500;

const theatre = useTheatre();

describe("S0: what is old never looks new", () => {
  test("a cut socket: bar within two seconds, commands dead, motion stopped; then all back", async () => {
    const { page, centre } = await theatre.open("/officer");
    await waitForImage(page);
    expect(await page.evaluate(`document.fonts.check('400 16px "Noto Sans SC"', "冻")`)).toBe(true);
    centre.isUnreachable = true;
    centre.cutSockets();
    await page.waitForSelector("[data-lost]", { timeout: 2_000 + slowMs });
    expect(await page.locator("[data-lost]").innerText()).toMatch(/DATA LOST[\s\S]*\d\d:\d\d:\d\d/);
    expect(await page.locator("[data-decide=release]").isDisabled()).toBe(true);
    await page.keyboard.press("1");
    await page.click(".header nav a[href='/']");
    // Both lines are drawn once, one maybe after the other; then nothing moves any more.
    const isStill = async (): Promise<boolean> => {
      const seen = await drawnPositions(page);
      await page.waitForTimeout(700);
      return isDeepStrictEqual(await drawnPositions(page), seen);
    };
    await expect.poll(isStill, { timeout: 5_000 }).toBe(true);
    expect(centre.decisions).toEqual([]);

    centre.isUnreachable = false;
    await expect.poll(() => page.locator("[data-lost]").count(), { timeout: 8_000 }).toBe(0);
    const moving = await drawnPositions(page);
    await page.waitForTimeout(700);
    expect(await drawnPositions(page)).not.toEqual(moving);
  });

  test("a centre that says nothing on an open socket is just as lost", async () => {
    const { page, centre } = await theatre.open("/");
    centre.isSilent = true;
    await page.waitForSelector("[data-lost]", { timeout: 2_000 + slowMs });
    centre.isSilent = false;
    await expect.poll(() => page.locator("[data-lost]").count(), { timeout: 8_000 }).toBe(0);
  });

  test("W2: a lost delta is noticed and a snapshot asked for", async () => {
    const { page, centre, complaints } = await theatre.open("/");
    await drawnPositions(page);
    const hellos = (): number =>
      centre.clientMessages.filter((message) => message.kind === "hello").length;
    const before = hellos();
    centre.losesNextDelta = true;
    await expect.poll(hellos, { timeout: 5_000 }).toBe(before + 1);
    expect(
      centre.clientMessages.filter((message) => message.kind === "hello").at(-1),
    ).toMatchObject({ lastSeq: null, epoch: null });
    expect(complaints).toEqual([]);
  });

  test("PF-23: nothing but hello, pong and recordsSeen goes over the socket", async () => {
    const { page, centre } = await theatre.open("/officer", "standing");
    await waitForImage(page);
    await pastGuard(page);
    centre.alarm("missort", "L1", { params: { exit: "green" } });
    await page.keyboard.press("3");
    await centre.untilDecided(1);
    await expect
      .poll(() => new Set(centre.clientMessages.map(({ kind }) => kind)), { timeout: 5_000 })
      .toEqual(new Set(["hello", "pong", "recordsSeen"]));
  });

  test("S2: a device goes down and comes back: its tile says so at once, in both languages", async () => {
    const { page, centre, complaints } = await theatre.open("/");
    const tile = page.locator("[data-device=L1-scanner]");
    const health = (): Promise<string | null> => tile.getAttribute("data-health");
    await expect.poll(health).toBe("receiving");
    expect(await tile.innerText()).toContain("接收正常");
    centre.kind = "scannerLost";
    await expect.poll(health, { timeout: 2_000 + slowMs }).toBe("down");
    expect(await tile.innerText()).toMatch(/离线[\s\S]*无法打开接口/);
    await page.click("[data-action=language]");
    expect(await tile.innerText()).toMatch(/Down[\s\S]*its port cannot be opened/);
    expect(await page.locator("[data-line=L1] .glance-induction").innerText()).toContain(
      "no answer from L1-scanner",
    );
    await tile.locator("[data-action=device]").click();
    await page.waitForSelector("[data-device-facts]");

    centre.kind = "healthy";
    await expect.poll(health, { timeout: 2_000 + slowMs }).toBe("receiving");
    // An open dialog tells of now, too: there is no reason any more.
    await expect.poll(() => page.locator("[data-device-facts]").count()).toBe(0);
    expect(await tile.innerText()).not.toContain("port");
    await page.click("[data-action=close-dialog]");
    await page.click("[data-action=language]");
    expect(await tile.innerText()).toContain("接收正常");
    expect(complaints).toEqual([]);
  });

  test("law 15: simulation is marked on every screen", async () => {
    const { page, centre } = await theatre.open("/");
    for (const path of ["/", "/officer", `/parcel/${waybillOf(1_217)}`]) {
      await page.goto(centre.url + path);
      await page.waitForSelector("[data-sim]");
      expect(await page.locator("[data-sim]").innerText()).toContain("仿真");
      expect(await page.locator(".watermark").isVisible()).toBe(true);
      expect(await page.locator(".app").getAttribute("data-mode")).toBe("simulated");
    }
  });

  test("A9: the alarm that matters most stands on every screen with what to do", async () => {
    const { page, centre } = await theatre.open("/", "healthy", { language: "en" });
    centre.alarm("trackingExtra", "L2");
    centre.alarm("unexpectedInGreen", "L1");
    centre.alarm("divertMissed", "L1", { params: { exit: "red" } });
    const banner = page.locator("[data-action=alarms]");
    await expect.poll(() => banner.innerText()).toContain("release chute");
    expect(await banner.innerText()).toContain("2 more not seen");
    expect(await banner.innerText()).toContain("Show all");
    expect((await banner.boundingBox())!.height).toBeGreaterThanOrEqual(80);
    await page.click(".header nav a[href='/officer']");
    expect(await banner.innerText()).toContain("Line L1");
    await banner.click();
    expect(await page.locator(".alarm-list li").count()).toBe(3);
    await page.click("[data-action=close-dialog]");
    // Seen is not over: the banner claims no more than that nothing new has come.
    await expect.poll(() => banner.innerText()).toContain("No new alarms");
    expect(await banner.innerText()).toContain("3 seen");
  });

  test("A9: what has ended before anybody saw it does not read as if it stood", async () => {
    const { page, centre } = await theatre.open("/", "healthy", { language: "en" });
    const [at, endedAt] = [epochMs(1_780_000_000_000), epochMs(1_780_000_060_000)];
    centre.alarm("lineNotHeard", "L1", { state: "returned", at, endedAt });
    const banner = page.locator("[data-action=alarms]");
    await expect.poll(() => banner.innerText()).toMatch(/over since \d\d:\d\d/);
  });
});
