/**
 * The colours of series and classes, in order. Neighbours are distinguishable with each kind of colour blindness (simulated
 * after Machado, Oliveira & Fernandes 2009), the first four best; each has a contrast of 3 : 1 with white.
 */
export const SERIES_COLOURS = ['#1060b4', '#dd6100', '#8b173d', '#8f7fc2', '#5f9a70', '#033b7a', '#8a6461', '#c1351e'];
