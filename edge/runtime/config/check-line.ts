import { checkBindings } from "./check-binding.ts";
import { error, note, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

/**
 * Geometry and time, worked out: what cannot be is an error and the agent does not start; what an
 * officer or an algorithm has time for is told.
 */
export function checkLine(line: LineFile): Finding[] {
  return [
    ...checkEnd(line),
    ...checkOrder(line),
    ...checkEyes(line),
    ...checkChuteEyes(line),
    ...checkExits(line),
    ...checkWindows(line),
    ...checkWeight(line),
    ...checkBindings(line),
    ...checkTimes(line),
    ...checkPace(line),
  ];
}

/** Law 4. */
function checkEnd({ layout }: LineFile): Finding[] {
  if (layout.end.exit !== "green") return [];
  return [
    error(
      "layout.end.exit",
      "a parcel that nothing is commanded for would be released; let the end be inspection or red",
    ),
  ];
}

function checkOrder({ layout, commit, belt, tracking }: LineFile): Finding[] {
  const findings: Finding[] = [];
  const endMm = layout.end.atMm;
  const machines: { key: string; fromMm: number; toMm: number }[] = [
    { key: "layout.scanner.atMm", fromMm: layout.scanner.atMm, toMm: layout.scanner.atMm },
  ];
  if (layout.scale !== null) machines.push({ key: "layout.scale", ...layout.scale });
  if (layout.xray !== null) machines.push({ key: "layout.xray", ...layout.xray });
  const firstCommitMm =
    (layout.diverters[0]?.atMm ?? endMm) - (belt.speedMmPerS * commit.leadMs) / 1_000;
  for (const { key, fromMm, toMm } of machines) {
    if (toMm < fromMm) findings.push(error(key, "it ends before it begins"));
    if (fromMm <= 0) findings.push(error(key, "it must stand behind the induction eye, at 0 mm"));
    if (toMm > endMm) {
      findings.push(error(key, `it would stand outside the belt, which ends at ${endMm} mm`));
    } else if (toMm >= firstCommitMm) {
      findings.push(
        error(
          key,
          `it must stand before the first commit point at ${Math.round(firstCommitMm)} mm, else its word always comes too late`,
        ),
      );
    }
  }
  const { scale, xray } = layout;
  if (scale !== null && xray !== null && scale.fromMm < xray.toMm && scale.toMm > xray.fromMm) {
    findings.push(
      error(
        "layout.scale",
        `it would reach into the X-ray's tunnel, from ${xray.fromMm} to ${xray.toMm} mm`,
      ),
    );
  }
  layout.diverters.forEach((diverter, index) => {
    const key = `layout.diverters.${index}.atMm`;
    const before = layout.diverters[index - 1];
    if (before !== undefined && diverter.atMm <= before.atMm) {
      findings.push(error(key, "diverters stand in belt order"));
    } else if (before !== undefined && diverter.atMm - before.atMm < tracking.lengthMmMin) {
      findings.push(
        error(
          key,
          `it must stand at least tracking.lengthMmMin, ${tracking.lengthMmMin} mm, beyond the diverter before it: between them not even the shortest parcel is turned`,
        ),
      );
    }
    if (diverter.atMm >= endMm)
      findings.push(error(key, "a diverter stands before the belt's end"));
  });
  return findings;
}

function checkEyes({ layout, tracking }: LineFile): Finding[] {
  const findings: Finding[] = [];
  const ids = [
    layout.inductionEyeId,
    ...layout.trackingEyes.map(({ eyeId }) => eyeId),
    ...layout.diverters.map(({ chuteEyeId }) => chuteEyeId),
    layout.end.eyeId,
  ];
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) findings.push(error("layout", `two eyes are called ${twice}`));
  if (layout.trackingEyes.length === 0) {
    findings.push(
      note(
        "layout.trackingEyes",
        "there are none, so from induction on a parcel's place is only reckoned; what slips or is lost shows no sooner than at a chute or at the end",
      ),
    );
  }
  let beforeMm = 0;
  for (const { key, atMm } of eyesOnBelt(layout)) {
    if (atMm <= beforeMm) {
      findings.push(error(key, "eyes stand in belt order, behind the induction eye"));
    } else if (atMm - beforeMm <= tracking.lengthMmMax) {
      findings.push(
        error(key, `eyes stand further apart than the longest parcel, ${tracking.lengthMmMax} mm`),
      );
    }
    beforeMm = atMm;
  }
  return findings;
}

