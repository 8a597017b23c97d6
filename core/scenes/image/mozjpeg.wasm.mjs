import decoder from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import source module from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';

export { decoder, module };
