import { z } from "zod";
import { speak, unreadable, type Dialect } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import type { HttpAsk, HttpNews } from "../wires/http-wire.ts";
import type { CameraHeard, StillWanted } from "./heard.ts";
import { whyNoStill } from "./still-file.ts";

export const zSnapshotDialect = z.strictObject({
  kind: z
    .literal("snapshot")
    .describe("A camera that answers a request with what it sees now, as JPEG or PNG."),
});

export const snapshotCarriers: Carriers<CameraHeard, StillWanted> = {
  requests: (http, clock) => speak(createSnapshotDialect(), http, clock),
};

function createSnapshotDialect(): Dialect<HttpNews, HttpAsk, CameraHeard, StillWanted> {
  return {
    write: ({ id }) => ({ id }),
    read(news, _at, out) {
      if (news.kind === "unanswered") return out.tell({ kind: "noStill", id: news.id });
      const { id, bytes, contentType } = news;
      const why = whyNoStill(bytes);
      if (why !== null) {
        out.tell(unreadable(contentType === "" ? why : `${why}; it says ${contentType}`));
        if (id !== null) out.tell({ kind: "noStill", id });
      } else out.tell(id === null ? { kind: "alive" } : { kind: "still", id, bytes });
    },
  };
}
