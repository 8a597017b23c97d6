/**
 * The colours of series and of classes, in their order. Neighbours stay apart for people who see no red, no green or no
 * blue (simulated after Machado, Oliveira & Fernandes 2009), the first four best; each has a contrast of 3 : 1 with white.
 */
export const SERIES_COLOURS = ['#1060b4', '#dd6100', '#8b173d', '#8f7fc2', '#5f9a70', '#033b7a', '#8a6461', '#c1351e'];
