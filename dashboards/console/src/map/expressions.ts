import type { ExpressionSpecification } from 'maplibre-gl';
import { UP, type StateCode } from './states.ts';
import { MID, NEAR } from './zooms.ts';

// Expressions nest freely; MapLibre's types name only the finished ones.
export const expression = (...parts: unknown[]) => parts as unknown as ExpressionSpecification;
export const state = (name: string, otherwise: unknown) => expression('coalesce', ['feature-state', name], otherwise);
export const is = (code: StateCode) => expression('==', state('st', UP), code);
export const flag = (name: string) => expression('boolean', state(name, false), false);
export const shown = (when: unknown, value: unknown = 1) => expression('case', when, value, 0);
export const byZoom = (far: unknown, mid: unknown, near: unknown) =>
  expression('step', ['zoom'], far, MID, mid, NEAR, near);
