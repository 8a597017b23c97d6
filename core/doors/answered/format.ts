import { slices } from '../../base/concurrency/inOrder.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { Chip, PredictedRow } from '../../package/package.ts';
import type { Format, SceneStream } from '../../scenes/formats/format.ts';
import { linesIn } from '../../scenes/linesIn.ts';
import { inFile } from '../queueMessage.ts';
import { inputName } from '../requests/input.ts';
import * as answers from './answered.ts';
import { predictedRows } from './predictedRows.ts';

const CLAIMED_TOGETHER = 100;

/**
 * Predictions that were answered over HTTP, one message per line. Each input is a chip that comes with its prediction.
 * Messages that another file counts are skipped, without changing the indices of the other chips. A shadow of the version
 * that answered reads its own predictions, and skips messages without them. See docs/http.md.
 */
export const answered: Format = {
  name: 'answered predictions',
  sniff: (head) => (Buffer.from(head).toString('latin1').startsWith(answers.ANSWERED_BEGINNING) ? 'yes' : 'no'),

  makeReader: (model, { maxRecordBytes }) =>
    async function* (scene) {
      const { key, claim, live } = scene;
      let index = 0;
      for await (const lines of linesIn(scene, maxRecordBytes, 'a message', false))
        for (const some of slices(lines, CLAIMED_TOGETHER)) {
          const messages = some.map((line) => messageFor(live ?? model, key, line));
          const own = await claim?.(messages.map(answers.answeredId));
          const chips: Chip[] = [];
          for (const message of messages) {
            const first = index;
            index += message.inputs.length;
            if (own !== undefined && !own.has(answers.answeredId(message))) continue;
            const columns = live === undefined ? message.columns : answers.columnsOfShadow(message, model);
            if (columns === null) continue;
            const read = predictedRows({ ...message, columns }, model);
            const more = answers.hasShadow(message) && { isShadowed: true as const };
            if (read.rows !== undefined)
              chips.push(...read.rows.map((row, i) => ({ ...chipOf(message, i, first + i, row), ...more })));
            else refuse(scene, message, first, read.offence);
          }
          yield chips;
        }
    },

  async readChip(): Promise<never> {
    throw new InvalidSceneFile('It was answered over HTTP, which keeps no images: there is no picture of it.');
  },
};

function chipOf({ request, inputs }: answers.Answered, i: number, index: number, predicted: PredictedRow | null): Chip {
  const { id, place, features } = inputs[i]!;
  return {
    place: { index, kind: 'index' },
    planes: [],
    truth: null,
    predicted,
    member: id ?? inputName(place),
    request,
    ...(features && { features }),
  };
}

function refuse({ key, refuse: tell }: SceneStream, message: answers.Answered, first: number, offence: string): void {
  if (tell === undefined) throw new InvalidSceneFile(`${key}: ${about(message)}: ${offence}`);
  for (const [i, { id }] of message.inputs.entries())
    tell({ index: first + i, name: id, message: `${about(message)}: ${offence}` });
}

const about = ({ request }: answers.Answered): string => `the request ${request}`;

function messageFor({ name, version }: ModelRef, key: string, line: string): answers.Answered {
  const message = inFile(key, () => answers.parseAnswered(line));
  const { model } = message;
  if (model.name === name && model.version === version) return message;
  throw new InvalidSceneFile(
    `${key}: found predictions of ${model.name} ${model.version}, and it is read for ${name} ${version}`,
  );
}
