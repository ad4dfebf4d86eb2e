import { createHash } from "node:crypto";
import { decodeJson, encodeJson } from "../../../protocols/json-message.ts";
import type { MessageBus } from "../../../protocols/transport.ts";
import { encodeXrayImage } from "../../../protocols/xray/xray-image.ts";
import { zXrayAnnounce } from "../../../protocols/xray/xray.ts";
import type { XrayWire } from "./wire.ts";

const messageBytesMax = 4_096;

/** The dialect over MQTT: JSON by topic, and each image as one message. */
export function createXrayMqttWire(bus: MessageBus, base: string): XrayWire {
  let isOn = true;
  let isClosed = false;
  const publish = (topic: string, payload: Uint8Array): void => {
    if (isOn && !isClosed) bus.publish(`${base}/${topic}`, payload, { qos: 1 });
  };

  return {
    say({ kind, ...message }, isBroken) {
      if (kind === "left") return;
      const json = encodeJson(message);
      publish(kind, firstHalfIf(isBroken, json));
    },
    show({ header, ...planes }, isCut) {
      const bytes = encodeXrayImage(header, planes);
      if (bytes === null) return null;
      publish("image", firstHalfIf(isCut, bytes));
      return createHash("sha256").update(bytes).digest("hex");
    },
    onAnnounce(handler) {
      bus.subscribe(`${base}/announce`, (_topic, payload) => {
        const decoded = decodeJson(zXrayAnnounce, payload, messageBytesMax);
        if (decoded.kind === "ok" && isOn) handler(decoded.value);
      });
    },
    // A broker does not tell who listens.
    onLineLost() {},
    setPower(next) {
      isOn = next;
    },
    restart() {},
    close() {
      isClosed = true;
      return bus.close();
    },
  };
}

const firstHalfIf = (isSo: boolean, bytes: Uint8Array): Uint8Array =>
  isSo ? bytes.subarray(0, bytes.length >> 1) : bytes;
