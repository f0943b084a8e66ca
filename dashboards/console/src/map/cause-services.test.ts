import { describe, expect, it } from 'vitest';
import type { ServiceSitesView } from '../../../../src/api/views.ts';
import { lostServices } from './cause-services.ts';

const service = (id: string) => ({ id, code: id, name: id.toUpperCase(), state: 'up' as const, since: null });
const site = (id: string, ...lost: readonly string[]): ServiceSitesView['sites'][number] => ({
  id,
  state: lost.length === 0 ? 'up' : 'unreachable',
  since: null,
  cause: null,
  lost: lost.map((serviceId) => ({ serviceId, state: 'unreachable' as const })),
});
const view: ServiceSitesView = {
  at: '2026-11-25T02:14:03Z',
  services: [service('plan'), service('budget'), service('punch')],
  sites: [site('kahu', 'plan', 'budget'), site('nusa', 'plan', 'budget', 'punch'), site('mare', 'plan'), site('cina')],
};

describe('lostServices', () => {
  it('puts services that as many sites lost in one line, most first', () => {
    expect(lostServices(view, new Set(['kahu', 'nusa']))).toEqual([
      { names: ['PLAN', 'BUDGET'], sites: 2, state: 'unreachable' },
      { names: ['PUNCH'], sites: 1, state: 'unreachable' },
    ]);
  });

  it('says nothing of sites that have what they use, nor of others', () => {
    expect(lostServices(view, new Set(['cina']))).toEqual([]);
  });
});
