import type { ScaleConfig } from "../../devices/scale/open-scale.ts";
import type { ScannerConfig } from "../../devices/scanner/open-scanner.ts";
import type { ScannerFormat } from "../../../protocols/scanner/format.ts";
import {
  isTrusted,
  type ReaderTrigger,
  type ScannerBinding,
  type TestedBinding,
} from "./binding-file.ts";
import { error, note, type Finding } from "./finding.ts";
import type { LineFile } from "./line-file.ts";

/** What law 16 asks of a line's configuration: bindings that devices can give, and what they cost. */
interface Unmet {
  readonly path: string[];
  readonly message: string;
}

interface Devices {
  readonly scanner: ScannerConfig;
  readonly witness: ScannerConfig | null;
  readonly scale: ScaleConfig | null;
}

/** Bindings that the device's own dialect cannot give, by key. */
export function unmetBindings(layout: LineFile["layout"], devices: Devices): Unmet[] {
  const { scanner, scale } = layout;
  const unmet: Unmet[] = [];
  const refuse = (device: string, message: string): void =>
    void unmet.push({ path: ["devices", device, "dialect"], message });
  const { binding } = scanner;
  for (const message of lacking(binding, devices.scanner)) refuse("scanner", message);
  if (binding.kind === "witness" && devices.witness !== null) {
    for (const message of lacking(binding.reader.binding, devices.witness)) {
      refuse("witness", message);
    }
  }
  for (const message of lackingTrigger(scanner.trigger, devices.scanner)) {
    refuse("scanner", message);
  }
  if (binding.kind === "witness" && devices.witness !== null) {
    for (const message of lackingTrigger(binding.reader.trigger, devices.witness)) {
      refuse("witness", message);
    }
  }
  if (scale?.binding.kind === "track" && devices.scale !== null) {
    const { dialect } = devices.scale;
    const offers = dialect.kind === "frames" ? offersOf(dialect.format) : nothing;
    if (!offers.token) {
      refuse(
        "scale",
        dialect.kind === "frames"
          ? "the binding track needs tokenCommand and a token in proofHead"
          : `the binding track needs a scale that sends a token back, and ${dialect.kind} has no place for one: take none, or a scale that can be set to frames`,
      );
    }
  }
  if (scale !== null && devices.scale !== null && !measures.has(devices.scale.dialect.kind)) {
    const wants = [
      ...(scale.binding.kind === "extent" ? ["the binding extent"] : []),
      ...(scale.lengthToleranceMm === undefined ? [] : ["lengthToleranceMm"]),
    ];
    for (const want of wants) {
      const { kind } = devices.scale.dialect;
      refuse("scale", `${want} needs a scale that measures too, and ${kind} tells no length`);
    }
  }
  return unmet;
}

/** Dialects of scales that tell a length, or may be set up to. */
const measures: ReadonlySet<string> = new Set<ScaleConfig["dialect"]["kind"]>([
  "cubiscan",
  "sick-mda",
  "frames",
]);

interface Offers {
  readonly token: boolean;
  readonly ticks: boolean;
  readonly counter: boolean;
  readonly test: boolean;
}

const nothing: Offers = { token: false, ticks: false, counter: false, test: false };
const everything: Offers = { token: true, ticks: true, counter: true, test: true };

function offersOf({ proofHead, tokenCommand, testCommand }: ScannerFormat): Offers {
  return {
    token: proofHead?.token !== undefined && tokenCommand !== null,
    ticks: proofHead?.ticks !== undefined,
    counter: proofHead?.counter !== undefined,
    test: proofHead?.test !== undefined && testCommand !== null,
  };
}

/** Why a reader of this dialect cannot be triggered by the line, or its trigger not be ended. */
function lackingTrigger(trigger: ReaderTrigger, { dialect }: ScannerConfig): string[] {
  if (trigger === null) return [];
  const isEnded = trigger.offMm !== null;
  switch (dialect.kind) {
    case "frames": {
      const { triggerCommand, triggerOffCommand } = dialect.format;
      return [
        ...(triggerCommand === null ? ["the layout's trigger needs triggerCommand"] : []),
        ...(isEnded && triggerOffCommand === null
          ? ["offMm of the layout's trigger needs triggerOffCommand"]
          : []),
      ];
    }
    case "json-map":
      return [
        ...(dialect.command?.trigger === undefined
          ? ["the layout's trigger needs command.trigger"]
          : []),
        ...(isEnded && dialect.command?.triggerOff === undefined
          ? ["offMm of the layout's trigger needs command.triggerOff"]
          : []),
      ];
    case "autoid":
      return [
        "the layout's trigger has no way to an AutoID reader: let an eye of its own trigger it",
      ];
    case "sortline-json":
    case "zebra-ssi":
      return [];
  }
}