const eyesOnBelt = ({ trackingEyes, end }: LineFile["layout"]): { key: string; atMm: number }[] => [
  ...trackingEyes.map(({ atMm }, index) => ({ key: `layout.trackingEyes.${index}.atMm`, atMm })),
  { key: "layout.end.atMm", atMm: end.atMm },
];

/**
 * A parcel on its way into a chute must be seen there before the next eye on the belt looks for it,
 * else that eye takes another for it, or gives it up for lost.
 */
function checkChuteEyes({ layout, tracking }: LineFile): Finding[] {
  const findings: Finding[] = [];
  const eyes = eyesOnBelt(layout);
  for (const [index, { atMm, chuteTravelMm, chuteEyeId }] of layout.diverters.entries()) {
    if (chuteTravelMm <= 0) {
      findings.push(
        error(
          `layout.diverters.${index}.chuteTravelMm`,
          "it must be more than 0: at its diverter the chute's eye would see every parcel that passes",
        ),
      );
    }
    const next = eyes.find((eye) => eye.atMm > atMm);
    const clearMm = atMm + chuteTravelMm + tracking.lateMm + tracking.earlyMm;
    if (next === undefined || next.atMm > clearMm) continue;
    findings.push(
      error(
        next.key,
        `its window overlaps that of ${chuteEyeId}: it must stand beyond ${clearMm} mm`,
      ),
    );
  }
  return findings;
}

function checkExits({ layout }: LineFile): Finding[] {
  const served = [...layout.diverters.map(({ exit }) => exit), layout.end.exit];
  const findings: Finding[] = [];
  const twice = served.find((exit, index) => served.indexOf(exit) !== index);
  if (twice !== undefined) {
    findings.push(error("layout.diverters", `two ways lead to ${twice}`));
  }
  if (!served.includes("inspection")) {
    findings.push(error("layout.diverters", "doubt needs an exit: none leads to inspection"));
  }
  for (const exit of ["green", "red"] as const) {
    if (!served.includes(exit)) findings.push(note("layout.diverters", `no way leads to ${exit}`));
  }
  return findings;
}

function checkWindows({ tracking, commit, belt, layout }: LineFile): Finding[] {
  const findings: Finding[] = [];
  if (Math.max(tracking.earlyMm, tracking.lateMm) > tracking.gapMmMin / 2) {
    findings.push(
      error(
        "tracking.earlyMm",
        `windows wider than half the gap of ${tracking.gapMmMin} mm would let neighbours be swapped`,
      ),
    );
  }
  if (tracking.earlyMm + tracking.readLateMm >= tracking.gapMmMin) {
    findings.push(
      error(
        "tracking.readLateMm",
        `with earlyMm it reaches over the gap of ${tracking.gapMmMin} mm: a late read would look like the next parcel's`,
      ),
    );
  }
  if (tracking.lengthMmMin >= tracking.lengthMmMax) {
    findings.push(error("tracking.lengthMmMin", "it must be less than lengthMmMax"));
  }
  if (commit.deviceLeadMs >= commit.leadMs) {
    findings.push(error("commit.deviceLeadMs", "it must be less than leadMs"));
  }
  layout.diverters.forEach((diverter, index) => {
    if (diverter.swingMs === 0) {
      findings.push(
        note(
          `layout.diverters.${index}.swingMs`,
          "no diverter swings in no time: with 0 it is told to move when its parcel is there already",
        ),
      );
    }
    const swingMm = (diverter.swingMs * belt.speedMmPerS) / 1_000;
    const leftMm = tracking.gapMmMin - tracking.earlyMm - tracking.lateMm;
    if (swingMm > leftMm) {
      findings.push(
        error(
          `layout.diverters.${index}.swingMs`,
          `the diverter needs ${Math.round(swingMm)} mm to swing, and a gap of ${tracking.gapMmMin} mm less its windows leaves ${leftMm} mm: it would catch the parcel before or behind`,
        ),
      );
    }
  });
  return findings;
}

/** From here on the weight proves next to nothing. */
const tolerancePctWide = 50;

