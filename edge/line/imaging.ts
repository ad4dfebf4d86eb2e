import type { XrayItem } from "../../protocols/xray/xray.ts";
import type { OfficerVerdict } from "../../protocols/verdicts.ts";
import { beltCount } from "../../protocols/units.ts";
import { countsIn, countsOf, oncePerLine, type ImageBinding, type LineConfig } from "./config.ts";
import type { LineEventBody } from "./events.ts";
import type { Pass } from "./state.ts";
import {
  clearAtCount,
  assumedLengthMm,
  countAt,
  fitsLength,
  frontMm,
  isDue,
  isExpectedAt,
  isOverdue,
  isSurelyStanding,
  raise,
  rearMm,
  type Turn,
} from "./turn.ts";

/**
 * Whose image is it (law 9). We announce a pass with the window of counts in which its
 * front will enter the tunnel; the X-ray answers with that pass, its own item number, the count
 * and the length it saw. All must agree, else nothing in the tunnel has a sure image until the
 * tunnel is empty or, where the length alone binds an image, until a person has seen to the machine.
 */
export function announceDue(turn: Turn): void {
  const { state, config, event } = turn;
  const { xray } = config.layout;
  if (xray === null || !isDue(turn)) return;
  const announceAtCount = announceAtCountOf(config);
  for (const pass of state.passes) {
    if (event.count < announceAtCount(pass)) continue;
    pass.isAnnounced = true;
    const entryCount = countAt(pass, xray.fromMm, config);
    turn.commands.push({
      kind: "announce",
      announcement: {
        passId: pass.passId,
        entryFromCount: beltCount(entryCount - countsOf(config.tracking.earlyMm, config)),
        entryToCount: beltCount(entryCount + countsOf(config.tracking.lateMm, config)),
        lengthMm: Math.max(1, assumedLengthMm(pass, config)),
      },
    });
  }
}

/** Who is out of the tunnel without its image makes the others' doubtful, until it is empty. */
export function watchTunnel(turn: Turn): void {
  const { state, config } = turn;
  if (config.layout.xray === null) return;
  if (isOverdue(turn)) {
    for (const pass of state.passes) {
      if (state.belt.reportedCount >= outOfTunnelAtCount(pass, config)) leaveTunnel(turn, pass);
    }
  }
  calmTunnel(turn);
}

function leaveTunnel(turn: Turn, pass: Pass): void {
  pass.hasLeftTunnel = true;
  const hasImages = turn.config.layout.xray?.hasImages !== false;
  const lacksWord = !hasImages && pass.signal === null;
  if (lacksWord) raise(turn, pass, { code: "verdictMissing", params: { by: "algorithm" } });
  if (pass.item === null) confuseTunnel(turn, "itemMissing");
  else if (lacksWord) confuseTunnel(turn, "verdictMissing");
  else if (hasImages && pass.imageHash === null && pass.lostImageHash === null) {
    confuseTunnel(turn, "imageMissing");
  }
}

/**
 * A second of belt before the tunnel: time for the announcement to be journalled and sent. To a machine
 * that knows no counts it comes only when the one before has entered.
 */
export const announceAtCountOf = oncePerLine((config) => {
  const { xray } = config.layout;
  // Never on a line without a machine.
  const afterCounts =
    xray === null
      ? Number.POSITIVE_INFINITY
      : countsOf(xray.fromMm, config) -
        (xray.entryByEye === undefined
          ? countsIn(1_000, config)
          : countsOf(xray.entryByEye.announceMm, config));
  return (pass: Pass): number =>
    pass.isAnnounced ? Number.POSITIVE_INFINITY : pass.frontCount + afterCounts;
});

export const outOfTunnelAtCount = (pass: Pass, config: LineConfig): number =>
  config.layout.xray === null || pass.hasLeftTunnel
    ? Number.POSITIVE_INFINITY
    : clearAtCount(pass, config.layout.xray.toMm, config) +
      countsIn(config.tracking.eventLateMs, config);

