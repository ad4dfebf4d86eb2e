import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { buildPage } from "../../control-ui/build.ts";
import { waybillOf, type FixtureKind } from "../../control-ui/fixtures/site.ts";
import { archivedWaybill } from "../../control-ui/fixtures/stories.ts";
import { answer, createCommandLine, textOption } from "../../protocols/command-line.ts";
import { launchBrowser, openPage } from "./browser.ts";
import { FixtureCentre } from "./fixture-centre.ts";
import { traceFrames } from "./trace-frames.ts";
import { checkPage } from "./page-checks.ts";

const help = `Usage: npm run screenshots -- [--out DIR] [--against URL] [--only TEXT]

Takes a picture of every screen in both languages and sizes, and checks each for text that is cut
off or covered, words or glyphs that are missing, and complaints of the browser.

  --out DIR      where the PNG files go (default: test/e2e/screenshots)
  --against URL  a running lab; only what it shows by itself is taken (default: fixed scenes)
  --only TEXT    only pictures whose name contains TEXT
  --help         this text

Exit codes: 0 every picture is good, 1 at least one is not, 2 bad arguments.
SORTLINE_CHROMIUM names another browser than the one from npm.`;

const commandLine = createCommandLine({
  name: "screenshots",
  usage: help,
  options: {
    out: textOption("a folder"),
    against: textOption("an address"),
    only: textOption("a text"),
  },
});

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly kind: FixtureKind;
  /** What to do on the page before the picture. */
  readonly prepare?: (page: Page, centre: FixtureCentre | null) => Promise<void>;
  /** Needs a fixed scene: a lab cannot be told to fail for a picture. */
  readonly isFixtureOnly?: boolean;
}

/** A fixture parcel that went to inspection with a suspect image. */
const openedParcel = 1_217;

const profile = { officer: "王敏", station: "审图 02" };

const waitForParcels = async (page: Page): Promise<void> => {
  await page.waitForSelector("[data-pass][data-x]:not([data-x=''])", { state: "attached" });
};

/** Lets a fixed scene raise alarms, and waits until the page shows one. */
const raising =
  (raise: (centre: FixtureCentre) => void): NonNullable<Shot["prepare"]> =>
  async (page, centre) => {
    await waitForParcels(page);
    if (centre !== null) raise(centre);
    await page.waitForSelector(".alarm-active");
  };

/** The parcel farthest along that has a waybill: it has the longest story. */
const farthest = (page: Page): Locator =>
  page.locator("[data-parcels] li[data-decided]:not([data-decided='']):not([data-waybill=''])");

const openStory = async (page: Page): Promise<void> => {
  await waitForParcels(page);
  await farthest(page).first().getByRole("button").dispatchEvent("click");
  await page.waitForSelector("[data-sentence]");
  await page.waitForTimeout(500);
};

/** The officer's screen with an image for which there is time. */
const waitForPanel = async (page: Page): Promise<void> => {
  await page.waitForSelector("[data-panel] canvas[data-image]");
  const latest = page.locator(".queue li:last-child button:not(:disabled)");
  if ((await latest.count()) > 0) await latest.click();
  await page.waitForSelector("[data-panel] canvas[data-image]");
  await page.waitForTimeout(500);
};

const raiseMany = raising((centre) => {
  for (let count = 0; count < 20; count += 1) {
    centre.alarm("divertMissed", "L1", { params: { exit: "red" } });
    centre.alarm("trackingExtra", "L2");
  }
});

