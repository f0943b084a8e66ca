/**
 * The console's one clock: ticks each second and follows the controller's time, so that an age is right even where the
 * browser's own clock is not.
 */
let offsetMs = 0;
let tick = $state(Date.now());

/** Milliseconds since the epoch by the controller's clock, not reactive. */
export function currentTime(): number {
  return Date.now() + offsetMs;
}

/** The same, reactive: what reads it is drawn again each second. */
export function now(): number {
  return tick;
}

/** Tells the clock what time the controller had when it spoke just now. Small differences are the way it took. */
export function followController(at: number): void {
  const difference = at - Date.now();
  if (Math.abs(difference - offsetMs) > 2000) offsetMs = Math.abs(difference) > 2000 ? difference : 0;
}

setInterval(() => {
  tick = currentTime();
}, 1000);
