// Goal: what customs and senders say is read for what it is: an error undoes nothing, what cannot
// be read is doubt, a refusal by customs counts, one parcel is one parcel. Method: each case's
// messages, in bytes, to a document desk; the clearance records and the officer's sentence after.
import { describe, expect, test, vi } from "vitest";
import { zDeskInput } from "../../edge/centre/documents/desk.ts";
import type { ElementOf } from "../../protocols/ceb/messages.ts";
import { wrapMessage } from "../../protocols/ceb/envelope.ts";
import { reasonClause } from "../../protocols/words/sentence.ts";
import { voices } from "../../protocols/words/words.ts";
import {
  manifestReturn,
  orderReturn,
  receiptReturn,
  waybillReturn,
} from "../../simulators/customs/receipts.ts";
import type { ParcelDocuments } from "../../simulators/documents/parcel-documents.ts";
import { createSeededEntropy } from "../../simulators/world/chance.ts";
import { CustomsPost, withoutFlag, xmlOf } from "../kit/customs-post.ts";
import {
  documentsOf,
  guidOf,
  later,
  minuteMs,
  testConfig,
  testParameters,
  withHead,
} from "./clearance-kit.ts";

const waybill = "CC0001";
const entropy = createSeededEntropy(4, "cases");
const said = (documents: ParcelDocuments, status: number, minute = 1): ElementOf<"CEB604"> =>
  manifestReturn(documents.manifest, { status, at: later(minute) }, entropy);
const sentences = (post: CustomsPost, ofWaybill = waybill): readonly string[] =>
  post
    .recordOf(ofWaybill)
    .reasons.flatMap((reason) =>
      [voices.en, voices["zh-CN"]].map((voice) => reasonClause(reason, voice)),
    );

/** As the exchange frames a manifest of an enterprise. */
const envelopeInfo = {
  copMsgId: "M1",
  senderId: "DXPENT0000000009",
  receiverIds: ["DXPEDCCEB0000003"],
  createdAt: "2026-11-02T10:00:00",
  msgType: "CEB603Message",
};

describe("an error speaks of one transmission", () => {
  test("case customs/02: after customs' release it changes nothing, and is told beside", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost(testConfig({ authority: "customs" })).take(documents);
    post.send(said(documents, 800, 1));
    const before = post.recordOf(waybill);
    const error = withHead(said(documents, -621004, 5), {
      returnInfo: "[Code:-621004;Desc:清单重复\u202e申报\r\n请核对]",
    });
    expect(post.send(error)).toMatchObject({ accepted: true });
    expect(post.recordOf(waybill)).toBe(before);
    expect(before).toMatchObject({ standing: "releasableIfMachinePassOk", customsStatus: 800 });
    expect(post.desk.manifestView(waybill)).toMatchObject({
      customsStatus: 800,
      transmissionError: { status: "-621004", about: "manifest", info: "清单重复 申报 请核对" },
    });
    expect(post.facts.map(({ code }) => code)).toContain("transmissionFailed");
  });

  test.each([120, 300, 399, 500, 501, 800])("it does not undo %i either", (status) => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(said(documents, status, 1));
    const before = post.recordOf(waybill);
    post.send(said(documents, -621028, 2));
    expect(post.recordOf(waybill)).toBe(before);
  });

  test.each(["-621004 ", " -621004", "－621004", "−621004"])(
    "%j is below zero, too",
    (returnStatus) => {
      const documents = documentsOf(waybill);
      const post = new CustomsPost(testConfig({ authority: "customs" })).take(documents);
      post.send(said(documents, 800, 1));
      post.send(withHead(said(documents, 120, 2), { returnStatus }));
      expect(post.isReleasable(waybill)).toBe(true);
      expect(post.desk.manifestView(waybill)?.transmissionError?.status).toBe("-621004");
    },
  );

  test("a manifest that customs has not had is doubtful after it, until customs has it", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(said(documents, 3, 1));
    post.send(said(documents, -621028, 2));
    expect(post.codesOf(waybill)).toEqual(["unknownStatus"]);
    post.send(said(documents, 120, 3));
    expect(post.codesOf(waybill)).toEqual([]);
  });
});

