/** Times are written the same in both languages. */
export const timeText = (epochMs: number): string => {
  const at = new Date(epochMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
};

export const dateText = (epochMs: number): string => {
  const at = new Date(epochMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};

const two = (value: number): string => String(value).padStart(2, "0");

/** 1234567890 as 1234.56.78.90. Other lengths stay as they are. */
export const hsText = (code: string): string =>
  /^\d{10}$/.test(code)
    ? `${code.slice(0, 4)}.${code.slice(4, 6)}.${code.slice(6, 8)}.${code.slice(8)}`
    : code;

export const kgText = (grams: number): string => (grams / 1_000).toFixed(3);

/** Full-width digits and letters, as Chinese input methods type them, become plain ones. */
export const plainText = (typed: string): string => typed.normalize("NFKC").trim();