export function takeItem(turn: Turn, item: XrayItem): void {
  const { state, config } = turn;
  if (config.layout.xray === null) return;
  const last = state.tunnel.lastItemSequence;
  state.tunnel.lastItemSequence = item.itemSequence;
  if (last !== null && item.itemSequence !== last + 1) confuseTunnel(turn, "itemSequenceGap");
  const pass = item.passId === null ? undefined : state.byId.get(item.passId);
  if (pass === undefined) return confuseTunnel(turn, "itemUnexpected");
  const why = disagreementOf(turn, pass, item);
  if (why !== null) confuseTunnel(turn, why);
  else pass.item = { itemSequence: item.itemSequence };
  if (state.tunnel.isConfused) raise(turn, pass, { code: "imageUnbound" });
}

/** Why this item cannot be the pass it names; null when place and length agree. */
function disagreementOf(turn: Turn, pass: Pass, item: XrayItem): string | null {
  const { config } = turn;
  const { xray } = config.layout;
  if (xray === null) return "itemUnexpected";
  if (pass.item !== null) return "itemTwice";
  const hasEntered =
    item.entryCount === undefined
      ? hasJustEntered(turn, pass)
      : isExpectedAt(pass, xray.fromMm, item.entryCount, config);
  if (!hasEntered) return "itemOutsideWindow";
  return fitsLength(pass, item.lengthMm, config) ? null : "itemLengthDiffers";
}

/**
 * Of an item without a count: the sorter's eye at the entry has seen this pass, and its rear has passed
 * there just now. A machine that is one item behind tells each at the time of the next. Where items
 * come with their pictures, the pass has to be the only one in the tunnel whose picture can come now: a
 * machine that is one behind leaves the first of them without one, which is seen as that leaves or as
 * the next could be shown; and one that is a picture ahead, because it has lost one and gives the
 * numbers out in their order, shows the next while this one still waits.
 */
function hasJustEntered(turn: Turn, pass: Pass): boolean {
  const { config, event, state } = turn;
  const { xray, trackingEyes } = config.layout;
  if (xray?.entryByEye === undefined || pass.lengthMm === null) return false;
  const eye = trackingEyes.findIndex(({ atMm }) => atMm === xray.fromMm);
  if (eye === -1 || pass.nextEye <= eye) return false;
  const { earlyMm, lateMm, eventLateMs } = config.tracking;
  const offCounts = event.count - clearAtCount(pass, xray.fromMm, config);
  if (offCounts < -countsOf(earlyMm, config)) return false;
  if (xray.entryByEye.itemIsTold === "withPicture") {
    const shown = state.passes.filter((each) => each.item === null && mayBeShown(turn, each));
    return (
      shown.length === 1 && shown[0] === pass && event.count < outOfTunnelAtCount(pass, config)
    );
  }
  return offCounts <= countsOf(lateMm, config) + countsIn(eventLateMs, config);
}

/**
 * Whether a picture that is told now may be this pass's, as far as can be known: it may be further on
 * than was tracked, as short as nothing where nobody has measured it, and the count that was reported
 * last may be old.
 */
function mayBeShown({ config, event }: Turn, pass: Pass): boolean {
  const { xray } = config.layout;
  if (xray?.entryByEye === undefined || pass.hasLeftTunnel) return false;
  const { pictureFromMm = 0 } = xray.entryByEye;
  const { earlyMm, eventLateMs } = config.tracking;
  const fromMm = xray.fromMm + (pass.lengthMm ?? 0) + pictureFromMm - earlyMm;
  return event.count >= countAt(pass, fromMm, config) - countsIn(eventLateMs, config);
}

type XrayImageEvent = Extract<LineEventBody, { kind: "xrayImage" | "xrayImageLost" }>;

/** A detector that hangs shows one picture for everything: so many are remembered. */
const recentPicturesMax = 64;

/**
 * An image that was lost is looked at like any other: it says as well whether the machine is in
 * order. Only its pass has none.
 */
