import source module from 'lerc/lerc-wasm.wasm';

export const open = async (imports) => (await WebAssembly.instantiate(module, imports)).exports;