describe("a receipt that cannot be read whole makes its manifest doubtful", () => {
  const broken: Readonly<Record<string, (xml: string) => string>> = {
    "03a, without statisticsFlag": withoutFlag,
    "03b, with returnInfo over 1,000": (xml) =>
      xml.replace(/(<ceb:returnInfo>).*?(<\/ceb:returnInfo>)/, `$1${"查验要求".repeat(300)}$2`),
    "03c, with a time of 14 digits": (xml) => xml.replace(/(<ceb:returnTime>\d{14})\d{3}/, "$1"),
    "03, with a time that is none": (xml) => xml.replace(/(<ceb:returnTime>)\d+/, "$1soon"),
    "03, with a field that nobody knows": (xml) =>
      xml.replace("</ceb:InventoryReturn>", "<ceb:more>1</ceb:more></ceb:InventoryReturn>"),
    "03, in a message without a guid": (xml) => xml.replace(/(CEB604Message) guid="[^"]*"/, "$1"),
    "03, cut off": (xml) => xml.slice(0, xml.indexOf("<ceb:returnInfo>")),
    "03, in bytes that are not UTF-8": (xml) => xml,
    "03, in a terminal envelope that is broken": (xml) =>
      wrapMessage(xml, {
        copMsgId: "M1",
        senderId: "DXPEDCCEB0000003",
        receiverIds: ["DXPENT0000000001"],
        createdAt: "2026-11-02T10:00:00",
        msgType: "CEB604Message",
      }).replace(' ver="1.0"', ' ver="9"'),
  };

  test.each(Object.keys(broken))("case customs/%s", (name) => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    const xml = broken[name]!(xmlOf(said(documents, 500)));
    const bytes = name.includes("not UTF-8")
      ? Buffer.concat([Buffer.from(xml.replace("查验", "")), Buffer.from([0xb2, 0xe9])])
      : Buffer.from(xml);
    const answer = post.post(bytes);
    expect("accepted" in answer ? answer.accepted : false).toBe(false);
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    // A restart forgets no doubt.
    for (const { input } of post.inputs) expect(zDeskInput.safeParse(input).success).toBe(true);
    expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    // A readable one ends it, and says what it says.
    post.send(said(documents, 500, 3));
    expect(post.codesOf(waybill)).toEqual(["inspectionOrdered"]);
  });

  test("case customs/03a: the same receipt in a readable form ends the doubt", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    const receipt = said(documents, 120);
    post.post(xmlOf(receipt).replace(/<ceb:returnTime>\d+/, "<ceb:returnTime>x"));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
    post.send(receipt);
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("an older readable one does not end it", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.post(broken["03a, without statisticsFlag"]!(xmlOf(said(documents, 500, 10))));
    post.send(said(documents, 120, 9));
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("one that comes before its manifest waits for it, once", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost();
    const xml = broken["03a, without statisticsFlag"]!(xmlOf(said(documents, 500)));
    post.post(xml);
    post.post(xml);
    expect(post.desk.counters()["receiptsParked"]).toBe(1);
    post.take(documents);
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("one whose numbers name two manifests makes both doubtful", () => {
    const [one, two] = [documentsOf(waybill), documentsOf("CC0002")];
    const post = new CustomsPost().take(one).take(two);
    const { orderNo, ebpCode } = two.manifest.head;
    const receipt = xmlOf(withHead(said(one, 500), { orderNo, ebpCode }));
    expect(post.post(receipt)).toMatchObject({ accepted: false, code: "correlationConflict" });
    expect([post.codesOf(waybill), post.codesOf("CC0002")]).toEqual([
      ["receiptUnread"],
      ["receiptUnread"],
    ]);
  });

  test("an answer to a request to cancel (606) is doubt too, since it is not read here", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    const xml = xmlOf(said(documents, 800))
      .replaceAll("CEB604Message", "CEB606Message")
      .replaceAll("InventoryReturn", "InvtCancelReturn");
    expect(post.post(xml)).toMatchObject({ accepted: false, code: "messageTypeNotTaken" });
    expect(post.codesOf(waybill)).toEqual(["receiptUnread"]);
  });

  test("one that names nothing is refused, and changes nothing", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    const xml = xmlOf(said(documents, 500)).replace(
      /<ceb:(copNo|invtNo|orderNo)>.*?<\/ceb:\1>/g,
      "",
    );
    expect(post.post(xml)).toMatchObject({ accepted: false, code: "fieldMissing" });
    expect(post.isReleasable(waybill)).toBe(true);
  });

  test.each([
    [300, "onsiteReview"],
    [500, "inspectionOrdered"],
    [501, "customsHold"],
    [1399, "unknownStatus"],
    [100, "comparisonFailed"],
  ])("customs' words with %i reach the sentence, in one line that fits", (status, code) => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    const returnInfo = `[Code:${status};Desc:开箱\n\u2028核对]${"x".repeat(900)}`;
    post.send(withHead(said(documents, status), { returnInfo }));
    expect(post.codesOf(waybill)).toEqual([code]);
    for (const sentence of sentences(post)) expect(sentence).toContain("“开箱 核对”");
  });

  test("long words are cut, and stay readable", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(withHead(said(documents, 500), { returnInfo: "𠮷".repeat(500) }));
    const [english = ""] = sentences(post);
    expect(english).toContain(`“${"𠮷".repeat(90)}…”`);
  });
});