export function takeImage(turn: Turn, image: XrayImageEvent): void {
  const { passId, itemSequence, imageHash, pictureHash } = image;
  const { xray } = turn.config.layout;
  if (xray === null) return;
  const pass = passId === null ? undefined : turn.state.byId.get(passId);
  // The very same message once more, header and all, as wires repeat them.
  if (pass !== undefined && [pass.imageHash, pass.lostImageHash].includes(imageHash)) return;
  const isRepeated = !rememberNew(turn, pictureHash);
  // Of an unannounced item, or of a pass that has ended: an image never crosses passes.
  if (pass === undefined) return oweImages(turn, "imageElsewhere");
  // Once the parcel is out of the tunnel, this may be the picture of the one behind it.
  const isLate = pass.hasLeftTunnel || turn.event.count >= outOfTunnelAtCount(pass, turn.config);
  const isOthers =
    pass.item?.itemSequence !== itemSequence || !agreesWithItem(turn, pass, image, xray.binding);
  if (isLate || isOthers || pass.imageHash !== null) {
    raise(turn, pass, { code: "imageUnbound" });
    return oweImages(turn, "imageElsewhere");
  }
  if (isRepeated) {
    // Whose picture it truly is, and since when there was no other, nobody knows.
    for (const each of turn.state.passes) {
      if (each === pass || each.imageHash !== null) raise(turn, each, { code: "imageUnbound" });
    }
    return confuseTunnel(turn, "pictureRepeated");
  }
  if (image.kind === "xrayImageLost") {
    pass.lostImageHash = imageHash;
    return;
  }
  pass.imageHash = imageHash;
  turn.facts.push({ kind: "imaged", passId: pass.passId, imageHash, itemSequence });
}

/**
 * The image's own word on whose it is (law 16): the machine that pairs the last picture with the
 * present item cannot make the picture's own header say so. Whatever the header has must agree, also
 * what the binding does not ask for.
 */
function agreesWithItem(
  { config }: Turn,
  pass: Pass,
  { entryCount, lengthMm }: Pick<XrayImageEvent, "entryCount" | "lengthMm">,
  { kind }: ImageBinding,
): boolean {
  const { xray } = config.layout;
  if (xray === null) return false;
  if (entryCount !== undefined && !isExpectedAt(pass, xray.fromMm, entryCount, config))
    return false;
  if (lengthMm !== undefined && !fitsLength(pass, lengthMm, config)) return false;
  switch (kind) {
    case "none":
      return false;
    // Its header names the pass, which the machine was told at the entry.
    case "track":
      return true;
    case "header":
      return entryCount !== undefined;
    case "extent":
      return lengthMm !== undefined;
  }
}

/** False for a picture that is remembered already. */
function rememberNew({ state: { tunnel } }: Turn, pictureHash: string): boolean {
  const { recentPictures } = tunnel;
  if (recentPictures.has(pictureHash)) return false;
  recentPictures.add(pictureHash);
  const [oldest] = recentPictures;
  if (recentPictures.size > recentPicturesMax && oldest !== undefined) {
    recentPictures.delete(oldest);
  }
  return true;
}

/**
 * An officer's answer adds reasons until the diverter has moved; it discharges the image's
 * reasons only while a commit point still lies ahead, and never those of another kind.
 */
export function takeOfficerVerdict(turn: Turn, verdict: OfficerVerdict): void {
  const pass = turn.state.byId.get(verdict.passId);
  const why = pass === undefined ? "passEnded" : refusalOf(turn, pass, verdict);
  turn.facts.push({
    kind: "officerAnswered",
    passId: verdict.passId,
    imageHash: verdict.imageHash,
    decision: verdict.decision,
    officer: verdict.officer,
    applied: why === null,
    why,
  });
  if (pass === undefined) return;
  if (why !== null) {
    // What an officer has seen against some image that came with this pass is not forgotten.
    if (why === "imageChanged" && verdict.decision !== "release") {
      raise(turn, pass, { code: "imageUnbound" });
    }
    return;
  }
  pass.officer = {
    imageHash: verdict.imageHash,
    decision: verdict.decision,
    officer: verdict.officer,
  };
}

