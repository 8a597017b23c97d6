import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedPackage, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { textModel } from '../../test/benches/textModel.ts';
import { engineOf, engineText } from './engine.ts';

const bands = [{ name: 'A', data_type: 'uint8' }];
const image = await editedPackage(smallModel(bands, [100, 100]));
const rows = await editedPackage(smallModel(bands, [1, 1], ['A'], ['batch', 'bands']));
const gpu = [`${PROPERTIES}/mlm:accelerator`, 'cuda'] as const;
const batch = [`${PROPERTIES}/swath:runner`, 'batch'] as const;
const elsewhere = await editedPackage([['assets/model/mlm:artifact_type', 'open-inference']]);
/** A tenth of a second for a chip. */
const tried = { memory: { bytes: 800 * 1024 ** 2, chips: 64 }, seconds: 0.1, apart: 0 };

for (const [what, model, says] of [
  [
    'a function', // 0.1 s × 1,769 MB / 1,024 × $0.0000166667 = $0.00000288 a chip; a thousand are 1,000 km²
    image,
    'the function infer (inferMemory: at least about 1,000 MB). Estimate, measured on this machine: 1,000 chips take 100 s of a processor and cost $0.002879; 1,000 km² at 10 m cost $0.002879.',
  ],
  [
    'a function, of rows of numbers',
    rows,
    'the function infer (inferMemory: at least about 1,000 MB). Estimate, measured on this machine: 1,000 chips take 100 s of a processor and cost $0.002879.',
  ],
  [
    'a function, of texts',
    await textModel(),
    'the function infer (inferMemory: at least about 1,000 MB). Estimate, measured on this machine: 1,000 texts of 8 tokens take 100 s of a processor and cost $0.002879.',
  ],
  [
    'a job on CPUs', // 0.1 s × ($0.04048 + 4 × $0.004445) / 3,600
    await editedPackage([...smallModel(bands, [100, 100]), batch]),
    'a job in a container (batchMemory: at least about 1,000 MB). Estimate, measured on this machine: 1,000 chips take 100 s of a processor and cost $0.001618; 1,000 km² at 10 m cost $0.001618.',
  ],
  [
    'a job on a GPU', // $0.526 / 3,600 s is what 50.75 such chips cost in functions
    await editedPackage([...smallModel(bands, [100, 100]), batch, gpu]),
    'a job in a container (batchMemory: at least about 1,000 MB). Estimate: a GPU costs less than functions from 50.75 chips a second on (g4dn.xlarge); its own speed is not measured here.',
  ],
] as const)
  test(`swath model check says what ${what} costs`, () =>
    assert.equal(engineText(engineOf(model, tried)!), `It runs in ${says}`));

test('swath model check says nothing of the costs of a model on another server', () =>
  assert.equal(engineOf(elsewhere, tried), null));