const shots: readonly Shot[] = [
  { name: "lines-healthy", path: "/", kind: "healthy", prepare: waitForParcels },
  {
    name: "lines-scanner-lost",
    path: "/",
    kind: "scannerLost",
    isFixtureOnly: true,
    prepare: raising((centre) =>
      centre.alarm("deviceDown", "L1", { params: { deviceId: "L1-scanner" } }),
    ),
  },
  {
    name: "lines-devices-lost",
    path: "/",
    kind: "devicesLost",
    isFixtureOnly: true,
    prepare: raising((centre) => {
      for (let count = 0; count < 40; count += 1) {
        centre.alarm("deviceDown", "L1", {
          params: { deviceId: `L1-${count % 2 ? "xray" : "sorter"}` },
        });
      }
    }),
  },
  {
    name: "device",
    path: "/",
    kind: "scannerLost",
    isFixtureOnly: true,
    prepare: async (page) => {
      await waitForParcels(page);
      await page.click("[data-device=L1-scanner] [data-action=device]");
      await page.waitForSelector("[data-device-facts]");
    },
  },
  {
    name: "trace",
    path: "/",
    kind: "healthy",
    isFixtureOnly: true,
    prepare: async (page, centre) => {
      await waitForParcels(page);
      await page.click("[data-device=L1-scanner] [data-action=device]");
      await page.click("[data-action=trace]");
      await page.click("[data-action=trace-begin]");
      centre?.traceFrames.push(...traceFrames);
      await page.waitForSelector("[data-way=state]");
    },
  },
  {
    name: "lines-troubled",
    path: "/",
    kind: "troubled",
    isFixtureOnly: true,
    prepare: raising((centre) => {
      centre.alarm("trackingLost", "L1", { params: { atMm: 12_400 } });
      centre.alarm("unexpectedInGreen", "L2");
    }),
  },
  {
    name: "lines-restarted",
    path: "/",
    kind: "restarted",
    isFixtureOnly: true,
    prepare: raising((centre) => centre.alarm("beltUnknown", "L1")),
  },
  { name: "lines-many", path: "/", kind: "many", isFixtureOnly: true, prepare: waitForParcels },
  { name: "lines-empty", path: "/", kind: "empty", isFixtureOnly: true },
  {
    name: "data-lost",
    path: "/",
    kind: "healthy",
    isFixtureOnly: true,
    prepare: async (page, centre) => {
      await waitForParcels(page);
      if (centre !== null) centre.isUnreachable = true;
      centre?.cutSockets();
      await page.waitForSelector("[data-lost]", { timeout: 5_000 });
    },
  },
  { name: "story-drawer", path: "/", kind: "healthy", prepare: openStory },
  {
    name: "story-page",
    path: "/",
    kind: "healthy",
    prepare: async (page, centre) => {
      await waitForParcels(page);
      const onBelt = await farthest(page).first().getAttribute("data-waybill");
      const waybill = centre === null ? onBelt : waybillOf(openedParcel);
      await page.click("[data-action=search]");
      await page.fill("input[name=waybill]", waybill ?? "");
      await page.click("dialog button[type=submit]");
      await page.waitForSelector("[data-sentence]");
      await page.waitForTimeout(500);
    },
  },
  {
    name: "story-archived",
    path: `/parcel/${archivedWaybill}`,
    kind: "healthy",
    isFixtureOnly: true,
    prepare: async (page) => {
      await page.waitForSelector("[data-archived]");
    },
  },
  { name: "officer", path: "/officer", kind: "healthy", prepare: waitForPanel },
  {
    name: "officer-tools",
    path: "/officer",
    kind: "healthy",
    isFixtureOnly: true,
    prepare: async (page) => {
      await waitForPanel(page);
      await page.keyboard.press("m");
      await page.keyboard.press("x");
      await page.waitForTimeout(300);
    },
  },
  { name: "officer-empty", path: "/officer", kind: "scannerLost", isFixtureOnly: true },
  {
    name: "officer-control",
    path: "/officer",
    kind: "healthy",
    isFixtureOnly: true,
    prepare: async (page) => {
      await page.click("[data-action=control]");
      await page.fill("dialog input[name=waybill]", "YT7804410999");
      await page.fill("dialog input[name=reason]", "情报线索 2026-118");
      await page.click("dialog button[type=submit]");
      await page.waitForSelector("[data-effect]");
    },
  },
  {
    name: "alarms",
    path: "/",
    kind: "healthy",
    isFixtureOnly: true,
    prepare: async (page, centre) => {
      await raiseMany(page, centre);
      await page.click("[data-action=alarms]");
      await page.waitForSelector(".alarm-list li");
    },
  },
];

const sizes = [
  { widthPx: 1_920, heightPx: 1_080 },
  { widthPx: 1_280, heightPx: 800 },
  { widthPx: 1_024, heightPx: 768 },
] as const;
const languages = ["zh-CN", "en"] as const;

async function main(): Promise<number> {
  const read = commandLine.read(process.argv.slice(2));
  if (read.kind !== "read") return answer(read, console);
  const { against, only = "" } = read.values;
  const { out = fileURLToPath(new URL("screenshots", import.meta.url)) } = read.values;
  await mkdir(out, { recursive: true });
  const pageDir = fileURLToPath(new URL("../../control-ui/dist", import.meta.url));
  if (against === undefined) await buildPage({ outDir: pageDir });
  const browser = await launchBrowser();
  let bad = 0;
  let taken = 0;
  try {
    for (const shot of shots.filter(({ isFixtureOnly }) => !isFixtureOnly || !against)) {
      for (const size of sizes) {
        for (const language of languages) {
          const name = `${shot.name}-${size.widthPx}x${size.heightPx}-${language}`;
          if (!name.includes(only)) continue;
          const centre = against === undefined ? new FixtureCentre({ pageDir, ...shot }) : null;
          await centre?.start();
          const url = against ?? centre?.url ?? "";
          const file = `${out}/${name}.png`;
          const complaints = await take(browser, shot, { url, centre, file, language, ...size });
          await centre?.stop();
          console.log(`${complaints.length === 0 ? "good" : "BAD "} ${name}`);
          for (const complaint of complaints) console.log(`       ${complaint}`);
          if (complaints.length > 0) bad += 1;
          taken += 1;
        }
      }
    }
  } finally {
    await browser.close();
  }
  if (taken === 0) {
    console.error(`no picture has "${only}" in its name`);
    return 2;
  }
  console.log(
    bad === 0
      ? `every one of ${taken} pictures is good`
      : `${bad} of ${taken} pictures are not good`,
  );
  return bad === 0 ? 0 : 1;
}

interface Take {
  readonly url: string;
  readonly centre: FixtureCentre | null;
  readonly file: string;
  readonly language: (typeof languages)[number];
  readonly widthPx: number;
  readonly heightPx: number;
}

async function take(browser: Browser, shot: Shot, how: Take): Promise<readonly string[]> {
  const { page, complaints } = await openPage(browser, { ...how, profile });
  try {
    if (shot.path !== "/") await page.goto(how.url + shot.path);
    await page.waitForSelector("main:not([aria-busy=true])");
    await shot.prepare?.(page, how.centre);
    const found = await checkPage(page);
    await page.screenshot({ path: how.file });
    // A cut socket is told to the console by the browser itself, and is what the picture shows.
    const unexpected = shot.name === "data-lost" ? [] : complaints;
    return [...unexpected, ...found];
  } catch (error) {
    await page.screenshot({ path: how.file });
    return [String(error)];
  } finally {
    await page.context().close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
