import decoder from '@jsquash/webp/codec/dec/webp_dec.js';
import source module from '@jsquash/webp/codec/dec/webp_dec.wasm';

export { decoder, module };
