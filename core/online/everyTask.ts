/** Fields that an answer has whatever the task: clients read them without asking which it is. */
export const EVERY_TASK = { class: null, label: null, probability: null, probabilities: null, value: null };
