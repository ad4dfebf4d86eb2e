/**
 * A text of a device, or of whoever puts files into its folder, as it may go to a terminal: what nobody
 * sees (control characters, what turns the text around it, a break of the line) stands as its number.
 */
export const visibleText = (text: string): string =>
  text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (unseen) => {
    const code = unseen.codePointAt(0) ?? 0;
    const hex = code.toString(16).padStart(2, "0");
    return code <= 0xff ? `\\x${hex}` : `\\u{${hex}}`;
  });
