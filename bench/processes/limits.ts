import { makeBare } from '../bare.ts';
import { answerQuestions } from '../child.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import { checksumAlone, digestAlone, FRAME_BYTES, parquetAlone, plainRead } from '../unavoidable.ts';

/** The limits in a process of their own: the bare model, and what comes with each chip whatever the code. */

const [path = ''] = process.argv.slice(2);
const CHIPS = 1024;

export type Question = { bare: { chips: number } } | { unavoidable: true };
/** `milliseconds` of so many chips. */
export type Answer = { chips: number; milliseconds: number };

const bytes = writeSceneFile(path, CHIPS, 7);
const bare = await makeBare();

answerQuestions<Question, Answer>(async (question) => {
  if ('bare' in question) return bare(question.bare.chips);
  const parquet = parquetAlone(CHIPS);
  const data = Math.round(CHIPS * FRAME_BYTES);
  const reading = (plainRead(path).milliseconds * data) / bytes;
  const milliseconds = reading + digestAlone(data) + checksumAlone(data);
  return { chips: CHIPS, milliseconds: milliseconds + (parquet.milliseconds * CHIPS) / parquet.chips };
});
