/**
 * CRC-16 as in Modbus: polynomial 0xA001, reflected, initial 0xFFFF, nothing at the end. Controllers
 * have it as a block. "123456789" gives 0x4B37.
 * @see MODBUS over serial line, specification and implementation guide V1.02, 6.2.2
 */
export function crc16(bytes: ArrayLike<number>): number {
  let crc = 0xffff;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return crc;
}

const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    value = (value & 1) === 0 ? value >>> 1 : 0xa001 ^ (value >>> 1);
  }
  table[byte] = value;
}