/** What a reader of this dialect is set up to prove, and which keys would set it up to. */
function reachOf(dialect: Exclude<ScannerConfig["dialect"], { kind: "zebra-ssi" | "autoid" }>): {
  readonly offers: Offers;
  readonly keys: Readonly<Record<keyof Offers, string>>;
} {
  switch (dialect.kind) {
    case "frames":
      return { offers: offersOf(dialect.format), keys: keysOfFrames };
    case "json-map": {
      const { read, command } = dialect;
      const offers = {
        token: read.token !== undefined && command?.token !== undefined,
        ticks: read.ticks !== undefined,
        counter: read.counter !== undefined,
        test: read.test !== undefined && command?.test !== undefined,
      };
      return { offers, keys: keysOfJsonMap };
    }
    case "sortline-json":
      return { offers: everything, keys: keysOfJsonMap };
  }
}

const keysOfFrames = {
  token: "tokenCommand and a token in proofHead",
  ticks: "ticks in proofHead",
  counter: "a counter in proofHead",
  test: "testCommand and a test in proofHead",
} as const;

const keysOfJsonMap = {
  token: "command.token and read.token",
  ticks: "read.ticks",
  counter: "read.counter",
  test: "command.test and read.test",
} as const;

function lacking(binding: ScannerBinding, { dialect }: ScannerConfig): string[] {
  if (dialect.kind === "zebra-ssi" || dialect.kind === "autoid") {
    const isInTelegram = ["echo", "ticks", "counter"].includes(binding.kind);
    return [
      ...(isInTelegram ? [`the binding ${binding.kind}`] : []),
      ...(binding.canTest ? ["canTest"] : []),
    ].map(
      (what) =>
        `${what} needs a proof in the telegram, and ${dialect.kind} has no place for one: take pulse, witness or none`,
    );
  }
  const { offers, keys } = reachOf(dialect);
  const missing: string[] = [];
  if (binding.kind === "echo" && !offers.token)
    missing.push(`the binding echo needs ${keys.token}`);
  if (binding.kind === "ticks" && !offers.ticks) {
    missing.push(`the binding ticks needs ${keys.ticks}`);
  }
  if (binding.kind === "counter" && !offers.counter) {
    missing.push(`the binding counter needs ${keys.counter}`);
  }
  if (binding.canTest && !offers.test) missing.push(`canTest needs ${keys.test}`);
  return missing;
}

