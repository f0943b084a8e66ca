import type { IncidentId, ServiceId } from '../../domain/ids.ts';
import type { NoticeContent, NoticeKind } from '../../domain/notice.ts';

/** An incident that never was, for previews of messages: a fibre to Kahu that was cut 46 minutes ago. */
export function sampleContent(kind: NoticeKind, now: number): NoticeContent {
  const since = now - 46 * 60_000;
  const cause = {
    kind: 'link',
    id: 'sample',
    name: 'palattae--kahu',
    reason: 'failed',
    since,
    certainty: 0.97,
  } as const;
  return {
    incidentId: '00000000-0000-7000-8000-000000000000' as IncidentId,
    incidentNumber: 1287,
    severity: 'critical',
    cause,
    rule: 'link.down',
    since,
    place: { name: 'POP Palattae', latitude: -4.76, longitude: 120.13, at: 'rtr-palattae-01 sfp3', accessNotes: '' },
    evidence: [
      { key: 'link.no-light', arguments: { device: 'rtr-palattae-01', interface: 'sfp3', sinceAt: since } },
      { key: 'path.none', arguments: {} },
    ],
    impact: {
      sites: { village: 19, district: 1, agency: 0, pop: 0 },
      devices: 62,
      terminals: 19,
      services: [{ id: 'sample' as ServiceId, name: 'e-Planning', sites: 19 }],
      siteIds: [],
    },
    before: kind === 'revised' ? { ...cause, kind: 'device', name: 'rtr-kahu-01' } : null,
    lastedS: kind === 'resolved' ? 46 * 60 : null,
    flaps: null,
    digest: kind === 'digest' ? [{ number: 1286, cause, since, until: now }] : [],
  };
}
