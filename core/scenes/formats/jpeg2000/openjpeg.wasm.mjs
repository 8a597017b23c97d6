import source module from '@cornerstonejs/codec-openjpeg/decodewasm';
import decoder from '@cornerstonejs/codec-openjpeg/decodewasmjs';

export { decoder, module };
