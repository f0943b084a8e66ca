/** Steps that a person reads well, in seconds: they divide an hour, a day or come in whole days. */
const roundSteps = [
  1,
  2,
  5,
  10,
  15,
  20,
  30,
  60,
  120,
  300,
  600,
  900,
  1_800,
  3_600,
  2 * 3_600,
  3 * 3_600,
  6 * 3_600,
  12 * 3_600,
  86_400,
  2 * 86_400,
  7 * 86_400,
] as const;

/** The smallest round step of at least `minimumS` with which the range has at most `maxPoints` steps. */
export function roundStep(rangeS: number, maxPoints: number, minimumS: number): number {
  const needed = Math.max(minimumS, rangeS / Math.max(1, maxPoints));
  for (const step of roundSteps) {
    if (step < needed) continue;
    // Aligning the start to the step can add one more.
    if (Math.ceil(rangeS / step) + 1 <= maxPoints || rangeS / step <= maxPoints - 1) return step;
  }
  return Math.ceil(Math.max(needed, rangeS / Math.max(1, maxPoints - 1)) / 86_400) * 86_400;
}

/** A step that is a whole number of `tierS`, at least `stepS`. */
export function multipleOf(stepS: number, tierS: number): number {
  return Math.max(1, Math.ceil(stepS / tierS)) * tierS;
}

/** Starts of the steps that [from, to) touches, aligned to multiples of the step since the epoch (UTC). */
export function stepTimes(from: number, to: number, stepS: number): number[] {
  const times: number[] = [];
  for (let time = Math.floor(from / stepS) * stepS; time < to; time += stepS) times.push(time);
  return times;
}
