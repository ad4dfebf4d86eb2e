import { countryCodes } from "./countries.ts";

/**
 * UPU S10: two letters of service, eight digits, a check digit, a country. An S10 number may be
 * used again after 12 months, so it is unique only together with a manifest.
 */
export type S10Check =
  | { readonly kind: "valid"; readonly service: string; readonly country: string }
  | { readonly kind: "notS10" }
  | { readonly kind: "invalid"; readonly why: "checkDigit" | "country" | "service" };

const shape = /^([A-Z]{2})(\d{8})(\d)([A-Z]{2})$/;
const weights = [8, 6, 4, 2, 3, 5, 9, 7] as const;

/** First letters that are reserved and never assigned. */
const reservedServices = new Set(["J", "K"]);

export function checkS10(text: string): S10Check {
  const found = shape.exec(text);
  if (found === null) return { kind: "notS10" };
  const [, service = "", serial = "", check = "", country = ""] = found;
  if (reservedServices.has(service.charAt(0))) return { kind: "invalid", why: "service" };
  if (s10CheckDigit(serial) !== Number(check)) return { kind: "invalid", why: "checkDigit" };
  if (!countryCodes.has(country)) return { kind: "invalid", why: "country" };
  return { kind: "valid", service, country };
}

/** Check digit of eight digits: 11 - (weighted sum mod 11), where 10 stands as 0 and 11 as 5. */
export function s10CheckDigit(serial: string): number {
  let sum = 0;
  for (const [index, weight] of weights.entries()) sum += weight * Number(serial.charAt(index));
  const check = 11 - (sum % 11);
  if (check === 10) return 0;
  return check === 11 ? 5 : check;
}
