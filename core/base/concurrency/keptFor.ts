/** Caches the last answer to each question for `milliseconds`; failed answers are not cached. With 0, it asks each time. */
export function keptFor<Question, Answer>(
  milliseconds: number,
  ask: (question: Question) => Promise<Answer>,
  now: () => number = () => performance.now(),
): (question: Question) => Promise<Answer> {
  const kept = new Map<Question, { asked: number; answer: Promise<Answer> }>();
  return (question) => {
    const last = kept.get(question);
    if (last !== undefined && now() - last.asked < milliseconds) return last.answer;
    for (const [old, { asked }] of kept) if (now() - asked >= milliseconds) kept.delete(old);
    const answer = ask(question);
    kept.set(question, { asked: now(), answer });
    answer.catch(() => kept.delete(question));
    return answer;
  };
}
