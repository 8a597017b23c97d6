import source module from '@cornerstonejs/codec-openjpeg/decodewasm';

export default module;
