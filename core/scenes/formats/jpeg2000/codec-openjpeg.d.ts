declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  export type J2KDecoder = {
    /** Memory of the decoder for so many bytes of a codestream, to be filled. */
    getEncodedBuffer(bytes: number): Uint8Array;
    decode(): void;
    getFrameInfo(): {
      width: number;
      height: number;
      bitsPerSample: number;
      componentCount: number;
      isSigned: boolean;
    };
    /** Memory of the decoder: the values of up to 8 bits as a byte, else as two, the components of a pixel beside one another. */
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  };
  type Module = { J2KDecoder: new () => J2KDecoder };
  const factory: (options: object) => Promise<Module>;
  export default factory;
}
