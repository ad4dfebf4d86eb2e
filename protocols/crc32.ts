/**
 * CRC-32 as in Ethernet and PNG: polynomial 0xEDB88320, reflected, initial and final 0xFFFFFFFF.
 * Eight bytes a step: images are checked on the thread that also runs a line.
 */
export function crc32(bytes: Uint8Array): number {
  const { length } = bytes;
  const at = (index: number): number => bytes[index] ?? 0;
  let crc = 0xffffffff;
  let from = 0;
  for (; from + 8 <= length; from += 8) {
    crc ^= at(from) | (at(from + 1) << 8) | (at(from + 2) << 16) | (at(from + 3) << 24);
    crc =
      entry(7, crc & 0xff) ^
      entry(6, (crc >>> 8) & 0xff) ^
      entry(5, (crc >>> 16) & 0xff) ^
      entry(4, crc >>> 24) ^
      entry(3, at(from + 4)) ^
      entry(2, at(from + 5)) ^
      entry(1, at(from + 6)) ^
      entry(0, at(from + 7));
  }
  for (; from < length; from += 1) crc = entry(0, (crc ^ at(from)) & 0xff) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Row `ahead` holds what each byte does to the CRC when `ahead` further bytes follow it. */
const tables = new Int32Array(8 * 256);
const entry = (ahead: number, byte: number): number => tables[(ahead << 8) | byte] ?? 0;

for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 0 ? value >>> 1 : 0xedb88320 ^ (value >>> 1);
  }
  tables[byte] = value;
}
for (let index = 256; index < tables.length; index += 1) {
  const before = tables[index - 256] ?? 0;
  tables[index] = entry(0, before & 0xff) ^ (before >>> 8);
}
