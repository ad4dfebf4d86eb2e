// Goal: a clock that is wrong, customs' or ours, hides no word of customs, and a doubt that our own
// calendar has made ends once that is proved. Method: receipts, in bytes, to a document desk whose
// calendar is set.
import { describe, expect, test } from "vitest";
import { person } from "../../protocols/actor.ts";
import type { CebElement } from "../../protocols/ceb/messages.ts";
import { epochMs } from "../../protocols/units.ts";
import {
  manifestReturn,
  orderReturn,
  receiptReturn,
  waybillReturn,
} from "../../simulators/customs/receipts.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, withoutFlag, xmlOf } from "../kit/customs-post.ts";
import { documentsOf, guidOf, later, minuteMs, testConfig, withHead } from "./clearance-kit.ts";

const waybill = "CL0001";
const entropy = createSeededEntropy(10, "clocks");
const documents = documentsOf(waybill);
const byCustoms = testConfig({ authority: "customs" });
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const said = (status: number, at: number, { manifest } = documents) =>
  manifestReturn(manifest, { status, at: epochMs(at) }, entropy);
const withoutTime = (element: CebElement): string =>
  xmlOf(element).replace(/(<ceb:returnTime>)\d+/, "$1soon");

describe("a word that came before its time hides nothing that is said after its coming", () => {
  test("an order to inspect, however late that comes", () => {
    const post = new CustomsPost(byCustoms).take(documents);
    post.send(said(800, later(90)));
    expect(post.isReleasable(waybill)).toBe(true);
    post.clock.runFor(100 * minuteMs);
    post.send(said(500, later(30)));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.send(said(800, later(101)));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("also where both waited for the manifest", () => {
    const post = new CustomsPost(byCustoms);
    post.send(said(800, later(90)));
    post.clock.runFor(30 * minuteMs);
    post.send(said(500, later(30)));
    post.clock.runFor(70 * minuteMs);
    expect(post.take(documents).codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("an older order, sent once more, stays taken back", () => {
    const post = new CustomsPost(byCustoms).take(documents);
    post.clock.runFor(10 * minuteMs);
    post.send(said(500, later(5)));
    post.send(said(800, later(90)));
    post.clock.runFor(100 * minuteMs);
    post.send(said(500, later(5)));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  const answers = {
    order: (status: number, minute: number) =>
      orderReturn(documents.order, { status, at: later(minute) }, entropy),
    receipt: (status: number, minute: number) =>
      receiptReturn(documents.receipt, { status, at: later(minute) }, entropy),
    waybill: (status: number, minute: number) =>
      waybillReturn(documents.waybill, { status, at: later(minute) }, entropy),
  };

  test.each(Object.entries(answers))("a refused %s", (_, answer) => {
    const post = new CustomsPost().take(documents);
    post.send(answer(120, 90));
    post.clock.runFor(100 * minuteMs);
    post.send(answer(100, 30));
    expect(post.isReleasable(waybill)).toBe(false);
    post.send(answer(120, 101));
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test.each([true, false])(
    "a refusal of the payment under another name (unread: %s)",
    (isUnread) => {
      const post = new CustomsPost().take(documents);
      post.send(withHead(answers.receipt(120, 90), { payNo: null }));
      post.clock.runFor(40 * minuteMs);
      const refusal = xmlOf(answers.receipt(100, 30));
      post.post(
        isUnread ? refusal.replace(/<ceb:returnStatus>.*?<\/ceb:returnStatus>/, "") : refusal,
      );
      expect(post.isReleasable(waybill)).toBe(false);
    },
  );

  test("what is said late of the manifest before", () => {
    const post = new CustomsPost(byCustoms).take(documents);
    post.send(said(100, later(1)));
    post.clock.runFor(10 * minuteMs);
    const head = { guid: guidOf(1), copNo: "COP2", appTime: "20261102100900" };
    const next = { ...documents, manifest: withHead(documents.manifest, head) };
    post.take(next);
    post.send(said(800, later(90), next));
    post.clock.runFor(90 * minuteMs);
    post.send(said(500, later(30)));
    expect(post.codesOf(waybill)).toEqual(["inspectionOrdered"]);
  });
});

/** A desk whose calendar is wrong from its first start on, and is put right and confirmed. */
const wrongBy = (byMs: number, config = testConfig()) => {
  const post = new CustomsPost(config);
  post.clock.stepWall(60 * dayMs);
  const rightNow = (): number => post.clock.wall() - (isRight ? 0 : byMs);
  let isRight = false;
  post.clock.stepWall(byMs);
  post.desk.start();
  const putRight = (): void => {
    post.clock.stepWall(-byMs);
    isRight = true;
    post.clock.runFor(5 * minuteMs);
  };
  return { post: post.take(documents), rightNow, putRight, confirm: () => confirm(post) };
};

describe("our own calendar was slow", () => {
  test("a release that it took for one from the future is believed, sent again, once it is proved", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(-8 * hourMs, byCustoms);
    const release = said(800, rightNow());
    expect(post.send(release)).toMatchObject({ code: "timeAhead" });
    putRight();
    expect(post.send(release)).toMatchObject({ code: "repeated" });
    expect(post.isReleasable(waybill)).toBe(false);
    confirm();
    expect(post.send(release)).toMatchObject({ accepted: true, code: null });
    expect(post.codesOf(waybill)).toEqual([]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
  });

  test("so is an answer to an order", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(-8 * hourMs);
    const answer = orderReturn(documents.order, { status: 120, at: epochMs(rightNow()) }, entropy);
    post.send(answer);
    expect(post.isReleasable(waybill)).toBe(false);
    putRight();
    confirm();
    post.send(answer);
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test("one that lies ahead of the proved calendar, too, is no truer", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(-8 * hourMs, byCustoms);
    const release = said(800, rightNow() + 3 * hourMs);
    post.send(release);
    putRight();
    confirm();
    post.clock.runFor(4 * hourMs);
    expect(post.send(release)).toMatchObject({ code: "repeated" });
    expect(post.isReleasable(waybill)).toBe(false);
  });

  test("before it is proved nothing settles a receipt without a time, and then a later word", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(-3 * hourMs);
    const truth = rightNow();
    post.post(withoutTime(said(500, truth)));
    post.clock.runFor(minuteMs);
    expect(post.send(said(120, truth - 2 * hourMs))).toMatchObject({ accepted: true });
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    putRight();
    confirm();
    post.send(said(120, rightNow()));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("what was said before a receipt without a time came does not settle it", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(-8 * hourMs);
    const earlier = rightNow() - 10 * minuteMs;
    post.post(withoutTime(said(500, rightNow())));
    putRight();
    confirm();
    post.send(said(120, earlier));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(120, rightNow()));
    expect(post.codesOf(waybill)).toEqual([]);
  });
});

const confirm = (post: CustomsPost): void => {
  post.desk.confirmCalendar(person("Supervisor", "supervisor", "desk-1"));
  expect(post.desk.calendarDoubt()).toBe(null);
};

/** The centre comes back after so long, its calendar so far behind the right one. */
function backAfter(former: CustomsPost, awayMs: number, slowByMs = 0): CustomsPost {
  const post = former.restarted(epochMs(former.clock.wall() + awayMs - slowByMs));
  post.desk.start();
  return post;
}

/** A centre that has the documents, and whose first hour is hour 0. */
const atWork = (config = testConfig()) => {
  const post = new CustomsPost(config);
  post.clock.stepWall(60 * dayMs);
  const startedAt = post.clock.wall();
  return { former: post.take(documents), hour: (hours: number) => startedAt + hours * hourMs };
};

describe("the centre was away for long", () => {
  test("what was said before a receipt without a time came settles it by no proof", () => {
    const { former, hour } = atWork();
    const post = backAfter(former, 3 * hourMs);
    post.post(withoutTime(said(500, hour(2.9))));
    confirm(post);
    post.send(said(120, hour(1)));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    post.clock.runFor(5 * minuteMs);
    post.send(said(120, hour(3) + minuteMs));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("a release is believed, sent again, once a calendar that came back slow is proved", () => {
    const { former, hour } = atWork(byCustoms);
    const post = backAfter(former, 10 * hourMs, 5 * hourMs);
    const release = said(800, hour(10));
    expect(post.send(release)).toMatchObject({ code: "timeAhead" });
    post.clock.stepWall(5 * hourMs);
    post.clock.runFor(5 * minuteMs);
    confirm(post);
    expect(post.send(release)).toMatchObject({ accepted: true, code: null });
    expect(post.codesOf(waybill)).toEqual([]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
  });

  test("one from the future is no truer after another absence", () => {
    const { former, hour } = atWork(byCustoms);
    const post = backAfter(former, 3 * hourMs);
    const release = said(800, hour(12));
    post.send(release);
    confirm(post);
    const next = backAfter(post, 10 * hourMs);
    confirm(next);
    expect(next.send(release)).toMatchObject({ code: "repeated" });
    expect(next.isReleasable(waybill)).toBe(false);
  });
});

describe("our own calendar was fast when a receipt without a time came", () => {
  test("what is said after its coming settles it once the calendar is proved, and nothing before", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(30 * dayMs);
    const before = rightNow() - 10 * minuteMs;
    post.post(withoutTime(said(500, rightNow())));
    putRight();
    confirm();
    post.send(said(120, before));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(120, rightNow()));
    expect(post.codesOf(waybill)).toEqual([]);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
  });

  test("of one with a time nothing changes", () => {
    const { post, rightNow, putRight, confirm } = wrongBy(30 * dayMs);
    const before = rightNow() - minuteMs;
    post.post(withoutFlag(xmlOf(said(500, rightNow()))));
    putRight();
    confirm();
    post.send(said(120, before));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(said(120, rightNow()));
    expect(post.codesOf(waybill)).toEqual([]);
  });
});
