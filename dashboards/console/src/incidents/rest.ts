import type { IncidentDetailView, IncidentStatistics } from '../../../../src/api/incident-schemas.ts';

/** `GET /api/v1/incidents/{id}`, and what is in it. */
export type IncidentDetail = IncidentDetailView;
export type NoticeView = IncidentDetail['notices'][number];
export type EntryView = IncidentDetail['entries'][number];
export type { IncidentStatistics };
