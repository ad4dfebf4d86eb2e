import type { Entropy } from "../../protocols/time.ts";

const draw = (entropy: Entropy, from: readonly string[]): string =>
  from[Math.floor(entropy.next() * from.length)] ?? "";

const hexDigits = "0123456789ABCDEF".split("");

/** A guid as CEB wants it: 36 characters, letters in capitals. */
export function drawGuid(entropy: Entropy): string {
  let hex = "";
  while (hex.length < 32) hex += draw(entropy, hexDigits);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${groups.join("-")}-${hex.slice(20)}`;
}

export const drawDigits = (entropy: Entropy, digits: number): string =>
  String(Math.floor(entropy.next() * 10 ** digits)).padStart(digits, "0");

export const drawFrom = <T>(entropy: Entropy, from: readonly [T, ...T[]]): T =>
  from[Math.floor(entropy.next() * from.length)] ?? from[0];
