/** Fields that an answer has for every task, so that clients can read them without knowing the task. */
export const EVERY_TASK = { class: null, label: null, probability: null, probabilities: null, value: null };
