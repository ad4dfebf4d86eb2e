import { reasonTable, type DischargingAct, type Reason } from "../../protocols/reasons.ts";
import { differenceParams, differencesOf } from "./compare.ts";
import {
  isClosing,
  isEndedByOpening,
  isOfEport,
  isReleasedByCustoms,
  isSettledBy,
  isSurelyNewer,
  isTransmissionError,
  kindOfDoubt,
  newerOf,
  reasonOfUnread,
  reasonOfWord,
  strongestOf,
  wordInForce,
  type CustomsSaid,
  type CustomsWord,
} from "./customs-status.ts";
import type { UnreadDigest } from "./digests.ts";
import { open, type FormerDoubt, type Legacy, type OpenReason } from "./open-reason.ts";
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
  isReleasedByCustoms(said) && said.latest !== null && isSurelyNewer(said.latest, word);

const openWords = ({ customs, legacy }: ManifestCase): readonly CustomsWord[] => {
  const word = wordInForce(customs);
  const earlier = legacy.words.filter((each) => !isTakenBack(each, customs));
  return word === null ? earlier : [word, ...earlier];
};

const openOfDoubt = (doubt: UnreadDigest): OpenReason => {
  const { status, time, cameAt } = doubt;
  return open(reasonOfUnread(doubt), `receiptUnread/${time ?? ""}/${status ?? ""}/${cameAt}`);
};

const isEnded = (each: ManifestCase, doubt: UnreadDigest): boolean =>
  !isOpen(each)(openOfDoubt(doubt));

/** What cannot be read of the manifest's own and no act has ended. */
export const unreadOf = (each: ManifestCase): readonly UnreadDigest[] =>
  each.customs.unread.filter((doubt) => !isEnded(each, doubt));

/**
 * A doubt that an act has ended and that has no time tells nothing of the next one: that may be
 * another receipt.
 */
export const isPast = (each: ManifestCase, doubt: UnreadDigest): boolean =>
  doubt.time === null && isEnded(each, doubt);

/** The one that came last is told. */
const openOfUnread = (each: ManifestCase): readonly OpenReason[] =>
  unreadOf(each)
    .toReversed()
    .map((doubt) => (isEndedByOpening(doubt) ? openOfDoubt(doubt) : open(reasonOfUnread(doubt))));

/** Of an earlier manifest's doubts those that neither customs' release nor an act has ended. */
const formerDoubts = (each: ManifestCase): readonly FormerDoubt[] => {
  const { customs, legacy } = each;
  if (legacy.unread.length === 0) return legacy.unread;
  const release = isReleasedByCustoms(customs) ? customs.latest : null;
  return legacy.unread.filter(
    (former) => !isEnded(each, former.doubt) && !isSettledBy(former.doubt, [release]),
  );
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
  return mergeByCode([
    ...[...foundHere(each), ...openWords(each).flatMap((word) => openOfWord(word) ?? [])].filter(
      isOpen(each),
    ),
    ...openOfUnread(each),
    ...formerDoubts(each).map(({ doubt }) => openOfDoubt(doubt)),
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
/** Doubts kept of earlier manifests: room for each kind of each of them. */
const formerDoubtsMax = 2 * (copKeysMax + 1);

/**
 * Of doubts on earlier manifests those that are kept. What is said of one manifest settles nothing of
 * another; of those whose numbers nobody knows any longer only what ends all of them ends one.
 */
const keptOf = (all: readonly FormerDoubt[], copKeys: Legacy["copKeys"]): readonly FormerDoubt[] =>
  strongestOf(all, {
    max: formerDoubtsMax,
    doubtIn: ({ doubt }) => doubt,
    kindOf: ({ copKey, doubt }) =>
      `${copKeys.includes(copKey) ? copKey : ""} ${kindOfDoubt(doubt)}`,
  });

/** What a manifest that has ended leaves to the next one of the same parcel. */
export function legacyOf(each: ManifestCase): Legacy {
  const { activation, manifest, legacy } = each;
  const differences = activation === null ? [] : differencesOf(activation.comparison);
  const differing: readonly OpenReason[] =
    differences.length === 0
      ? []
      : [open({ code: "comparisonFailed", params: differenceParams(differences) })];
  const said = each.customs.latest?.time ?? "";
  const ownDoubts = unreadOf(each).map((doubt) => ({ copKey: manifest.copKey, doubt }));
  const copKeys = [...new Set([...legacy.copKeys, manifest.copKey])].slice(-copKeysMax);
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
    unread: keptOf([...formerDoubts(each), ...ownDoubts], copKeys),
    machineInspectionRequired:
      legacy.machineInspectionRequired || (activation?.machineInspectionRequired ?? false),
    wasClosed: isClosed(each),
    copKeys,
    saidUntil: said > legacy.saidUntil ? said : legacy.saidUntil,
  };
}

/**
 * A receipt that comes late and speaks of an earlier manifest: what it finds is found, and it settles
 * what could not be read of that one's.
 */
export function withLateWord(legacy: Legacy, word: CustomsWord, copKey: string | null): Legacy {
  if (!isOfParcel(word)) return legacy;
  return {
    ...legacy,
    wasClosed: legacy.wasClosed || isClosing(word.status),
    words: newestOfEach([...legacy.words, word]),
    unread: legacy.unread.filter(
      (former) => former.copKey !== copKey || !isSettledBy(former.doubt, [word]),
    ),
  };
}

/** A receipt that cannot be read whole comes late and names an earlier manifest. */
export function withLateDoubt(legacy: Legacy, former: FormerDoubt): Legacy {
  return { ...legacy, unread: keptOf([...legacy.unread, former], legacy.copKeys) };
}

/** The same receipt can be read now, and speaks of the manifest that there is. */
export const withoutDoubtOf = (
  legacy: Legacy,
  { status, time }: Pick<CustomsWord, "status" | "time">,
): Legacy =>
  legacy.unread.length === 0
    ? legacy
    : {
        ...legacy,
        unread: legacy.unread.filter(
          ({ doubt }) => !(doubt.isTimed && doubt.status === status && doubt.time === time),
        ),
      };

/**
 * The open reasons that one kind of act discharges. What could not be read (`receiptOrInspection`)
 * customs may never say again, so opening the parcel settles that, too.
 */
export const dischargedBy = (
  reasons: readonly OpenReason[],
  act: DischargingAct,
): readonly OpenReason[] =>
  reasons.filter(({ reason: { code }, keys }) => {
    const wanted = reasonTable[code].act;
    const isEither = wanted === "receiptOrInspection" && act === "inspectionResult";
    return keys.length > 0 && (isEither || wanted === act);
  });
