import { reasonTable, type DischargingAct, type Reason } from "../../protocols/reasons.ts";
import { differenceParams, differencesOf } from "./compare.ts";
import {
  isClosing,
  isOfEport,
  isReleasedByCustoms,
  isTransmissionError,
  newerOf,
  reasonOfWord,
  unreadReason,
  wordInForce,
  type CustomsSaid,
  type CustomsWord,
} from "./customs-status.ts";
import { open, type Legacy, type OpenReason } from "./open-reason.ts";
import type { ManifestCase } from "./state.ts";

/** Supervision codes of two reasons together, so that a paper is asked for each. */
function withCodesOf(reason: Reason, other: Reason): Reason {
  const codes = [reason, other].map(({ params }) => String(params?.["codes"] ?? "")).join("");
  if (codes === "") return reason;
  return {
    ...reason,
    params: { ...reason.params, codes: [...new Set(codes)].toSorted().join("") },
  };
}

/** One reason of each code: what discharges it discharges all that stand behind it. */
export function mergeByCode(all: readonly OpenReason[]): readonly OpenReason[] {
  const merged = new Map<string, OpenReason>();
  for (const each of all) {
    const held = merged.get(each.reason.code);
    merged.set(
      each.reason.code,
      held === undefined
        ? each
        : {
            reason: withCodesOf(held.reason, each.reason),
            keys: [...new Set([...held.keys, ...each.keys])],
          },
    );
  }
  return [...merged.values()];
}

const openOfWord = (word: CustomsWord): OpenReason | null => {
  const reason = reasonOfWord(word);
  return reason === null ? null : open(reason, `${reason.code}/${word.time}`);
};

/** Customs' release takes back what customs said before it, of whichever manifest. */
const isTakenBack = (word: CustomsWord, said: CustomsSaid): boolean =>
  isReleasedByCustoms(said) && said.latest !== null && said.latest.time > word.time;

const openWords = ({ customs, legacy }: ManifestCase): readonly CustomsWord[] => {
  const word = wordInForce(customs);
  const earlier = legacy.words.filter((each) => !isTakenBack(each, customs));
  return word === null ? earlier : [word, ...earlier];
};

function foundHere({ activation, acts, legacy }: ManifestCase): readonly OpenReason[] {
  const found = (activation?.reasons ?? []).map((reason) => open(reason, reason.code));
  for (const act of acts) {
    if (act.act !== "monitorTransfer") continue;
    const reason: Reason = { code: "onsiteReview", params: { by: act.by.name } };
    found.push(open(reason, `onsiteReview/${act.actId}`));
  }
  return [...found, ...legacy.findings];
}

const isOpen =
  ({ discharged }: ManifestCase) =>
  ({ keys }: OpenReason): boolean =>
    !keys.every((key) => discharged.has(key));

/**
 * Reasons from goods, draws, officers, customs and earlier manifests, without those that an act has
 * discharged.
 */
export function ownReasons(each: ManifestCase): readonly OpenReason[] {
  const unread = unreadReason(each.customs);
  return mergeByCode([
    ...[...foundHere(each), ...openWords(each).flatMap((word) => openOfWord(word) ?? [])].filter(
      isOpen(each),
    ),
    ...(unread === null ? [] : [open(unread)]),
  ]);
}

/** The newest word of each kind of reason. */
function newestOfEach(words: readonly CustomsWord[]): readonly CustomsWord[] {
  const newest = new Map<string, CustomsWord>();
  for (const word of words) {
    const code = reasonOfWord(word)?.code;
    if (code !== undefined) newest.set(code, newerOf(word, newest.get(code) ?? null));
  }
  return [...newest.values()];
}

/** Errors and the e-port's own words end with the transmission they speak of. */
const isOfParcel = ({ status }: CustomsWord): boolean =>
  !isTransmissionError(status) && !isOfEport(status);

/** Customs has closed (899) this manifest, or one that its parcel had before. */
export const isClosed = ({ customs, legacy }: ManifestCase): boolean =>
  customs.wasClosed || legacy.wasClosed;

/** A receipt for an older one of a parcel is doubt, as for a manifest that is not known. */
const copKeysMax = 16;

/** What a manifest that has ended leaves to the next one of the same parcel. */
export function legacyOf(each: ManifestCase): Legacy {
  const { activation, manifest, legacy } = each;
  const differences = activation === null ? [] : differencesOf(activation.comparison);
  const differing: readonly OpenReason[] =
    differences.length === 0
      ? []
      : [open({ code: "comparisonFailed", params: differenceParams(differences) })];
  const said = each.customs.latest?.time ?? "";
  const words = openWords(each).filter((word) => {
    const reason = openOfWord(word);
    return reason !== null && isOfParcel(word) && isOpen(each)(reason);
  });
  // Under a key of its own, so that an act on the new manifest names what it discharges.
  const findings = [...foundHere(each).filter(isOpen(each)), ...differing].map(({ reason }) =>
    open(reason, `${reason.code}/${manifest.guid}`),
  );
  return {
    findings: mergeByCode(findings),
    words: newestOfEach(words),
    machineInspectionRequired:
      legacy.machineInspectionRequired || (activation?.machineInspectionRequired ?? false),
    wasClosed: isClosed(each),
    copKeys: [...new Set([...legacy.copKeys, manifest.copKey])].slice(-copKeysMax),
    saidUntil: said > legacy.saidUntil ? said : legacy.saidUntil,
  };
}

/** A receipt that comes late and speaks of an earlier manifest: what it finds is found. */
export function withLateWord(legacy: Legacy, word: CustomsWord): Legacy {
  if (!isOfParcel(word)) return legacy;
  const wasClosed = legacy.wasClosed || isClosing(word.status);
  return { ...legacy, wasClosed, words: newestOfEach([...legacy.words, word]) };
}

/** The open reasons that one kind of act discharges. */
export const dischargedBy = (
  reasons: readonly OpenReason[],
  act: DischargingAct,
): readonly OpenReason[] =>
  reasons.filter(({ reason, keys }) => keys.length > 0 && reasonTable[reason.code].act === act);
