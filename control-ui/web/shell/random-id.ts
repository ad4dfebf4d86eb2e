/** 96 random bits in hexadecimal. `crypto.randomUUID` exists in secure contexts only; sites use plain HTTP. */
export const randomId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
