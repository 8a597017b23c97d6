/**
 * Stands for a training: copies the live package with another divisor of the values, by which the network, which was trained with 255, is
 * better or worse. It notes what it was given.
 */
export const TRAINING = `
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
const { SWATH_RETRAIN_DATA: data, SWATH_RETRAIN_OUT: out, SWATH_RETRAIN_VERSION: version } = process.env;
const [source, divisor, ending = '0'] = process.argv.slice(2);
const truths = readFileSync(data + '/truth.csv', 'utf8').trim().split('\\n');
const files = ['train', 'held-out'].map((part) => readdirSync(data + '/' + part).map((file) => part + '/' + file));
writeFileSync(new URL('given.json', import.meta.url), JSON.stringify({ files, truths }));
cpSync(source, out, { recursive: true });
const text = readFileSync(out + '/item.json', 'utf8').replaceAll('"value": 170', '"value": ' + divisor);
writeFileSync(out + '/item.json', text.replaceAll('1.0.0', version));
process.exit(Number(ending));
`;

export const VERSIONS = { live: '1.0.0', worse: '1.1.0', better: '1.2.0' };
