import { mayHoldMore } from "../../../protocols/ceb/salvage.ts";
import type { Clock } from "../../../protocols/time.ts";
import type { RefusedMessage } from "../../../protocols/ui/http.ts";
import type { RefusedMessages } from "../refused-messages.ts";
import { unreadToldMs, type UnreadMessages } from "../unread-messages.ts";
import { customsPath } from "./bodies.ts";

/** What came before a restart is told on, as long as it would have been. */
export async function recallUnread(
  unread: Pick<UnreadMessages, "note">,
  refused: Pick<RefusedMessages, "list" | "read">,
  clock: Pick<Clock, "wall">,
): Promise<void> {
  for (const message of refused.list().toSorted((a, b) => b.lastAt - a.lastAt)) {
    // A calendar that was set back makes nothing older than it is, nor younger than new.
    const agoMs = Math.max(0, clock.wall() - message.lastAt);
    if (agoMs >= unreadToldMs || !(await wasUnread(message, refused))) continue;
    unread.note(message.bytesTotal, agoMs);
    return;
  }
}

/** An earlier version has kept it without saying so: then its bytes have to tell. */
async function wasUnread(
  { id, path, isUnread, bytesTotal, bytesKept }: RefusedMessage,
  refused: Pick<RefusedMessages, "read">,
): Promise<boolean> {
  if (isUnread !== undefined || path !== customsPath) return isUnread ?? false;
  const bytes = bytesKept < bytesTotal ? null : await refused.read(id);
  return bytes === null || mayHoldMore(bytes, 0);
}
