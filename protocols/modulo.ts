/** Never negative, unlike the remainder; for counters that begin again at 0. */
export const modulo = (value: number, width: number): number => ((value % width) + width) % width;
