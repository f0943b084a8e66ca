/** The layout is made in 1920 by 1080 units and never drawn smaller: a smaller screen shows less of the map. */
export function wallScale(width: number, height: number): number {
  return Math.max(1, Math.round(Math.min(width / 1920, height / 1080) * 100) / 100);
}
