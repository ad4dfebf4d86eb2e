/**
 * Why a customs message, or one element of it, is not taken. The code is for programs, the field
 * is a path in the message's own names (`Order[2].OrderHead.orderNo`), the message is for people.
 */
export const cebRefusalCodes = [
  // The whole message.
  "tooLarge",
  "empty",
  "notUtf8",
  "encodingDeclared",
  "xmlVersion",
  "notWellFormed",
  "doctypeForbidden",
  "tooDeep",
  "tooManyNodes",
  "tooManyAttributes",
  "textTooLong",
  "notCeb",
  "messageTypeUnknown",
  "versionUnknown",
  "envelopeBroken",
  "tooManyElements",
  "noElements",
  // One element, or the message's own frame.
  "messageTypeNotTaken",
  "fieldMissing",
  "fieldUnknown",
  "fieldRepeated",
  "fieldOrder",
  "fieldNamespace",
  "attributeUnknown",
  "textUnexpected",
  "elementUnexpected",
  "lengthWrong",
  "formWrong",
  "notInList",
  "notADecimal",
  "notAnInteger",
  "digitsTooMany",
  "outOfRange",
  "notATime",
  "charactersForbidden",
] as const;
export type CebRefusalCode = (typeof cebRefusalCodes)[number];

export interface CebRefusal {
  readonly code: CebRefusalCode;
  readonly field: string | null;
  readonly message: string;
}

export const refuse = (
  code: CebRefusalCode,
  field: string | null,
  message: string,
): CebRefusal => ({ code, field, message });

/** The member for trouble in each result of this room: read, found or written, or refused. */
export interface CebRefused {
  readonly kind: "refused";
  readonly refusal: CebRefusal;
}

export const refused = (refusal: CebRefusal): CebRefused => ({ kind: "refused", refusal });

/** One line for a `reason`: the code first, then the field's path, then the words. */
export const refusalText = (refusal: CebRefusal): string =>
  refusal.field === null
    ? `${refusal.code}: ${refusal.message}`
    : `${refusal.code}: ${refusal.field} ${refusal.message}`;