function checkWeight({ rules }: LineFile): Finding[] {
  const tolerancePct = rules.weight?.tolerancePct ?? 0;
  if (tolerancePct < tolerancePctWide) return [];
  return [
    note(
      "rules.weight.tolerancePct",
      `with ${tolerancePct} % more or less than declared, what a parcel may weigh says little about what is in it`,
    ),
  ];
}

/** Of many an ordinary parcel. */
const commonLengthMm = 400;

/** What the belt can carry at most; real gaps differ, so that a line does a fifth less. */
function checkPace({ belt, tracking }: LineFile): Finding[] {
  const { gapMmMin, lengthMmMax } = tracking;
  const pace = (lengthMm: number): number => parcelsPerHour(belt.speedMmPerS, lengthMm, gapMmMin);
  return [
    note(
      "belt.speedMmPerS",
      `at most ${pace(commonLengthMm)} parcels of ${commonLengthMm} mm pass in an hour, ${gapMmMin} mm apart, or ${pace(lengthMmMax)} of ${lengthMmMax} mm`,
    ),
  ];
}

/** Whole parcels, each with its gap. Millimetres, and millimetres a second. */
export const parcelsPerHour = (speedMmPerS: number, lengthMm: number, gapMm: number): number =>
  Math.round((3_600 * speedMmPerS) / (lengthMm + gapMm));

/**
 * Below this nobody compares an image with its manifest. X-ray consoles beside running belts leave
 * their operators 1 to 10 s, and staffing is planned with 8 s an image: half of that.
 */
const officerSMin = 4;

/** How long each verdict has, at the belt's nominal speed. */
function checkTimes(line: LineFile): Finding[] {
  const { layout } = line;
  if (layout.xray === null) {
    return [note("layout.xray", "without an X-ray, whatever needs machine inspection is opened")];
  }
  const { xray, scanner, diverters } = layout;
  const findings: Finding[] = [];
  if (scanner.atMm >= xray.fromMm && scanner.atMm <= xray.toMm) {
    findings.push(error("layout.scanner.atMm", "it would stand inside the X-ray's tunnel"));
  } else if (scanner.atMm > xray.toMm) {
    findings.push(
      note(
        "layout.scanner.atMm",
        "it stands behind the X-ray: officers see an image without its manifest until the label is read, and verdict times count from there",
      ),
    );
  }
  const knownMm = Math.max(xray.toMm, scanner.atMm);
  for (const diverter of diverters) {
    if (diverter.exit === "inspection") continue;
    findings.push(checkVerdictTime(line, diverter.exit, secondsToCommit(line, diverter, knownMm)));
  }
  return findings;
}

/**
 * Without the verdict that the rules demand a parcel is in doubt (law 2), so it must be able
 * to come before the commit point of red as well as of green.
 */
function checkVerdictTime(line: LineFile, exit: "green" | "red", leftS: number): Finding {
  const by = line.rules.imageVerdictBy;
  if (leftS <= 0) {
    return error(
      "layout.xray.toMm",
      `a long parcel's verdict would come ${(-leftS).toFixed(1)} s after the ${exit} divert is committed, so none could go there`,
    );
  }
  const left = `${leftS.toFixed(1)} s before the ${exit} divert`;
  const isEnough = leftS >= officerSMin;
  if (by !== "algorithm" && !isEnough) {
    return error(
      "rules.imageVerdictBy",
      `officers would get ${left}; nobody compares an image in less than ${officerSMin} s, so nothing would go there`,
    );
  }
  const whose = by === "algorithm" ? "an algorithm has, and officers get," : "officers get";
  return note(
    "layout.xray.toMm",
    isEnough
      ? `${whose} ${left}, counted for the longest parcel`
      : `${whose} ${left}: officers take ${officerSMin} s, so they can add reasons but never send a parcel there`,
  );
}

/** From when the longest parcel's rear has passed `knownMm` until its diverter is committed. */
function secondsToCommit(
  { belt, commit, tracking }: LineFile,
  diverter: { readonly atMm: number; readonly swingMs: number },
  knownMm: number,
): number {
  const commitMm =
    diverter.atMm -
    tracking.earlyMm -
    ((diverter.swingMs + commit.leadMs) * belt.speedMmPerS) / 1_000;
  return (commitMm - knownMm - tracking.lengthMmMax) / belt.speedMmPerS;
}
