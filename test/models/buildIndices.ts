import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseItem } from '../../core/package/item.ts';
import { encodeOnnx } from './onnx.ts';

/**
 * Builds a model package whose bands are derived by expressions, to try those with: it takes the same scene files as
 * droughtwatch-baseline. Nobody trained the model; its weights are made up.
 *
 *     node test/models/buildIndices.ts FOLDER [--evi]
 */

/** The indices as the packages name them, on the files' values of 0 to 255. */
const NDVI = { name: 'NDVI', format: 'rio-calc', expression: '(B5 - B4) / (B4 + B5 + 0.0000255)' };
const NDMI = { name: 'NDMI', format: 'rio-calc', expression: '(B5 - B6) / (B5 + B6 + 0.0000255)' };
const EVI = { name: 'EVI', format: 'rio-calc', expression: '2.5 * (B5 - B4) / (B5 + 6 * B4 - 7.5 * B2 + 255)' };

type Options = { evi?: boolean };

/** Writes the package's files into a folder, which is made where it does not exist. */
export function buildIndices(folder: string, options: Options = {}): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(indicesPackage(options))) writeFileSync(join(folder, name), content);
}

/** The package's files by their names: `NDVI` and `NDMI`, or with `evi` these and `EVI`. */
export function indicesPackage({ evi = false }: Options = {}): Record<string, string | Uint8Array> {
  const bands = evi ? [NDVI, NDMI, EVI] : [NDVI, NDMI];
  const name = evi ? 'droughtwatch-indices-evi' : 'droughtwatch-indices';
  const baseline = new URL('../../models/droughtwatch-baseline/1.0.0/', import.meta.url);
  const item = parseItem(JSON.parse(readFileSync(new URL('item.json', baseline), 'utf8')));
  const [output] = item.properties['mlm:output'];
  const sourceBands = item.properties.bands;
  const description = 'Made-up weights over the mean of vegetation indices: to try band expressions with, not trained.';
  const json = {
    ...item,
    id: `${name}-1.0.0`,
    properties: {
      datetime: '2024-01-01T00:00:00Z',
      title: 'Vegetation indices: a model to try band expressions with',
      description,
      version: '1.0.0',
      bands: sourceBands,
      'mlm:name': name,
      'mlm:architecture': 'global average pooling and one dense layer',
      'mlm:tasks': ['scene-classification'],
      'mlm:batch_size_suggestion': 64,
      'mlm:input': [
        {
          name: 'indices',
          bands,
          input: {
            shape: [-1, 65, 65, bands.length],
            dim_order: ['batch', 'height', 'width', 'bands'],
            data_type: 'float32',
          },
          value_scaling: [{ type: 'scale', value: 1 }],
          resize_type: null,
          pre_processing_function: null,
        },
      ],
      'mlm:output': [{ ...output, name: 'probabilities' }],
      'swath:blank_max': 1,
      'swath:truth': 'label',
    },
    links: [],
    assets: {
      model: {
        href: './model.onnx',
        type: 'application/octet-stream; framework=onnx',
        roles: ['mlm:model'],
        'mlm:artifact_type': 'onnx',
        // STAC 1.1 takes bands in an Item's properties only where an asset has them too.
        bands: sourceBands?.map(({ name }) => ({ name })),
      },
    },
    stac_extensions: item.stac_extensions.filter((address) => !address.includes('/file/')),
  };
  return {
    'item.json': `${JSON.stringify(json, null, 2)}\n`,
    'model.onnx': model(bands.length, output['classification:classes'].length),
    'reference.json': readFileSync(new URL('reference.json', baseline), 'utf8'),
    'README.md': `# ${name} 1.0.0\n\n${description}\n`,
  };
}

/** The mean of each index over the chip, then one dense layer: the greener and moister, the higher the class. */
function model(bands: number, classes: number): Uint8Array {
  const dense = Array.from({ length: bands * classes }, (_, i) => (6 * (i % classes)) / bands);
  const bias = Array.from({ length: classes }, (_, label) => -0.4 * label * label);
  return encodeOnnx({
    name: 'indices',
    inputs: [{ name: 'indices', dimensions: ['batch', 65, 65, bands] }],
    outputs: [{ name: 'probabilities', dimensions: ['batch', classes] }],
    constants: [
      { name: 'dense', dimensions: [bands, classes], values: dense },
      { name: 'bias', dimensions: [classes], values: bias },
    ],
    nodes: [
      { operator: 'ReduceMean', inputs: ['indices'], outputs: ['mean'], attributes: { axes: [1, 2], keepdims: 0 } },
      { operator: 'MatMul', inputs: ['mean', 'dense'], outputs: ['product'] },
      { operator: 'Add', inputs: ['product', 'bias'], outputs: ['logits'] },
      { operator: 'Softmax', inputs: ['logits'], outputs: ['probabilities'], attributes: { axis: -1 } },
    ],
  });
}

if (import.meta.main) {
  const [folder, ...options] = process.argv.slice(2);
  if (folder === undefined || options.some((option) => option !== '--evi')) {
    console.error('usage: node test/models/buildIndices.ts FOLDER [--evi]');
    process.exit(2);
  }
  buildIndices(folder, { evi: options.includes('--evi') });
}
