/** Faults as long as they are meant; `ARUNG_TEST_SOAK_FAULTS_PERCENT=4` for a try of seconds. */
const percent = Number(process.env['ARUNG_TEST_SOAK_FAULTS_PERCENT'] ?? 100);
/** Shorter than this a fault is not even noticed. */
const leastS = 15;

/** Milliseconds of a fault that lasts so many minutes in full. */
export function lasting(minutes: number): number {
  return Math.max(leastS, (minutes * 60 * percent) / 100) * 1_000;
}

/** How often the controller is killed in the drain. */
export const kills = Number(process.env['ARUNG_TEST_SOAK_KILLS'] ?? 20);
