import type { Suite } from './suite.ts';

/** The suites by name, in the order in which they are told; each is loaded only where it runs. */
export const SUITES = {
  steps: async () => (await import('./suites/steps.ts')).steps,
  endToEnd: async () => (await import('./suites/endToEnd.ts')).endToEnd,
  cold: async () => (await import('./suites/cold.ts')).cold,
  memory: async () => (await import('./suites/memory.ts')).memory,
  maps: async () => (await import('./suites/maps.ts')).maps,
  requests: async () => (await import('./suites/requests.ts')).requests,
  features: async () => (await import('./suites/features.ts')).features,
  peers: async () => (await import('./suites/peers.ts')).peers,
  growth: async () => (await import('./suites/growth.ts')).growth,
  chance: async () => (await import('./suites/chance.ts')).chance,
  engines: async () => (await import('./suites/engines.ts')).engines,
  cost: async () => (await import('./suites/cost.ts')).cost,
} satisfies Record<string, () => Promise<Suite>>;

export type SuiteName = keyof typeof SUITES;
export const SUITE_NAMES = Object.keys(SUITES) as SuiteName[];