describe("the comparison says which field differs and how", () => {
  const taken = (documents: ParcelDocuments): CustomsPost => new CustomsPost().take(documents);
  const rows = <E extends { readonly list: readonly object[] }>(
    element: E,
    change: Partial<E["list"][number]>,
  ): E => ({ ...element, list: element.list.map((row) => ({ ...row, ...change })) });

  test("case customs/04a: goods that were not ordered", () => {
    const documents = documentsOf(waybill);
    const manifest = rows(documents.manifest, { gcode: "7113191900", gname: "黄金首饰" });
    const post = taken({ ...documents, manifest });
    expect(post.recordOf(waybill).reasons).toEqual([
      {
        code: "comparisonFailed",
        params: { differs: "goods", goods: "7113191900 黄金首饰 ≠ 连裤袜" },
      },
    ]);
    expect(sentences(post)).toEqual([
      "its three documents fail the comparison: goods (7113191900 黄金首饰 declared, 连裤袜 ordered)",
      "三单比对不符：商品（申报 7113191900 黄金首饰，订单为 连裤袜）",
    ]);
  });

  test.each([
    ["the order", "CEB303"],
    ["the receipt of money", "CEB403"],
    ["the waybill", "CEB505"],
  ])("case customs/04b: another merchant on %s", (_, type) => {
    const documents = documentsOf(waybill);
    const change = { ebcCode: "3205949999", ebcName: "另一家" };
    const post = taken({
      ...documents,
      order: type === "CEB303" ? withHead(documents.order, change) : documents.order,
      receipt: type === "CEB403" ? withHead(documents.receipt, change) : documents.receipt,
      waybill: type === "CEB505" ? withHead(documents.waybill, change) : documents.waybill,
    });
    const [reason] = post.recordOf(waybill).reasons;
    expect(reason).toMatchObject({ code: "comparisonFailed", params: { differs: "merchant" } });
    expect(reason?.params?.["merchant"]).toMatch(new RegExp(`≠ 3205949999 另一家 \\(${type}\\)$`));
  });

  test("case customs/04c: 200 declared, 2 ordered, equal totals", () => {
    const documents = documentsOf(waybill);
    const manifest = rows(documents.manifest, { qty: "200", price: "0.299" });
    const post = taken({ ...documents, manifest });
    expect(sentences(post)).toEqual([
      "its three documents fail the comparison: quantity (200 declared, 2 ordered)",
      "三单比对不符：数量（申报 200，订单为 2）",
    ]);
  });

  test("values moved from one kind of goods to another, in the same sum", () => {
    const documents = documentsOf(waybill);
    const two = <E extends { readonly list: readonly object[] }>(
      element: E,
      prices: string[],
    ): E => ({
      ...element,
      list: prices.map((totalPrice, index) => ({
        ...element.list[0],
        gnum: index + 1,
        itemNo: `N${index}`,
        totalPrice,
      })),
    });
    const order = withHead(two(documents.order, ["59", "0.8"]), {});
    const same = two(documents.manifest, ["59", "0.8"]);
    expect(taken({ ...documents, order, manifest: same }).codesOf(waybill)).toEqual([]);
    const moved = two(documents.manifest, ["0.8", "59"]);
    const [reason] = taken({ ...documents, order, manifest: moved }).recordOf(waybill).reasons;
    expect(reason?.params).toEqual({ differs: "itemAmount", itemAmount: "0.8 ≠ 59" });
  });

  test.each([
    ["007", "007", null],
    ["011", "007", null],
    ["035", "035", null],
    ["035", "007", "1 (035) ≠ 1 (007)"],
    ["035", "036", "1 (035) ≠ 1 (036)"],
  ])("as many of unit %s declared as of unit %s ordered", (declared, ordered, quantity) => {
    const documents = documentsOf(waybill);
    const withUnit = <E extends { readonly list: readonly object[] }>(
      element: E,
      unit: string,
    ): E => ({
      ...element,
      list: element.list.map((item) => ({ ...item, qty: "1", unit })),
    });
    const [reason] = taken({
      ...documents,
      order: withUnit(documents.order, ordered),
      manifest: withUnit(documents.manifest, declared),
    }).recordOf(waybill).reasons;
    expect(reason?.params?.["quantity"] ?? null).toBe(quantity);
  });

  describe("quantities that changed places between goods, in equal sums", () => {
    const numbers = {
      "numbers that differ": ["M", "O", true],
      "no numbers": ["", "", false],
      "one number on both rows": ["SKU1", "SKU1", false],
      "a number of each row": ["SKU", "SKU", true],
    } as const;
    const two = <E extends { readonly list: readonly object[] }>(
      element: E,
      prefix: string,
      goods: readonly (readonly [name: string, qty: string, isNumbered: boolean])[],
    ): E => ({
      ...element,
      list: goods.map(([name, qty, isNumbered], index) => ({
        ...element.list[0],
        gnum: index + 1,
        itemNo: isNumbered ? `${prefix}${name}` : prefix,
        itemName: name,
        gname: name,
        qty,
        totalPrice: "29.9",
      })),
    });

    test.each(Object.entries(numbers))("%s", (_, [own, ordered, isNumbered]) => {
      const documents = documentsOf(waybill);
      const order = two(documents.order, ordered, [
        ["棉袜", "200", isNumbered],
        ["手表", "2", isNumbered],
      ]);
      const declare = (socks: string, watches: string) =>
        taken({
          ...documents,
          order,
          manifest: two(documents.manifest, own, [
            ["手表", watches, isNumbered],
            ["棉袜", socks, isNumbered],
          ]),
        });
      expect(declare("200", "2").codesOf(waybill)).toEqual([]);
      const [reason] = declare("2", "200").recordOf(waybill).reasons;
      expect(reason?.params).toMatchObject({ differs: "quantity" });
    });
  });

  test.each([
    ["a longer name of the shop", "秋冬新款 加厚连裤袜 女士 2双装", true],
    ["full-width letters", "连裤袜 ＡＢ", true],
    ["another script, with the seller's number and name repeated", "Tights", true],
    ["a name with one sign in common", "裤子夹", false],
    ["nothing that could be compared", "!!", false],
  ])("an order with %s", (_, itemName, isSame) => {
    const documents = documentsOf(waybill);
    const order = rows(documents.order, { itemName });
    const manifest = rows(documents.manifest, { itemName });
    const post = taken({ ...documents, order, manifest });
    expect(post.isReleasable(waybill)).toBe(isSame);
  });

  test("many rows are compared, and each name is taken apart once", () => {
    const documents = documentsOf(waybill);
    const total = 40;
    const nameOf = (n: number): string => String.fromCodePoint(0x4e00 + 2 * n, 0x4e01 + 2 * n);
    const many = <E extends { readonly list: readonly object[] }>(element: E, kind: string): E => ({
      ...element,
      list: Array.from({ length: total }, (_, n) => {
        const name = nameOf(kind === "order" ? n : total - 1 - n);
        const names = { itemNo: `${kind}${n}`, itemName: name, gname: name };
        return { ...element.list[0], ...names, gnum: n + 1 };
      }),
    });
    const normalize = vi.spyOn(String.prototype, "normalize");
    const order = many(documents.order, "order");
    const post = taken({ ...documents, order, manifest: many(documents.manifest, "own") });
    const calls = normalize.mock.contexts.filter((text) => /^[一-龥]{2}$/.test(String(text)));
    normalize.mockRestore();
    expect(post.recordOf(waybill).reasons[0]?.params?.["differs"]).not.toMatch(/goods/);
    expect(calls.length).toBeGreaterThanOrEqual(total);
    expect(calls.length).toBeLessThanOrEqual(4 * total);
  });

  test("goods that were ordered and are not declared", () => {
    const documents = documentsOf(waybill);
    const [row] = documents.order.list;
    const order = {
      ...documents.order,
      list: [row!, { ...row!, gnum: 2, itemNo: "N9", itemName: "手机", totalPrice: "0" }],
    };
    const post = taken({ ...documents, order });
    expect(post.recordOf(waybill).reasons[0]?.params).toMatchObject({ differs: "goods,quantity" });
  });
});

