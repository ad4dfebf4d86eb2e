/** The part of this package that is used: it brings no types of its own. */
declare module "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs" {
  export interface Codec {
    readonly JPEGDecoder: new () => Decoder;
  }
  /** Throws a number for what it cannot decode. Owns memory until `delete`. */
  export interface Decoder {
    /** Where the file goes, of so many bytes; void once anything else is called. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    getFrameInfo(): {
      readonly width: number;
      readonly height: number;
      readonly componentCount: number;
      readonly bitsPerSample: number;
    };
    /** One byte a component, pixel by pixel; void once anything else is called. */
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }
  const open: () => Promise<Codec>;
  // oxlint-disable-next-line import/no-default-export -- it is what the package exports.
  export default open;
}
