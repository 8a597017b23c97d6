import assert from 'node:assert/strict';
import { makeReadUrl } from '../../../aws/readUrl.ts';
import { makeAnswer, predictionRoute } from '../../../core/doors/online/answer.ts';
import { makeBatcher } from '../../../core/doors/online/batcher.ts';
import { catalogueRoutes } from '../../../core/doors/online/catalogueRoutes.ts';
import type { Engine } from '../../../core/doors/online/engine.ts';
import { healthRoute } from '../../../core/doors/online/health.ts';
import { readNoImage } from '../../../core/doors/online/inboxImage.ts';
import { makeOnlineModels } from '../../../core/doors/online/onlineModels.ts';
import { makePredictor } from '../../../core/doors/online/predictor.ts';
import { predictionsBody, problemBody, truthsTaken } from '../../../core/doors/online/schemas.ts';
import { truthRoute } from '../../../core/doors/online/truthRoute.ts';
import { parseTruths } from '../../../core/doors/truth/truth.ts';
import { livingAs } from '../../../core/releases/models.ts';
import { docsRoute } from '../../../report/apiPage/docsRoute.ts';
import { readBaselineFile } from '../../benches/packages.ts';
import { servingOf } from '../../benches/serving.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';
import { inputOf, model, pictures } from './requests.ts';
import { truthOf } from './truths.ts';

const ref = { name: model.name, version: model.version };
const PREDICTIONS = `/v1/models/${ref.name}/predictions`;
const TRUTH = `/v1/models/${ref.name}/truth`;

/** Each chip is of the first class, for sure. */
const sure: Engine = {
  run: async ({ chips }) => {
    const width = model.classes.length;
    return Float32Array.from({ length: chips * width }, (_, i) => (i % width === 0 ? 1 : 0));
  },
};
const batcher = makeBatcher(model, [sure], { maxBatch: 8 });
const predictor = makePredictor(batcher, {
  readFile: readNoImage,
  readUrl: makeReadUrl({ hosts: [] }),
  maxImageBytes: 2 ** 20,
});
const models = makeOnlineModels({
  models: {
    serving: servingOf(ref),
    promotion: async (name) => (name === ref.name ? livingAs(ref) : null),
    load: async () => model,
    fileOf: () => readBaselineFile,
  },
  listVersions: async (name) => (name === ref.name ? [ref.version] : []),
});
const ports = { models, predictor: async () => predictor, seconds: 10 };
const errors: unknown[] = [];
const answer = makeAnswer(
  [
    predictionRoute(ports),
    truthRoute({
      models,
      load: async () => model,
      send: async (body) => void parseTruths(body),
      now: () => new Date(0),
    }),
    healthRoute(ports),
    docsRoute,
    ...catalogueRoutes(models, { needsKey: true, takesTruth: true }),
  ],
  () => {},
  (trouble) => void errors.push(trouble),
);

const TYPES = [
  'application/json',
  'application/geo+json; charset=x',
  'image/png',
  'application/octet-stream',
  'text/csv',
];
const PATHS = [
  PREDICTIONS,
  PREDICTIONS,
  TRUTH,
  `${PREDICTIONS}/`,
  '/v1/models/other/predictions',
  '/v1/models',
  '/%00',
  '/docs',
];
const QUERIES = ['', 'version=1.0.0', `version=${'..%2F'.repeat(3)}`, 'version=&version=%', '%ff=%'];

/** Requests over HTTP: each is answered, or refused with a reason that is the caller's; none is a fault of ours. */
export const httpRequest: Target = {
  name: 'httpRequest',
  // each of its JPEGs may have the decoder give up, and the next one is of 16 MB
  limits: { share: 30, refuses: [], bytesPerByte: 400, mostBytes: 2 ** 27 },
  make: (dice) => {
    const head = [dice.once(5) ? 'GET' : 'POST', dice.pick(PATHS), dice.pick(QUERIES), dice.pick(TYPES)].join(' ');
    const first = new TextEncoder().encode(`${head}\n`);
    const whole = new Uint8Array(Buffer.concat([first, bodyOf(dice)]));
    return dice.once(10) ? damage(whole, dice) : whole;
  },
  read: async (bytes) => {
    const end = Math.max(0, bytes.indexOf(10));
    const [method = '', path = '', query = '', ...type] = new TextDecoder().decode(bytes.subarray(0, end)).split(' ');
    const headers = { 'content-type': type.join(' ') };
    const body = bytes.subarray(end + 1);
    const { status, body: said } = await answer({ method, path, query: new URLSearchParams(query), headers, body });
    assert.deepEqual(errors.splice(0), []);
    assert.ok([200, 202, 400, 404, 405, 413, 415, 422].includes(status), `${status}`);
    if (status === 202) truthsTaken.parse(JSON.parse(String(said)));
    else if (status !== 200 && method !== 'HEAD') {
      const { detail, status: told } = problemBody.parse(JSON.parse(String(said)));
      assert.equal(told, status);
      assert.ok(detail.length < 2000, detail);
    } else if (method === 'POST') {
      const { predictions } = predictionsBody.parse(JSON.parse(String(said)));
      for (const { class: name, error, warnings } of predictions) {
        const isBlank = warnings.some((warning) => warning.startsWith('It is blank'));
        assert.deepEqual([name, error, isBlank].filter(Boolean).length, 1);
      }
    }
  },
};

function bodyOf(dice: Dice): Uint8Array {
  if (dice.once(4)) return damageJson({ truths: Array.from({ length: 1 + dice.below(3) }, () => truthOf(dice)) }, dice);
  if (dice.once(3)) return damage(dice.pick(pictures), dice, pictures);
  return damageJson({ inputs: Array.from({ length: 1 + dice.below(3) }, () => inputOf(dice)) }, dice);
}