describe("customs refuses a document beside the manifest", () => {
  const refusals = {
    order: (each: ParcelDocuments, status: number, minute = 5) =>
      orderReturn(each.order, { status, at: later(minute) }, entropy),
    receipt: (each: ParcelDocuments, status: number, minute = 5) =>
      receiptReturn(each.receipt, { status, at: later(minute) }, entropy),
    waybill: (each: ParcelDocuments, status: number, minute = 5) =>
      waybillReturn(each.waybill, { status, at: later(minute) }, entropy),
  };

  describe.each(Object.entries(refusals))("%s", (kind, answer) => {
    test.each([100, 4, -301001])("case customs/14: %i makes it missing", (status) => {
      const documents = documentsOf(waybill);
      const post = new CustomsPost().take(documents);
      expect(post.send(answer(documents, status))).toMatchObject({
        accepted: true,
      });
      const [reason] = post.recordOf(waybill).reasons;
      const params = { missing: kind, refused: kind, status: String(status) };
      expect(reason).toMatchObject({ code: "comparisonPending", params });
      expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
    });

    test("the answer may come before the document", () => {
      const documents = documentsOf(waybill);
      const post = new CustomsPost();
      post.send(answer(documents, 100));
      post.take(documents);
      expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
    });

    test("customs' newer acceptance ends it, an older one does not, and an error changes nothing", () => {
      const documents = documentsOf(waybill);
      const post = new CustomsPost().take(documents);
      const say = (status: number, minute: number) => post.send(answer(documents, status, minute));
      say(100, 5);
      say(120, 4);
      expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
      say(120, 6);
      expect(post.codesOf(waybill)).toEqual([]);
      say(-301010, 7);
      expect(post.codesOf(waybill)).toEqual([]);
    });

    test("that the e-port could not send it (4) takes back nothing that customs says", () => {
      const documents = documentsOf(waybill);
      const words = [
        [4, 3],
        [120, 5],
        [4, 7],
      ] as const;
      for (const isFirst of [true, false]) {
        const post = new CustomsPost();
        if (!isFirst) post.take(documents);
        for (const [status, minute] of words) post.send(answer(documents, status, minute));
        if (isFirst) post.take(documents);
        expect(post.codesOf(waybill)).toEqual([]);
        post.send(answer(documents, 100, 8));
        post.send(answer(documents, 4, 9));
        expect(post.recordOf(waybill).reasons[0]).toMatchObject({ params: { status: "100" } });
        expect(post.restarted().recordOf(waybill)).toEqual(post.recordOf(waybill));
      }
    });

    test("that it is on its way (1 to 3) refuses nothing", () => {
      const documents = documentsOf(waybill);
      const post = new CustomsPost().take(documents);
      for (const status of [1, 2, 3]) {
        post.send(answer(documents, status));
      }
      expect(post.codesOf(waybill)).toEqual([]);
    });

    test("an answer that cannot be read whole is doubt until one can", () => {
      const documents = documentsOf(waybill);
      const post = new CustomsPost().take(documents);
      const xml = xmlOf(answer(documents, 120));
      post.post(xml.replace(/<ceb:returnTime>\d+/, "<ceb:returnTime>x"));
      expect(post.recordOf(waybill).reasons[0]).toMatchObject({
        code: "comparisonPending",
        params: { missing: kind, unread: kind },
      });
      post.send(answer(documents, 120));
      expect(post.codesOf(waybill)).toEqual([]);
    });
  });

  test("in words, in both languages", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(refusals.order(documents, 100));
    expect(sentences(post)).toEqual([
      "the comparison of its three documents is not finished (missing: the order); customs refused the order (status 100 Returned): “海关退单”",
      "三单比对尚未完成（缺 订单）；海关退回订单（状态 100 海关退单）：“海关退单”",
    ]);
  });

  test("a refused order may be filed anew, and counts when customs takes it", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(refusals.order(documents, 100, 5));
    const again = withHead(documents.order, { appTime: "20261102101000" });
    expect(post.send(again)).toMatchObject({ accepted: true, code: null });
    expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
    post.clock.runFor(12 * minuteMs);
    post.send(refusals.order(documents, 120, 12));
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("a refusal of another payment of the order is not of this one", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    post.send(withHead(refusals.receipt(documents, 100), { payNo: "SECOND" }));
    expect(post.codesOf(waybill)).toEqual([]);
    post.send(withHead(refusals.receipt(documents, 100), { payNo: null }));
    expect(post.codesOf(waybill)).toEqual(["comparisonPending"]);
  });
});

