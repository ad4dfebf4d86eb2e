import { z } from "zod";
import { createTelegramParser, type TelegramWord } from "../../../protocols/xray/telegram-frame.ts";
import type { XrayAnnounce } from "../../../protocols/xray/xray.ts";
import { monotonicMs, type MonotonicMs } from "../../../protocols/units.ts";
import { speak, type Dialect, type DialectOutlet } from "../dialect.ts";
import { createFrameDialect } from "../frame-dialect.ts";
import { createByteWire } from "../wires/byte-wire.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { XrayHeard } from "./heard.ts";
import { createTelegramExchange } from "./telegram-exchange.ts";
import { createTelegramMeaning } from "./telegram-meaning.ts";

export const zXrayTelegramsDialect = z.strictObject({
  kind: z
    .literal("sortline-telegrams")
    .describe(
      "Our own telegrams: numbered, checked, acknowledged and with life both ways. Over a serial line or TCP; the page of the X-ray machines has them byte by byte.",
    ),
});

/** Between two bytes of a frame there is no pause; a frame that is cut is sent again. */
const interByteTimeoutMs = 100;

export const xrayTelegramCarriers: Carriers<XrayHeard, XrayAnnounce> = {
  bytes: (link, clock) => speak(createDialect(), createByteWire(link), clock),
};

type Outlet = DialectOutlet<XrayHeard, Uint8Array>;

function createDialect(): Dialect<Uint8Array, Uint8Array, XrayHeard, XrayAnnounce> {
  const meaning = createTelegramMeaning();
  const exchange = createTelegramExchange({
    onTelegram: (telegram, out) => meaning.take(telegram, out),
    onSessionEnd: (out) => meaning.cut(out),
  });
  const frames = createFrameDialect<TelegramWord, TelegramWord, never>({
    parser: createTelegramParser(),
    interByteTimeoutMs,
    meaningOf: (word) => word,
    write: (said) => said,
  });
  const taking = (at: MonotonicMs, out: Outlet): DialectOutlet<TelegramWord, Uint8Array> => ({
    tell: (word) => exchange.take(word, at, out),
    answer: (bytes) => out.answer(bytes),
  });

  return {
    begin: (at, out) => exchange.begin(at, out),
    read: (chunk, at, out) => frames.read(chunk, at, taking(at, out)),
    refuses: () => exchange.refuses(),
    write({ passId, entryFromCount, entryToCount, lengthMm }, at) {
      const track = meaning.trackOf(passId);
      const window = { entryFromCount, entryToCount, lengthMm: Math.round(lengthMm) };
      return exchange.send({ kind: "announce", track, ...window }, at);
    },
    unsent: () => exchange.unsent(),
    wakeAt() {
      const cutAt = frames.wakeAt?.() ?? null;
      const dueAt = exchange.wakeAt();
      if (cutAt === null || dueAt === null) return cutAt ?? dueAt;
      return cutAt < dueAt ? cutAt : dueAt;
    },
    wake(at, out) {
      const cutAt = frames.wakeAt?.() ?? null;
      if (cutAt !== null && cutAt <= at) frames.wake?.(at, taking(at, out));
      exchange.wake(at, out);
    },
    lose(out) {
      // The wire is gone: what is told of a frame that it has cut is answered to nobody.
      const unanswering: Outlet = { tell: (heard) => out.tell(heard), answer() {} };
      frames.lose?.(taking(monotonicMs(0), unanswering));
      exchange.lose(unanswering);
    },
  };
}
