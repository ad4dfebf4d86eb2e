/**
 * The two's complement of the sum of all bytes, in its lowest bits: added to the sum they give 0 there.
 * Seven bits are Toledo's check byte, eight Modbus ASCII's LRC, sixteen the checksum of Zebra's SSI.
 * @see Mettler Toledo Wildcat service manual, p. 6-5; MODBUS over serial line V1.02, 6.2.1; SE-955
 * integration guide, 10-9
 */
export function sumComplement(bytes: Iterable<number>, bits: 7 | 8 | 16): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return -sum & (2 ** bits - 1);
}
