declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  export type J2KDecoder = {
    /** Allocates memory in the decoder for a codestream of that many bytes, to be filled. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned: boolean };
    /** A view of the decoder's memory: values of up to 8 bits as one byte, others as two, pixel-interleaved. */
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  };
  const factory: (options: object) => Promise<{ J2KDecoder: new () => J2KDecoder }>;
  export default factory;
}
