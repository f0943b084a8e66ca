/** Step of the load colours: to 25, 50, 70, 85, 95 percent of capacity, and above. */
export function loadStep(percent: number): 0 | 1 | 2 | 3 | 4 | 5 {
  if (percent >= 95) return 5;
  if (percent >= 85) return 4;
  if (percent >= 70) return 3;
  if (percent >= 50) return 2;
  return percent >= 25 ? 1 : 0;
}
