import { makeBare } from '../bare.ts';
import { answerQuestions } from '../child.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import { startTaking, type Taken } from '../taken.ts';
import { checksumAlone, parquetAlone, plainRead } from '../unavoidable.ts';

/** The limits in a process of their own: the bare model, and what comes with each chip whatever the code. */

const [path = ''] = process.argv.slice(2);
const CHIPS = 1024; // whole parts, for Parquet

export type Question = { bare: { chips: number } } | { unavoidable: true };
export type Answer = Taken;

const bytes = writeSceneFile(path, CHIPS, 7);
const bare = await makeBare();

answerQuestions<Question, Answer>(async (question) => {
  if ('bare' in question) return bare(question.bare.chips);
  const take = startTaking();
  plainRead(path);
  checksumAlone(bytes);
  parquetAlone(CHIPS);
  return take(CHIPS);
});
