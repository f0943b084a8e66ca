import type { Page } from '../../../../../src/api/views.ts';
import { api, type RequestOptions } from '../../lib/api.ts';
import { sentenceOf } from '../../lib/problem.ts';
import type { AuditView } from './access.ts';

/** What the log writes about, as `entityKind` of `GET /api/v1/audit`. */
export const auditKinds = [
  'site',
  'device',
  'link',
  'interface',
  'region',
  'credential',
  'contact',
  'calendar',
  'shared-risk',
  'service',
  'agent',
  'user',
  'api-token',
  'inventory',
  'boundary',
] as const;
export const auditActions = [
  'create',
  'update',
  'remove',
  'import',
  'recode',
  'replace-secret',
  'reset-password',
  'change-password',
  'revoke',
  'sign-in',
] as const;

const hoursOf = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const;
export const auditPeriods = ['1h', '24h', '7d', '30d'] as const satisfies readonly (keyof typeof hoursOf)[];

/** The first moment of a period that ends now (ISO 8601); null for all that is kept. */
export function sinceOf(period: string | null, nowMs: number): string | null {
  const known = auditPeriods.find((one) => one === period);
  return known === undefined ? null : new Date(nowMs - hoursOf[known] * 3_600_000).toISOString();
}

/** The log from the newest row on, page by page. What was read for an earlier filter never comes late. */
export class AuditList {
  items: readonly AuditView[] = $state.raw([]);
  next: string | null = $state(null);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  problem: string = $state('');
  #filter: RequestOptions['query'] = {};
  #run = 0;

  show(filter: RequestOptions['query']): void {
    this.#filter = filter;
    void this.#read(null, []);
  }

  more(): void {
    if (this.next !== null) void this.#read(this.next, this.items);
  }

  retry(): void {
    this.phase = 'loading';
    void this.#read(null, []);
  }

  async #read(cursor: string | null, before: readonly AuditView[]): Promise<void> {
    const run = ++this.#run;
    try {
      const page = await api.get<Page<AuditView>>('/audit', { query: { ...this.#filter, limit: 100, cursor } });
      if (run !== this.#run) return;
      this.items = [...before, ...page.items];
      this.next = page.next;
      this.phase = 'ready';
    } catch (error) {
      if (run !== this.#run) return;
      this.problem = sentenceOf(error);
      this.phase = this.items.length === 0 ? 'failed' : 'ready';
    }
  }
}
