/**
 * Watches the sizes that an MQTT byte stream announces, without decoding it: a packet's fixed
 * header is one byte of type and 1 to 4 bytes of remaining length, 7 bits each, lowest first.
 * @see MQTT 3.1.1, section 2.2
 */
export function createPacketSizeWatch(packetBytesMax: number) {
  let bytesToSkip = 0;
  /** Length bytes read so far of the header under way; -1 before its type byte. */
  let lengthBytesRead = -1;
  let lengthSoFar = 0;

  /** False once a packet is announced that is longer than allowed or has a malformed length. */
  return function isWithin(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (bytesToSkip > 0) {
        const skipped = Math.min(bytesToSkip, chunk.length - at);
        bytesToSkip -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (lengthBytesRead < 0) {
        lengthBytesRead = 0;
        lengthSoFar = 0;
        continue;
      }
      lengthSoFar += (byte & 0x7f) * 128 ** lengthBytesRead;
      lengthBytesRead += 1;
      if (lengthSoFar > packetBytesMax) return false;
      const hasMore = (byte & 0x80) !== 0;
      if (hasMore && lengthBytesRead === 4) return false;
      if (hasMore) continue;
      bytesToSkip = lengthSoFar;
      lengthBytesRead = -1;
    }
    return true;
  };
}
