/**
 * 1. Every version of every object put into the inbox ends in exactly one end state.
 * 2. Its predictions are complete and counted exactly once in the day's numbers.
 * 3. A state never goes backward within an attempt, and none but its holder changes it.
 * 4. A result that can be read is whole, and what the ledger says is there can be read.
 * 5. A bad file changes nothing but its own row.
 * 6. Nothing is deleted from the inbox.
 * 7. Nobody is alarmed by a run that has not failed, or is invalid, as the alarm says.
 * 8. A request that comes by the queue is kept and started, or is a dead letter with its reason; nothing stays in the queue.
 * 9. An answer that is asked for comes, when all runs have ended, and says what is stored; another one says the same.
 * 10. A shadow changes nothing but what is its own, and what goes wrong with it no run knows of.
 * 11. What is said to be true of a chip is known, by the last word on it, and counts in its run and its day; or it is a dead letter with its reason.
 * 12. The newest promotion of the history is what is live; what people are told of promotions is or was so; the gate is asked about the version that is replaced; a rollback goes to the version before.
 * 13. A version has the files that its record says, all of them, for good.
 * 14. A batch has no second job in a container while an execution runs that waits for its first one.
 * 15. Each Item that a feed's catalogue lists is in the inbox, in its last revision, and no revision is there twice.
 */
export type Violation = {
  rule: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;
  what: string;
  /** Whether the next days' sweeps may still put it right. */
  mayWait?: boolean;
};
