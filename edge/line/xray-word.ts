import type { XraySignal } from "../../protocols/xray/signals.ts";
import { confuseTunnel, outOfTunnelAtCount } from "./imaging.ts";
import { raise, type Turn } from "./turn.ts";

const unbound = { code: "imageUnbound" } as const;

/**
 * The word of a machine that sends no images. It speaks against a pass, and never for it: what law 1
 * asks for is an image, so a pass whose papers ask for the machine is opened whatever the word is. That
 * it is clear spares a pass no more than the doubt that comes with any other word, and with none.
 */
export function takeSignal(turn: Turn, signal: XraySignal): void {
  const { state, config, event } = turn;
  const { itemSequence, verdict } = signal;
  if (config.layout.xray === null) return;
  const pass = signal.passId === null ? undefined : state.byId.get(signal.passId);
  if (pass === undefined) {
    // It may be on any that the machine was told of, also on one that has left the tunnel.
    if (verdict === "suspect") {
      for (const each of state.passes) if (each.isAnnounced) raise(turn, each, unbound);
    }
    return confuseTunnel(turn, "verdictElsewhere");
  }
  // However late it is, and whatever else is wrong with it.
  if (verdict === "suspect") raise(turn, pass, { code: "suspectImage" });
  if (verdict === "unknown") raise(turn, pass, { code: "verdictUnknown" });
  const isLate = pass.hasLeftTunnel || event.count >= outOfTunnelAtCount(pass, config);
  const isContradicted =
    pass.signal !== null && pass.signal !== verdict && [pass.signal, verdict].includes("clear");
  if (isLate || isContradicted || pass.item?.itemSequence !== itemSequence) {
    raise(turn, pass, unbound);
    return confuseTunnel(turn, "verdictElsewhere");
  }
  pass.signal = verdict;
}