describe("one parcel is one parcel", () => {
  const drawing = testConfig({ parameters: [testParameters({ inspectionRate: 0.5 })] });

  test("case customs/06: a second receipt of money returns nothing; declared anew, the draw stays", () => {
    for (let number = 1_000; number < 1_012; number += 1) {
      const name = `CD${number}`;
      const documents = documentsOf(name);
      const post = new CustomsPost(drawing).take(documents);
      const isDrawn = post.codesOf(name).includes("randomControl");
      const second = withHead(documents.receipt, { guid: guidOf(1), payNo: "SECOND" });
      expect(post.send(second)).toMatchObject({ accepted: false, code: "duplicateReceipt" });
      expect(post.codesOf(name)).toEqual(isDrawn ? ["randomControl"] : []);
      // Only customs ends it now, and a new manifest with new numbers follows.
      post.send(said(documents, 100));
      const head = {
        guid: guidOf(number),
        copNo: "ANEW",
        orderNo: "ORDERB",
        appTime: "20261102100500",
      };
      post.send(withHead(documents.order, { guid: guidOf(3), orderNo: "ORDERB" }));
      post.send(withHead(documents.receipt, { guid: guidOf(4), orderNo: "ORDERB" }));
      expect(post.send(withHead(documents.manifest, head))).toMatchObject({ accepted: true });
      expect(post.codesOf(name)).toEqual(isDrawn ? ["randomControl"] : []);
    }
  });

  test.each([
    " ra000000012cn ",
    "RA-000000012-CN",
    "RA 000 000 012 CN",
    "RA/000.000.012/cn",
    "-RA000000012CN-",
  ])("case customs/12: %j is RA000000012CN, and its manifest is refused by name", (logisticsNo) => {
    const documents = documentsOf("RA000000012CN");
    const post = new CustomsPost();
    expect(post.send(documents.manifest)).toMatchObject({ accepted: true });
    const other = {
      guid: guidOf(5),
      copNo: "OTHER",
      orderNo: "OTHER",
      logisticsNo,
    };
    expect(post.send(withHead(documents.manifest, other))).toMatchObject({
      accepted: false,
      code: "waybillHasManifest",
      field: "logisticsNo",
      reason: expect.stringContaining("RA000000012CN") as string,
    });
    expect(post.desk.recordsTotal()).toBe(1);
    // What else speaks of the parcel may spell it so, too.
    post.send(documents.order);
    post.send(documents.receipt);
    post.send(withHead(documents.waybill, { logisticsNo }));
    const { input } = post.inputs.at(-1)!;
    const acceptance = { ...documents.acceptance, waybill: logisticsNo };
    const read = zDeskInput.parse({ kind: "acceptance", at: input.at, acceptance });
    post.desk.apply(read);
    expect(post.codesOf("RA000000012CN")).toEqual([]);
    // A control finds it, and so does customs' answer about the waybill.
    const by = { kind: "person", role: "officer", name: "O1", station: "S1" };
    const control = { controlId: "C1", waybill: logisticsNo, reason: "risk", by };
    post.desk.apply(zDeskInput.parse({ kind: "control", at: input.at, control }));
    expect(post.codesOf("RA000000012CN")).toEqual(["manualControl"]);
    const answer = waybillReturn(documents.waybill, { status: 100, at: later(5) }, entropy);
    post.send(withHead(answer, { logisticsNo }));
    expect(post.codesOf("RA000000012CN")).toContain("comparisonPending");
  });

  test("a waybill with separators keeps them in what was sent", () => {
    const documents = documentsOf("RA000000012CN");
    const post = new CustomsPost();
    const sent = withHead(documents.manifest, { logisticsNo: "RA-000000012-CN" });
    expect(post.send(sent)).toMatchObject({ accepted: true });
    expect(post.desk.isKnown("RA000000012CN")).toBe(true);
    const { input } = post.inputs.at(-1)!;
    expect(JSON.stringify(input)).toContain("RA-000000012-CN");
  });

  test("a full-width waybill is refused by name", () => {
    const xml = xmlOf(documentsOf("RA000000012CN").manifest);
    const wide = xml.replace("<ceb:logisticsNo>RA", "<ceb:logisticsNo>ＲＡ");
    expect(new CustomsPost().post(wide)).toMatchObject({ code: "formWrong", accepted: false });
  });

  test("case customs/12: a number that one carrier has is no other carrier's", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost().take(documents);
    const other = { guid: guidOf(6), copNo: "OTHER", orderNo: "OTHER", logisticsCode: "OTHER1" };
    expect(post.send(withHead(documents.manifest, other))).toMatchObject({
      accepted: false,
      code: "waybillOfOtherCarrier",
      field: "logisticsNo",
    });
    expect(post.codesOf(waybill)).toEqual([]);
  });

  test("case customs/13: the same receipt waits once, whatever guid it comes under", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost();
    const receipt = said(documents, 120);
    expect(post.send(receipt)).toMatchObject({ accepted: true, code: "parked" });
    expect(post.send(receipt)).toMatchObject({ accepted: true, code: "repeated" });
    const again = withHead(receipt, { guid: guidOf(7) });
    expect(post.send(again)).toMatchObject({ accepted: true, code: "repeated" });
    expect(post.send(said(documents, 120, 2))).toMatchObject({ code: "parked" });
    expect(post.desk.counters()["receiptsParked"]).toBe(2);
  });

  test("receipts for one manifest have a bound of their own", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost();
    for (let minute = 1; minute <= 50; minute += 1) post.send(said(documents, 120, minute));
    expect(post.send(said(documents, 120, 51))).toMatchObject({ code: "storeFull" });
  });
});

