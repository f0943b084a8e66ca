import { expect, it } from 'vitest';
import { deviceRunStates } from '../../../../src/domain/rollout.ts';
import { restoreEn } from '../i18n/restore.en.ts';
import { restoreId } from '../i18n/restore.id.ts';
import { glyphOfRun, runGlyphs } from './run-glyph.ts';

it('the legend of the map of waves explains every sign that a device can have', () => {
  for (const state of deviceRunStates) {
    const glyph = glyphOfRun(state);
    expect(runGlyphs).toContain(glyph);
    expect(restoreId).toHaveProperty([`waves.legend.${glyph}`]);
    expect(restoreEn).toHaveProperty([`waves.legend.${glyph}`]);
  }
});
