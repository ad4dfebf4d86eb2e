import { createHash } from "node:crypto";
import type { MessageBus } from "../../protocols/transport.ts";
import type { Truth } from "./truth.ts";

/** Stands between the X-ray and its bus, and tells the truth what the machine says. */
export function hearXray(bus: MessageBus, base: string, truth: Truth): MessageBus {
  const decoder = new TextDecoder();

  const hearVerdict = (payload: Uint8Array): void => {
    let said: { imageHash?: unknown; verdict?: unknown };
    try {
      said = JSON.parse(decoder.decode(payload)) as typeof said;
    } catch {
      // A machine may say broken things; nobody can take them for a verdict.
      return;
    }
    const { imageHash, verdict } = said;
    if (typeof imageHash === "string" && typeof verdict === "string") {
      truth.onVerdict(imageHash, verdict);
    }
  };

  return {
    ...bus,
    publish: (topic, payload, options) => {
      if (topic === `${base}/image`) {
        truth.onImage(createHash("sha256").update(payload).digest("hex"));
      } else if (topic === `${base}/verdict`) {
        hearVerdict(payload);
      }
      return bus.publish(topic, payload, options);
    },
  };
}