function refusalOf(turn: Turn, pass: Pass, verdict: OfficerVerdict): string | null {
  if (verdict.imageHash !== pass.imageHash) return "imageChanged";
  if (pass.commitment?.state === "fired") return "tooLate";
  const given = pass.officer?.decision;
  if (given === "open" && verdict.decision !== "open") return "reasonStands";
  if (verdict.decision !== "release") return null;
  if (given === "review") return "reasonStands";
  const isDecided = pass.nextCommit >= turn.config.layout.diverters.length;
  return isDecided || pass.commitment !== null ? "tooLate" : null;
}

export function confuseTunnel(turn: Turn, why: string): void {
  const { state, event, config } = turn;
  if (!state.tunnel.isConfused) state.tunnel.why = why;
  state.tunnel.isConfused = true;
  state.tunnel.confusedAtCount = event.count;
  for (const pass of state.passes) {
    if (isAtTunnel(pass, event.count, config)) raise(turn, pass, { code: "imageUnbound" });
  }
}

function calmTunnel(turn: Turn): void {
  const { state, config, event } = turn;
  const { xray } = config.layout;
  if (!state.tunnel.isConfused || xray === null) return;
  const goneMm = xray.toMm + config.tracking.lateMm;
  // By when it leaves, and not by when it was seen last: how often events come is not ours to say.
  const goneAtCounts = state.passes
    .filter((pass) => isAtTunnel(pass, event.count, config))
    .map((pass) => clearAtCount(pass, goneMm, config));
  if (goneAtCounts.length > 0) {
    state.tunnel.confusedAtCount = beltCount(Math.max(...goneAtCounts));
  } else if (event.count >= calmAtCount(turn)) {
    beSure(turn);
  }
}

function beSure({ state: { tunnel } }: Turn): void {
  tunnel.isConfused = false;
  tunnel.lastItemSequence = null;
}

/**
 * An image of which only the length agrees cannot show whether the machine is one picture behind:
 * boxes of one length are many, and what the machine still holds comes out at the next one, however
 * long the tunnel was empty. So it owes from the start and after each sign of disorder, until a
 * person has emptied the machine of its pictures.
 */
export function oweImages(turn: Turn, why: string): void {
  if (turn.config.layout.xray?.binding.kind === "extent") confuseTunnel(turn, why);
}

/** A person has seen to the machine: on a belt that stands, with nothing in the tunnel. */
export function payImagesByHand(turn: Turn): void {
  const { state, config, event } = turn;
  const { xray } = config.layout;
  if (xray?.binding.kind !== "extent" || !state.tunnel.isConfused) return;
  if (!isSurelyStanding(state.belt)) return;
  if (state.passes.some((pass) => isAtTunnel(pass, event.count, config))) return;
  beSure(turn);
  turn.facts.push({ kind: "readerProved", deviceId: xray.deviceId, by: "hand" });
}

/**
 * When the tunnel is surely empty if no pass enters it: it has run through once. Never where an
 * empty tunnel says nothing of the pictures that the machine still holds.
 */
export function calmAtCount({ state, config }: Pick<Turn, "state" | "config">): number {
  const { xray } = config.layout;
  if (!state.tunnel.isConfused || xray === null) return Number.POSITIVE_INFINITY;
  if (xray.binding.kind === "extent") return Number.POSITIVE_INFINITY;
  return state.tunnel.confusedAtCount + countsOf(xray.toMm - xray.fromMm, config);
}

/**
 * A pass that ends before it has left the tunnel, by a chute, lost at the eye behind it or at the one
 * before, which may not have seen it enter: it is missed by its picture as one is that leaves it.
 */
export function missPicture(turn: Turn, pass: Pass): void {
  const { xray } = turn.config.layout;
  if (xray?.entryByEye?.itemIsTold !== "withPicture" || pass.hasLeftTunnel) return;
  if (pass.isAnnounced) leaveTunnel(turn, pass);
}

/** In the tunnel, or near enough to be taken for something in it. */
function isAtTunnel(pass: Pass, count: number, config: LineConfig): boolean {
  const { xray } = config.layout;
  if (xray === null) return false;
  const { earlyMm, lateMm } = config.tracking;
  return (
    frontMm(pass, count, config) >= xray.fromMm - earlyMm &&
    rearMm(pass, count, config) <= xray.toMm + lateMm
  );
}
