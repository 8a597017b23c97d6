export { default as decoder } from '@jsquash/webp/codec/dec/webp_dec.js';
export const module: WebAssembly.Module;
