import type { Suite } from '../suite.ts';
export const cold: Suite = { title: '', onOneCore: false, run: async () => [] };
