/** Writes for core/results/maps/validate.py what it looks at: the Items of example results, and the names of classes as GDAL reads them. */

import { itemOfRun } from '../../core/results/maps/itemOfRun.ts';
import { pamXml } from '../../core/results/maps/pamXml.ts';
import { mapClasses } from '../../core/tasks/mapClasses.ts';
import { exampleResults } from './exampleResults.ts';

const items = (await exampleResults()).map(({ what, result }) => ({ what, item: itemOfRun(result) }));
const classes = mapClasses([
  { value: 0, name: 'Wälder & <Wiesen>' },
  { value: 4, name: 'water', colourHint: '018571' },
]);
console.log(JSON.stringify({ items, classes, pam: pamXml(classes) }));
