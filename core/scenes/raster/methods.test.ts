import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { METHODS, PARAMETERS } from './methods.ts';

/** The compiler sees texts and lists in a JSON file, and takes our word that they are what the types say. */
test('the file of projections is what its types say, and names only parameters that there are', () => {
  const names = z.tuple([z.string()], z.string());
  const parameter = z.strictObject({
    names,
    geoKeys: z.array(z.int()),
    kind: z.enum(['angle', 'length', 'scale']),
    usual: z.number().nullable().optional(),
  });
  const known = z.enum([
    'lat_0',
    'lon_0',
    'lat_1',
    'lat_2',
    'lat_ts',
    'k_0',
    'x_0',
    'y_0',
    'h',
    'alpha',
    'gamma',
    'lonc',
  ]);
  const method = z.strictObject({
    proj: z.string(),
    names,
    geoKey: z.int().optional(),
    parameters: z.array(known),
    origin: z.string(),
  });
  assert.doesNotThrow(() => z.record(known, parameter).parse(PARAMETERS)); // which wants every one of them
  assert.ok(z.array(method).min(10).parse(METHODS));
  assert.throws(() => z.record(known, parameter).parse({ ...PARAMETERS, lat_0: undefined }));
});