describe("envelopes of the exchange", () => {
  const terminal = (): string => wrapMessage(xmlOf(documentsOf(waybill).manifest), envelopeInfo);
  const node = (inside: string): string =>
    `<DxpMsgSv xmlns="http://www.chinaport.gov.cn/dxp" ver="1.0"><SvNo><MsgId>1</MsgId></SvNo>${inside}</DxpMsgSv>`;
  const bare = (xml: string): string => xml.replace(/^<\?xml.*?\?>\s*/, "");

  test("case customs/11: a transport node's envelope is unwrapped", () => {
    const post = new CustomsPost();
    expect(post.post(node(bare(terminal())))).toMatchObject({ accepted: true });
    expect(post.desk.isKnown(waybill)).toBe(true);
  });

  test.each([
    ["without a terminal envelope", ""],
    ["with two", bare(terminal()).repeat(2)],
  ])("case customs/11: one %s is refused by its name", (_, inside) => {
    expect(new CustomsPost().post(node(inside))).toMatchObject({
      code: "envelopeBroken",
      field: "DxpMsgSv.DxpMsg",
      message: expect.stringContaining("transport-node envelope (DxpMsgSv)") as string,
    });
  });

  test("another element of the exchange is refused by its name", () => {
    const xml = node("").replaceAll("DxpMsgSv", "DxpErr");
    expect(new CustomsPost().post(xml)).toMatchObject({ code: "envelopeBroken", field: "DxpErr" });
  });
});

describe("law 18: every sender is journalled as itself", () => {
  test("an enterprise by its code and its place at the exchange", () => {
    const post = new CustomsPost();
    post.send(documentsOf(waybill).order);
    expect(post.inputs[0]?.by).toEqual({
      kind: "sender",
      role: "sender",
      name: "3205940001",
      station: "DXPENT0000000001",
    });
  });

  test("in an envelope, by the place that sends the envelope", () => {
    const documents = documentsOf(waybill);
    const post = new CustomsPost();
    post.post(wrapMessage(xmlOf(documents.manifest), envelopeInfo));
    post.post(wrapMessage(xmlOf(said(documents, 800)), envelopeInfo));
    expect(post.inputs.map(({ by }) => [by.name, by.station])).toEqual([
      ["3205940001", "DXPENT0000000009"],
      ["DXPENT0000000009", "DXPENT0000000009"],
    ]);
  });

  test("customs' own receipts name nobody, so whoever brings them signs", () => {
    const post = new CustomsPost();
    post.send(said(documentsOf(waybill), 800));
    expect(post.inputs[0]?.by).toMatchObject({ name: "customs", station: "http" });
  });
});
