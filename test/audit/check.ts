import { text } from 'node:stream/consumers';
import { verdictOf } from './holes.ts';

/** `npm audit --omit=dev --json | node test/audit/check.ts`: it fails with a grave hole, and says so where nobody was asked. */

const verdict = verdictOf(await text(process.stdin));
if (verdict.kind === 'not asked') {
  console.log(
    `SKIPPED: nobody knows whether what ships has a known hole, because the registry could not be asked: ${verdict.why}`,
  );
  if (process.env['SWATH_AUDIT'] === 'required') process.exitCode = 1;
} else {
  for (const hole of verdict.holes) console.error(hole);
  if (verdict.holes.length > 0) process.exitCode = 1;
  else console.log(`What ships has no known hole that is high or critical, and ${verdict.lesser} lesser ones.`);
}
