import type { DeviceRunState } from '../../../../src/domain/rollout.ts';

/** In the order of a legend: from what waits to what needs somebody. */
export const runGlyphs = ['off', 'info', 'recovered', 'up', 'unknown', 'warning', 'critical'] as const;
export type RunGlyph = (typeof runGlyphs)[number];

/** The sign beside the state of a device: shape first, colour second. */
export function glyphOfRun(state: DeviceRunState): RunGlyph {
  switch (state) {
    case 'confirmed':
      return 'recovered';
    case 'unchanged':
      return 'up';
    case 'reverted':
    case 'refused':
    case 'reverting':
      return 'warning';
    case 'lost':
      return 'critical';
    case 'unreachable':
      return 'unknown';
    case 'arming':
    case 'applying':
    case 'confirming':
      return 'info';
    default:
      return 'off';
  }
}
