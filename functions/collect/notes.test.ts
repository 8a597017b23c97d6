import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../core/base/limits.ts';
import { type Due, encodeNote, inNotes, MOST_ANSWERS, readNote } from './notes.ts';

const dueOf = (id: string, files = 0, delaySeconds = 5): Due => ({
  taken: {
    id,
    model: { name: 'm', version: '1.0.0' },
    inline: 'v1',
    missing: [],
    forbidden: [],
    files: Array.from({ length: files }, (_, i) => [i, 'v'.repeat(64)]),
  },
  since: '2026-03-01T12:00:00.000Z',
  delaySeconds,
  refusals: 0,
});

test('answers that are due at the same time share notes, which are read as they were written', () => {
  const all = [dueOf('a'), dueOf('b', 0, 10), dueOf('c', 3)];
  const notes = inNotes(all);
  assert.deepEqual(notes, [[all[0], all[2]], [all[1]]]);
  assert.deepEqual(notes.map(encodeNote).map(readNote), notes);
  assert.equal(readNote(encodeNote(notes[0]!).replace('"answers"', '"requests"')), null);
});

test('a note has so many answers and so many bytes at most, and no answer is lost', () => {
  const few = Array.from({ length: 2 * MOST_ANSWERS + 1 }, (_, i) => dueOf(`r-${i}`));
  const large = Array.from({ length: 10 }, (_, i) => dueOf(`l-${i}`, 1000));
  for (const [all, count] of [
    [few, 3],
    [large, 4],
  ] as const) {
    const notes = inNotes(all);
    assert.equal(notes.length, count);
    assert.deepEqual(notes.flat(), all);
    for (const note of notes) assert.ok(Buffer.byteLength(encodeNote(note)) <= MAX_QUEUE_MESSAGE_BYTES);
  }
});
