import { z } from "zod";
import { encodeSorterMessage } from "../../../protocols/sorter/sorter-json.ts";
import type { SorterCommand } from "../../../protocols/sorter/sorter.ts";
import { speak, type Dialect } from "../dialect.ts";
import type { Carriers } from "../wires/carriers.ts";
import { createTopicWire, type TopicMessage, type TopicMessageOut } from "../wires/topic-wire.ts";
import { counterSetting } from "../counter.ts";
import { sorterHeardOf, type SorterHeard } from "./heard.ts";

export const zSorterJsonDialect = z.strictObject({
  kind: z
    .literal("sortline-json")
    .describe(
      "Our own messages as JSON, over MQTT: events come on one topic, commands go on another.",
    ),
  ...counterSetting,
});

/** Events on `{base}/event`, commands on `{base}/command` (`protocols/sorter/sorter.ts`). */
const dialect: Dialect<TopicMessage, TopicMessageOut, SorterHeard, SorterCommand> = {
  read: ({ payload }, _at, out) => out.tell(sorterHeardOf(payload)),
  write: (command) => ({
    topic: "command",
    payload: encodeSorterMessage(command),
    qos: command.kind === "life" ? 0 : 1,
  }),
};

export const sorterJsonCarriers = {
  messages: ({ bus, base }, clock) => speak(dialect, createTopicWire(bus, base, ["event"]), clock),
} satisfies Carriers<SorterHeard, SorterCommand>;
