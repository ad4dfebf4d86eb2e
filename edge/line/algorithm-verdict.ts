import type { XrayVerdict } from "../../protocols/xray/xray.ts";
import { confuseTunnel } from "./imaging.ts";
import type { Pass } from "./state.ts";
import { raise, type Turn } from "./turn.ts";

/**
 * What the machine's algorithm says of an image: an answer on it if pass, item and image agree, else
 * doubt on the pass that it names.
 */
export function takeAlgorithmVerdict(turn: Turn, verdict: XrayVerdict): void {
  const pass = verdict.passId === null ? undefined : turn.state.byId.get(verdict.passId);
  if (verdict.verdict === "suspect") doubtOthers(turn, verdict, pass);
  if (pass === undefined || isClearOfLost(pass, verdict)) return;
  if (
    pass.item?.itemSequence !== verdict.itemSequence ||
    pass.imageHash !== verdict.imageHash ||
    (pass.algorithm !== null && pass.algorithm.verdict !== verdict.verdict)
  ) {
    raise(turn, pass, { code: "imageUnbound" });
    return;
  }
  if (pass.algorithm !== null) return;
  pass.algorithm = { imageHash: verdict.imageHash, verdict: verdict.verdict };
  // Who released the image before could not know of it; a person has to look again.
  if (verdict.verdict === "suspect" && pass.officer?.decision === "release") pass.officer = null;
  turn.facts.push({
    kind: "algorithmAnswered",
    passId: pass.passId,
    imageHash: verdict.imageHash,
    verdict: verdict.verdict,
    boxes: verdict.boxes,
  });
}

/** Nobody can look at the image again, so that it proves nothing; nor does it speak against it. */
const isClearOfLost = (pass: Pass, { itemSequence, verdict }: XrayVerdict): boolean =>
  pass.lostImageHash !== null &&
  pass.imageHash === null &&
  pass.item?.itemSequence === itemSequence &&
  verdict === "clear";

/**
 * What speaks against an image speaks against whoever it is of, also where the verdict names another
 * pass or none (law 2). Of an image that nobody has, under no pass, it may be of anybody that the
 * machine was told of and has not answered for, also of one that has left the tunnel.
 */
function doubtOthers(turn: Turn, { passId, imageHash }: XrayVerdict, named?: Pass): void {
  const { passes } = turn.state;
  const shown = passes.filter((pass) => pass.imageHash === imageHash);
  const isAnybodys = passId === null && shown.length === 0;
  const doubtful = isAnybodys
    ? passes.filter((pass) => pass.isAnnounced && pass.algorithm === null)
    : shown.filter((pass) => pass !== named);
  for (const pass of doubtful) raise(turn, pass, { code: "imageUnbound" });
  if (isAnybodys) confuseTunnel(turn, "itemUnexpected");
}
