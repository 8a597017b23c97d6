export { default as decoder } from '@cornerstonejs/codec-openjpeg/decodewasmjs';
export const module: WebAssembly.Module;
