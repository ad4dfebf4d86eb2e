/** Names of bodies for the oracle: no agent may notice which they are (law 15). */
export type TruthNames = "counted" | "shuffled";

/** Prime to every number below it, so that multiplying only shuffles. */
const namesMax = 1_000_003;
const stride = 618_034;

export const truthIds =
  (names: TruthNames) =>
  (index: number): string =>
    `t${names === "counted" ? index : (index * stride + 7) % namesMax}`;
