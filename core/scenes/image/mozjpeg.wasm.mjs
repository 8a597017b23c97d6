import source module from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';

export default module;
