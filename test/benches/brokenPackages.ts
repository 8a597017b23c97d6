import { type Edit, INPUT, OUTPUT, PROPERTIES } from './packages.ts';

const CLASSES = [...OUTPUT, 'classification:classes'] as const;
const red = { name: 'red', description: 'a class' };

/**
 * Edits of the bundled baseline that leave `item.json` valid by the official JSON schemas of STAC 1.1 and MLM 1.5 (and
 * of the other extensions it names), yet make a package that cannot run; with the words that refuse it.
 */
export const validButBroken: readonly { name: string; edits: readonly Edit[]; says: string }[] = [
  {
    name: 'a band that no source band bears',
    edits: [[[...INPUT, 'bands', 1], 'B12']],
    says: 'properties.mlm:input[0].bands[1]: found "B12", allowed is one of properties.bands (B1, B2, B3,',
  },
  {
    name: 'two scalings for four bands',
    edits: [
      [
        [...INPUT, 'value_scaling'],
        [
          { type: 'scale', value: 255 },
          { type: 'scale', value: 1 },
        ],
      ],
    ],
    says: 'properties.mlm:input[0].value_scaling: found "2 scalings", allowed is one for all bands, or one for each of the 4 (several steps for one band are one {"type": "processing"',
  },
  {
    name: 'a shape shorter than its dimension order',
    edits: [
      [
        [...INPUT, 'input', 'shape'],
        [65, 65, 4],
      ],
    ],
    says: 'properties.mlm:input[0].input.shape: found [65,65,4], allowed is one size for each of batch, height, width, bands',
  },
  {
    name: 'a dimension that the service does not know',
    edits: [
      [
        [...INPUT, 'input', 'dim_order'],
        ['batch', 'time', 'width', 'bands'],
      ],
    ],
    says: 'properties.mlm:input[0].input.dim_order: found ["batch","time","width","bands"], allowed is "batch" first',
  },
  {
    name: 'a batch that does not come first',
    edits: [
      [
        [...INPUT, 'input', 'dim_order'],
        ['height', 'batch', 'width', 'bands'],
      ],
      [
        [...INPUT, 'input', 'shape'],
        [65, -1, 65, 4],
      ],
    ],
    says: 'allowed is "batch" first, then "bands" (or "channel"), "height" and "width" in any order',
  },
  {
    name: 'bands by two names',
    edits: [
      [
        [...INPUT, 'input', 'dim_order'],
        ['batch', 'bands', 'channel', 'width'],
      ],
    ],
    says: 'properties.mlm:input[0].input.dim_order: found ["batch","bands","channel","width"], allowed is',
  },
  {
    name: 'a size other than the number of bands',
    edits: [
      [
        [...INPUT, 'input', 'shape'],
        [-1, 65, 65, 3],
      ],
    ],
    says: "properties.mlm:input[0].input.shape[3]: found 3, allowed is 4, the number of the input's bands",
  },
  {
    name: 'chips of a size that the input does not take',
    edits: [
      [
        [...PROPERTIES, 'swath:chip_shape'],
        [65, 64],
      ],
    ],
    says: 'properties.swath:chip_shape: found [65,64], allowed is [65, 65], as the input takes them',
  },
  {
    name: 'free sizes that are no multiple',
    edits: [
      [
        [...INPUT, 'input', 'shape'],
        [-1, 65, -1, 4],
      ],
      [
        [...PROPERTIES, 'swath:chip_shape'],
        [65, 100],
      ],
      [[...PROPERTIES, 'swath:multiple'], 32],
    ],
    says: 'properties.swath:chip_shape: found [65,100], allowed is [65, any multiple of 32], as the input takes them',
  },
  {
    name: 'an overlap as wide as a chip',
    edits: [[[...PROPERTIES, 'swath:overlap'], 65]],
    says: 'properties.swath:overlap: found 65, allowed is fewer pixels than a chip has, 65',
  },
  {
    name: 'an overlap of less than nothing',
    edits: [[[...PROPERTIES, 'swath:overlap'], -1]],
    says: 'properties.swath:overlap: found -1, allowed is a whole number from 0 to 32767',
  },
  {
    name: 'a size of zero',
    edits: [
      [
        [...INPUT, 'input', 'shape'],
        [-1, 65, 0, 4],
      ],
    ],
    says: 'properties.mlm:input[0].input.shape[2]: found 0, allowed is a width of 1 or more, or -1 for any',
  },
  {
    name: 'a fixed batch that is too large',
    edits: [
      [
        [...INPUT, 'input', 'shape'],
        [257, 65, 65, 4],
      ],
    ],
    says: 'properties.mlm:input[0].input.shape[0]: found 257, allowed is -1 for any batch, or 1 to 256',
  },
  {
    name: 'a chip that fits no memory',
    edits: [
      [
        [...INPUT, 'input', 'shape'],
        [-1, 32000, 32000, 4],
      ],
    ],
    says: 'properties.mlm:input[0].input.shape: found [-1,32000,32000,4], allowed is at most 67108864 values',
  },
  {
    name: 'more classes than output columns',
    edits: [
      [
        [...OUTPUT, 'result', 'shape'],
        [-1, 3],
      ],
    ],
    says: 'properties.mlm:output[0].result.shape: found [-1,3], allowed is [-1, 4]: a row for each chip, a column for each class',
  },
  {
    name: 'a fixed batch on one side only',
    edits: [[[...OUTPUT, 'result', 'shape', 0], 8]],
    says: 'properties.mlm:output[0].result.shape: found [8,4], allowed is [-1, 4]',
  },
  {
    name: 'an output of another rank',
    edits: [
      [
        [...OUTPUT, 'result', 'shape'],
        [-1, 4, 1],
      ],
      [
        [...OUTPUT, 'result', 'dim_order'],
        ['batch', 'class', 'width'],
      ],
    ],
    says: 'properties.mlm:output[0].result.dim_order: found ["batch","class","width"], allowed is "batch", then one dimension',
  },
  {
    name: 'an output of whole numbers',
    edits: [[[...OUTPUT, 'result', 'data_type'], 'int64']],
    says: 'properties.mlm:output[0].result.data_type: found "int64", allowed is "float16", "float32", "float64"',
  },
  {
    name: 'no classes',
    edits: [[CLASSES, []]],
    says: 'properties.mlm:output[0].classification:classes: found [], allowed is a list of classes, at least one',
  },
  {
    name: 'a class without a name',
    edits: [[[...CLASSES, 2], { value: 2, description: 'no name' }]],
    says: 'properties.mlm:output[0].classification:classes[2].name: found nothing, allowed is a text',
  },
  {
    name: 'a class name that JSON objects trip over',
    edits: [[[...CLASSES, 2, 'name'], '__proto__']],
    says: 'classes[2].name: found "__proto__", allowed is a name of letters, digits, "-" and "_"',
  },
  {
    name: 'a class name twice',
    edits: [[[...CLASSES, 2, 'name'], 'cows-1']],
    says: 'properties.mlm:output[0].classification:classes: found ["cows-1"], allowed is each name and value once',
  },
  {
    name: 'a class value twice',
    edits: [[[...CLASSES, 3], { ...red, value: 0 }]],
    says: 'properties.mlm:output[0].classification:classes: found [0], allowed is each name and value once',
  },
  {
    name: 'a source band twice',
    edits: [[[...PROPERTIES, 'bands', 1, 'name'], 'B1']],
    says: 'properties.bands: found ["B1"], allowed is each name and value once',
  },
  {
    name: 'a model band twice',
    edits: [[[...INPUT, 'bands', 3], 'B2']],
    says: 'properties.mlm:input[0].bands: found ["B2"], allowed is each band once: of several dates',
  },
  {
    name: 'a source band of an unknown type',
    edits: [[[...PROPERTIES, 'bands', 2, 'data_type'], 'cfloat32']],
    says: 'properties.bands[2].data_type: found "cfloat32", allowed is "uint8", "int8", "uint16"',
  },
  {
    name: 'an expression in a language of its own',
    edits: [[[...INPUT, 'bands', 0], { name: 'NDVI', format: 'python', expression: 'indices:ndvi' }]],
    says: 'properties.mlm:input[0].bands[0].format: found "python", allowed is "rio-calc", "gdal-calc", "swath"',
  },
  {
    name: 'an expression that is code',
    edits: [[[...INPUT, 'bands', 0], { name: 'NDVI', format: 'rio-calc', expression: 'B4.constructor' }]],
    says: 'properties.mlm:input[0].bands[0].expression, character 3: found ".", allowed is an operator (+ - * /) or the end',
  },
  {
    name: 'an expression over an unknown band',
    edits: [[[...INPUT, 'bands', 0], { name: 'NDVI', format: 'rio-calc', expression: 'B4 / B40' }]],
    says: 'properties.mlm:input[0].bands[0].expression, character 6: found "B40", allowed is a number, a band (B1, B2,',
  },
  {
    name: 'an expression that is no text',
    edits: [[[...INPUT, 'bands', 0], { name: 'NDVI', format: 'rio-calc', expression: { href: 'ndvi.py' } }]],
    says: 'properties.mlm:input[0].bands[0].expression: found {"href":"ndvi.py"}, allowed is a text',
  },
  {
    name: 'scaling by an expression over another band',
    edits: [[[...INPUT, 'value_scaling'], [{ type: 'processing', format: 'gdal-calc', expression: 'A * B3' }]]],
    says: 'properties.mlm:input[0].value_scaling[0].expression, character 5: found "B3", allowed is a number, a band (B2, x, A)',
  },
  {
    name: 'scaling by code',
    edits: [[[...INPUT, 'value_scaling'], [{ type: 'processing', format: 'python', expression: 'scale:run' }]]],
    says: 'properties.mlm:input[0].value_scaling[0].format: found "python", allowed is "rio-calc", "gdal-calc", "swath"',
  },
  {
    name: 'a scale of zero',
    edits: [[[...INPUT, 'value_scaling'], [{ type: 'scale', value: 0 }]]],
    says: 'found {"type":"scale","value":0}, allowed is a scale that does not divide by 0',
  },
  {
    name: 'a standard deviation of zero',
    edits: [[[...INPUT, 'value_scaling'], [{ type: 'z-score', mean: 1, stddev: 0 }]]],
    says: 'allowed is a stddev above 0',
  },
  {
    name: 'a min-max without a range',
    edits: [[[...INPUT, 'value_scaling'], [{ type: 'min-max', minimum: 3, maximum: 3 }]]],
    says: 'allowed is two different bounds',
  },
  {
    name: 'a clip between crossed bounds',
    edits: [[[...INPUT, 'value_scaling'], [{ type: 'clip', minimum: 4, maximum: 3 }]]],
    says: 'allowed is a minimum up to the maximum',
  },
  {
    name: 'code before the model',
    edits: [[[...INPUT, 'pre_processing_function'], { format: 'python', expression: 'prepare:run' }]],
    says: 'properties.mlm:input[0].pre_processing_function: found {"format":"python","expression":"prepare:run"}, allowed is null',
  },
  {
    name: 'code after the model',
    edits: [[[...OUTPUT, 'post_processing_function'], { format: 'python', expression: 'finish:run' }]],
    says: 'allowed is null, or {"format": "swath", "expression": …} with "softmax", "sigmoid", "temperature(1.5)" (0.05 to 20), "argmax" or "threshold(0.5)"',
  },
  {
    name: 'an unsupported resize',
    edits: [
      [[...INPUT, 'resize_type'], 'wrap-inverse-map'],
      [
        [...PROPERTIES, 'swath:source_shape'],
        [64, 64],
      ],
    ],
    says: 'resize_type: found "wrap-inverse-map", allowed is "crop", "pad", "interpolation-nearest", "interpolation-linear", "interpolation-cubic"',
  },
  {
    name: 'other chips in the file and no resize',
    edits: [
      [
        [...PROPERTIES, 'swath:source_shape'],
        [64, 65],
      ],
    ],
    says: 'properties.mlm:input[0].resize_type: found null, allowed is a resize type, since chips go from 64 × 65 to 65 × 65',
  },
  {
    name: 'a crop of something smaller',
    edits: [
      [[...INPUT, 'resize_type'], 'crop'],
      [
        [...PROPERTIES, 'swath:source_shape'],
        [64, 70],
      ],
    ],
    says: 'found "crop", allowed is another resize type, since a crop cannot enlarge from 64 × 70 to 65 × 65',
  },
  {
    name: 'a padding of something larger',
    edits: [
      [[...INPUT, 'resize_type'], 'pad'],
      [
        [...PROPERTIES, 'swath:source_shape'],
        [64, 70],
      ],
    ],
    says: 'found "pad", allowed is another resize type, since padding cannot reduce from 64 × 70 to 65 × 65',
  },
  {
    name: 'a source shape of three sizes',
    edits: [
      [
        [...PROPERTIES, 'swath:source_shape'],
        [64, 64, 3],
      ],
    ],
    says: 'properties.swath:source_shape: found [64,64,3], allowed is two sizes: [height, width]',
  },
  {
    name: 'source chips that fit no memory',
    edits: [
      [[...INPUT, 'resize_type'], 'crop'],
      [
        [...PROPERTIES, 'swath:source_shape'],
        [9000, 9000],
      ],
    ],
    says: 'properties.swath:source_shape: found [9000,9000], allowed is at most 67108864 values in all bands of a chip',
  },
  {
    name: 'an expected accuracy in per cent',
    edits: [[[...PROPERTIES, 'swath:expected_accuracy'], 92]],
    says: 'properties.swath:expected_accuracy: found 92, allowed is a share above 0, up to 1',
  },
  {
    name: 'an expected accuracy of values, which are not right or wrong',
    edits: [
      [[...PROPERTIES, 'swath:expected_accuracy'], 0.92],
      [[...OUTPUT, 'tasks'], ['regression']],
    ],
    says: 'properties.swath:expected_accuracy: found 0.92, allowed is nothing, as predictions of the task regression are not right or wrong',
  },
  {
    name: 'a blank limit that is no number',
    edits: [[[...PROPERTIES, 'swath:blank_max'], 'one']],
    says: 'properties.swath:blank_max: found "one", allowed is a number',
  },
  {
    name: 'a truth that is a band',
    edits: [[[...PROPERTIES, 'swath:truth'], 'B4']],
    says: 'properties.swath:truth: found "B4", allowed is a feature that is no band',
  },
  {
    name: 'no band named, and more of them in the file than the model takes',
    edits: [
      [[...INPUT, 'bands'], []],
      [
        [...INPUT, 'input', 'dim_order'],
        ['batch', 'height', 'width', 'channel'],
      ],
    ],
    says: "properties.mlm:input[0].input.shape[3]: found 4, allowed is 11, the number of the input's bands",
  },
  {
    name: 'no input',
    edits: [[[...PROPERTIES, 'mlm:input'], []]],
    says: 'properties.mlm:input[0]: found nothing, allowed is a model input object',
  },
  {
    name: 'a version that is a path',
    edits: [[[...PROPERTIES, 'version'], '../1.0.0']],
    says: 'properties.version: found "../1.0.0", allowed is a name of at most 64 letters, digits',
  },
  {
    name: "a version that is another file's name",
    edits: [[[...PROPERTIES, 'version'], 'promoted.json']],
    says: 'properties.version: found "promoted.json", allowed is',
  },
  {
    name: 'a name that is a device of Windows',
    edits: [[[...PROPERTIES, 'mlm:name'], 'LPT1']],
    says: 'properties.mlm:name: found "LPT1", allowed is a text with letters or digits that makes a file name',
  },
  ...['https://example.com/model.onnx', 's3://bucket/model.onnx', '/models/model.onnx', '../other/model.onnx'].map(
    (href) => ({
      name: `a model elsewhere: ${href}`,
      edits: [[['assets', 'model', 'href'], href]] as const,
      says: `assets.model.href: found "${href}", allowed is a file inside the package, like "./model.onnx"`,
    }),
  ),
  {
    name: 'two ONNX models',
    edits: [[['assets', 'half'], { href: './half.onnx', roles: ['mlm:model'], 'mlm:artifact_type': 'onnx' }]],
    says: 'assets: found ["model","reference","card","half"], allowed is one asset with the role "mlm:model"',
  },
];