/** What cannot work, and what a binding means for the parcels, in a sentence each. */
export function checkBindings({ layout, tracking, rules, mode, belt }: LineFile): Finding[] {
  const findings: Finding[] = [];
  const { binding } = layout.scanner;
  const key = "layout.scanner.binding";
  if (binding.kind === "none") {
    findings.push(
      note(
        key,
        "nothing says whose read it is, so no parcel is released: a weight that fits the papers is no proof, since those of the parcel itself may still be in the reader; take a binding, or witness with a second reader that proves itself",
      ),
    );
  } else if (binding.kind === "witness") {
    checkReader(`${key}.reader.binding`, binding.reader.deviceId, binding.reader.binding);
    const firstMm = layout.diverters[0]?.atMm ?? layout.end.atMm;
    if (binding.reader.atMm <= layout.scanner.atMm || binding.reader.atMm >= firstMm) {
      findings.push(
        error(
          `${key}.reader.atMm`,
          `a witness stands between the scanner at ${layout.scanner.atMm} mm and the first diverter at ${firstMm} mm`,
        ),
      );
    }
  } else {
    checkReader(key, layout.scanner.deviceId, binding);
  }
  if (layout.scale !== null && layout.scale.binding.kind !== "track" && rules.weight !== null) {
    const said =
      layout.scale.binding.kind === "none"
        ? "nothing says whose weight it is"
        : "boxes of one length are many";
    findings.push(
      note(
        "layout.scale.binding",
        `${said}, so a weight speaks against a parcel and never for it: every parcel goes to inspection`,
      ),
    );
  }
  if (layout.xray?.binding.kind === "none" && layout.xray.hasImages !== false) {
    findings.push(
      note(
        "layout.xray.binding",
        "no image says whose it is, so whatever an image comes of is opened, and so is whatever needs machine inspection",
      ),
    );
  } else if (layout.xray?.binding.kind === "extent") {
    findings.push(
      note(
        "layout.xray.binding",
        "boxes of one length are many, so no image shows that the machine is not one picture behind: at each start and after each sign of disorder nothing is inducted or released until a person has emptied the machine of its pictures and reset the line while the belt stands with an empty tunnel; take track or header where the machine can",
      ),
    );
  }
  checkTriggerOff("layout.scanner.trigger", layout.scanner.trigger);
  if (binding.kind === "witness") {
    checkTriggerOff(`${key}.reader.trigger`, binding.reader.trigger);
  }
  findings.push(...checkEntryByEye({ layout, tracking, belt }));
  return findings;

  /** What a reader says when it is ended has to come while the parcel is still the one. */
  function checkTriggerOff(at: string, trigger: ReaderTrigger): void {
    if (trigger === null || trigger.offMm === null) return;
    const { sendMm, offMm } = trigger;
    if (offMm >= tracking.readLateMm) {
      findings.push(
        error(
          `${at}.offMm`,
          `a reader that is told to stop ${offMm} mm behind its plane says that it saw none behind readLateMm, ${tracking.readLateMm} mm: nobody would know whose answer that is`,
        ),
      );
    }
    if (sendMm + offMm + tracking.earlyMm > tracking.gapMmMin) {
      findings.push(
        error(
          `${at}.offMm`,
          `${offMm} mm behind and ${sendMm} mm ahead do not fit into the gap of ${tracking.gapMmMin} mm with earlyMm: the end of one trigger would end the next`,
        ),
      );
    }
  }

  /** Two parcels on the belt must not have been read at the same tick. */
  function checkTurn(at: string, bits: number): void {
    const turnMm = 2 ** bits * belt.mmPerCount;
    const beltMm = layout.end.atMm + tracking.lengthMmMax + tracking.earlyMm + tracking.lateMm;
    if (turnMm > beltMm) return;
    findings.push(
      error(
        at,
        `a counter of ${bits} bits begins anew every ${Math.round(turnMm)} mm, and the belt with a parcel on it is ${beltMm} mm long: two parcels would bear the same ticks`,
      ),
    );
  }

  function checkReader(
    at: string,
    deviceId: string,
    reader: Exclude<ScannerBinding, { kind: "witness" | "none" }>,
  ): void {
    const isCounted =
      reader.kind === "counter" || (reader.kind === "ticks" && reader.offsetCounts === null);
    if (isCounted && !reader.canTest) {
      findings.push(
        error(
          `${at}.canTest`,
          "where it counts from only a test trigger can tell: without one no read is ever bound",
        ),
      );
    }
    if (reader.kind === "ticks" && reader.offsetCounts !== null && !reader.canTest) {
      findings.push(
        note(
          `${at}.canTest`,
          "a sorter may count from another place in each session: without a test trigger a person says with the reset key, on an empty belt that stands, that offsetCounts still holds, and until then no read is bound",
        ),
      );
    }
    if (reader.kind === "ticks") checkTurn(`${at}.bits`, reader.bits);
    if (reader.kind === "echo" && reader.sendMm + tracking.earlyMm > tracking.gapMmMin) {
      findings.push(
        error(
          `${at}.sendMm`,
          `a token sent ${reader.sendMm} mm ahead may meet the parcel before: with earlyMm it must fit into the gap of ${tracking.gapMmMin} mm`,
        ),
      );
    }
    const another = reader.tested === null ? null : ofAnother(reader.tested, deviceId, reader.kind);
    if (another !== null) findings.push(error(`${at}.tested`, another));
    if (reader.kind === "pulse") {
      findings.push(
        note(
          at,
          "each of its telegrams needs an output of its own: a reader that sends the codes of one parcel in several frames must fire with each of them, or send them in one frame; else those parcels go to inspection",
        ),
      );
    }
    if (!isTrusted(reader, mode)) {
      findings.push(
        note(
          `${at}.tested`,
          "its binding test is not kept, so it is taken for none: let test parcels run in mode lab, and npm run journal -- binding-test judges them and prints what belongs here",
        ),
      );
    }
  }
}

