export { default as decoder } from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
export const module: WebAssembly.Module;
