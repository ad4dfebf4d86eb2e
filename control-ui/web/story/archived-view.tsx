import type { JSX } from "preact";
import type { ArchivedCase } from "../../../protocols/ui/http.ts";
import { voice } from "../shell/site.ts";
import { dateText, timeText } from "../shell/time-text.ts";
import { Entry } from "./entry.tsx";

const momentText = (at: number): string => `${dateText(at)} ${timeText(at)}`;

/** What is left of a case that is in the archive: how it ended, when, and where the rest is. */
export function ArchivedSummary({ archived }: { readonly archived: ArchivedCase }): JSX.Element {
  const { say, find } = voice.value;
  const { endedAt, archivedAt, state, pieces, piecesReleased: released } = archived;
  return (
    <div class="manifest" data-archived={archived.waybill}>
      <p role="note">{say("ui", "archivedWhy")}</p>
      <dl class="manifest-facts">
        <Entry name={say("ui", "state")} value={find("manifestState", state) ?? state} />
        <Entry
          name={say("ui", "archivedEnded")}
          value={endedAt === null ? say("ui", "archivedEndedUnknown") : momentText(endedAt)}
          width="two-thirds"
        />
        <Entry
          name={say("ui", "pieces")}
          value={say("ui", "archivedPieces", { released, pieces })}
        />
        <Entry
          name={say("ui", "archivedSince")}
          value={momentText(archivedAt)}
          width="two-thirds"
        />
        <Entry name={say("ui", "carrier")} value={archived.carrierCode} width="half" />
        <Entry name={say("ui", "orderNo")} value={archived.orderNo} width="half" />
        <Entry name={say("ui", "manifestNumber")} value={archived.manifestGuid} width="all" />
        <Entry
          name={say("ui", "archivedWhere")}
          value={say("ui", "archivedFile", { file: archived.archiveFile })}
          width="all"
        />
      </dl>
    </div>
  );
}