/** What a machine that knows no belt counts asks of its line. */
function checkEntryByEye({
  layout: { xray, trackingEyes },
  tracking,
  belt,
}: Pick<LineFile, "layout" | "tracking" | "belt">): Finding[] {
  if (xray?.entryByEye === undefined) return [];
  const findings: Finding[] = [];
  const key = "layout.xray.entryByEye";
  const { earlyMm, lateMm, gapMmMin, lengthMmMin, eventLateMs } = tracking;
  const { announceMm } = xray.entryByEye;
  const apartMmMin = gapMmMin + lengthMmMin;
  const reportedMm = earlyMm + (belt.speedMmPerS * eventLateMs) / 1_000;
  if (!trackingEyes.some(({ atMm }) => atMm === xray.fromMm)) {
    findings.push(
      error(
        key,
        `an eye of trackingEyes must stand at fromMm, ${xray.fromMm} mm: it alone tells what has entered`,
      ),
    );
  }
  if (xray.binding.kind === "track" || xray.binding.kind === "header") {
    findings.push(
      error(
        "layout.xray.binding",
        `${xray.binding.kind} needs a picture with a count of its own, and this machine knows none: nothing shows that it latches the pass as that enters; take extent, or none`,
      ),
    );
  }
  if (announceMm + earlyMm > gapMmMin) {
    findings.push(
      error(
        `${key}.announceMm`,
        `a pass announced ${announceMm} mm ahead may meet the parcel before: with earlyMm it must fit into the gap of ${gapMmMin} mm`,
      ),
    );
  }
  if (xray.entryByEye.itemIsTold === "withPicture") {
    findings.push(...checkPictureFrom(xray, apartMmMin, reportedMm));
    const within = trackingEyes.find(({ atMm }) => atMm > xray.fromMm && atMm <= xray.toMm);
    if (within === undefined) return findings;
    findings.push(
      error(
        "layout.xray.toMm",
        `the eye ${within.eyeId} stands at ${within.atMm} mm within the tunnel, where items are told with their pictures: a parcel that is lost there would not be missed by its picture`,
      ),
    );
    return findings;
  }
  if (xray.entryByEye.pictureFromMm !== undefined) {
    findings.push(error(`${key}.pictureFromMm`, "is for itemIsTold withPicture"));
  }
  const windowMm = reportedMm + lateMm;
  if (windowMm >= apartMmMin) {
    findings.push(
      error(
        key,
        `an item may be told over ${Math.round(windowMm)} mm of belt (earlyMm, lateMm and eventLateMs), and the rears of two parcels may be only ${apartMmMin} mm apart: it could be either`,
      ),
    );
  }
  return findings;
}

/** When pictures may come that tell of their items: only while each can be one parcel's. */
function checkPictureFrom(
  { fromMm, toMm, binding, entryByEye }: NonNullable<LineFile["layout"]["xray"]>,
  apartMmMin: number,
  reportedMm: number,
): Finding[] {
  if (binding.kind !== "extent") return [];
  const at = "layout.xray.entryByEye.pictureFromMm";
  const pictureFromMm = entryByEye?.pictureFromMm ?? 0;
  if (pictureFromMm >= toMm - fromMm) {
    return [
      error(
        at,
        `the beam would stand at ${fromMm + pictureFromMm} mm, and the tunnel ends at ${toMm}`,
      ),
    ];
  }
  const untilMm = Math.max(0, Math.floor(pictureFromMm + apartMmMin - reportedMm));
  return [
    note(
      at,
      `where parcels follow each other as closely as they may, a picture has to be told when its parcel's rear is ${pictureFromMm} to ${untilMm} mm behind the entry: later it could be the next one's, and is nobody's; the beam stands there, and the time that the machine takes for a picture is no part of it`,
    ),
  ];
}

/** Why what was seen of a reader says nothing of this one; null where it does. */
function ofAnother(tested: TestedBinding, deviceId: string, kind: string): string | null {
  if (tested.device === deviceId && tested.binding === kind) return null;
  return `what was tested is ${tested.device} with the binding ${tested.binding}, not ${deviceId} with the binding ${kind}: take it out, and run the binding test again`;
}
