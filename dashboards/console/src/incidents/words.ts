import { severities, type AlertCause } from '../../../../src/domain/alert.ts';
import type { IncidentCauseView, IncidentView } from '../../../../src/domain/incident-view.ts';
import { evidenceSentences } from '../../../../src/alerting/words/evidence.ts';
import { certainty } from '../../../../src/alerting/words/figures.ts';
import { shownName } from '../../../../src/alerting/words/shown-text.ts';
import { causeSentence } from '../../../../src/alerting/words/words.ts';
import { instant } from '../lib/format.ts';
import { i18n, t, textOf } from '../lib/i18n.svelte.ts';
import { places } from '../lib/places.svelte.ts';
import { spokenLink } from '../parts/place-names.ts';

/** The same sentences as in messages, in the reader's language. */
export function titleOf(incident: Pick<IncidentView, 'cause' | 'rule'>): string {
  return causeTitle(incident.cause, incident.rule);
}

/** As the map says it where it is known there; of a cause outside the reader's regions its name. */
export function causeTitle(cause: IncidentCauseView, rule: string | null): string {
  const { kind, id, reason } = cause;
  if (kind === null || reason === null) return shownName(cause.name);
  const link = kind === 'link' && reason === 'failed' ? places.linksById.get(id ?? '') : undefined;
  const said = link && textOf(`map.cause.${link.medium}`, { name: spokenLink(link.id, cause.name) });
  if (said !== undefined) return said;
  const whole: AlertCause = {
    kind,
    id: id ?? '',
    name: kind === 'link' && reason === 'rule' ? spokenLink(id, cause.name) : cause.name,
    reason,
    since: Date.parse(cause.since),
    certainty: cause.certainty ?? 1,
  };
  return causeSentence(whole, rule, i18n.language);
}

/** `Hampir pasti, 97 %`; empty where it lies outside the reader's regions. */
export function certaintyOf({ certainty: share, reason }: IncidentCauseView): string {
  return share === null || reason === 'rule' ? '' : certainty(share, i18n.language);
}

export function evidenceOf(incident: Pick<IncidentView, 'evidence'>): readonly string[] {
  return evidenceSentences(incident.evidence, i18n.language);
}

/** The one line below a title: what speaks for it most, and how sure that is. */
export function lineOf(incident: IncidentView): string {
  if (incident.cause.kind === null) return t('incident.outside');
  const sure = certaintyOf(incident.cause);
  return [evidenceOf(incident)[0] ?? '', sure === '' ? '' : `${sure}.`].filter((text) => text !== '').join(' ');
}

/** All that is observed, how sure it is and since when, in sentences. */
export function sentencesOf(incident: IncidentView): string {
  const sure = certaintyOf(incident.cause);
  const since = t('incident.since', { at: instant(Date.parse(incident.since)) });
  const first = `${since.charAt(0).toUpperCase()}${since.slice(1)}.`;
  if (incident.cause.kind === null) return `${first} ${capital(t('incident.outside'))}.`;
  return [first, ...evidenceOf(incident), sure === '' ? '' : `${sure}.`].filter((text) => text !== '').join(' ');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Whom it hurts, in two lines: what is dark, and of how much. */
export function impactOf({ impact, state }: IncidentView): { readonly main: string; readonly more: string } {
  const { village, district, agency, pop } = impact.sites;
  const sites = village + district + agency + pop;
  const main =
    village > 0
      ? t('incident.dark.village', { n: village })
      : sites > 0
        ? t('incident.dark.site', { n: sites })
        : t(state === 'open' ? 'incident.no-impact' : 'incident.had-no-impact');
  const devices =
    impact.devices === 0
      ? ''
      : impact.terminals > 0
        ? t('incident.devices-terminals', { n: impact.devices, terminals: impact.terminals })
        : t('incident.devices', { n: impact.devices });
  const services = impact.services.length === 0 ? '' : t('incident.services', { n: impact.services.length });
  return { main, more: [devices, services].filter((text) => text !== '').join(', ') };
}

/** Worst first: what nobody has taken before what somebody has, then the newest. */
export function worstFirst(a: IncidentView, b: IncidentView): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    Number(a.takenBy !== null) - Number(b.takenBy !== null) ||
    b.impact.siteIds.length - a.impact.siteIds.length ||
    Date.parse(b.since) - Date.parse(a.since)
  );
}

/** Where the map shows it; null where it lies nowhere. */
export function mapOf({ cause, impact }: Pick<IncidentView, 'cause' | 'impact'>): string | null {
  if ((cause.kind === 'link' || cause.kind === 'device') && cause.id !== null) {
    return `/?cause=${cause.kind}:${encodeURIComponent(cause.id)}`;
  }
  const site = cause.kind === 'site' ? cause.id : impact.siteIds[0];
  return site === null || site === undefined ? null : `/?site=${encodeURIComponent(site)}`;
}

/** When it was over; null while it is not. */
export function endOf(incident: Pick<IncidentView, 'clearedAt' | 'endedAt' | 'state'>): number | null {
  if (incident.state === 'open') return null;
  const at = incident.clearedAt ?? incident.endedAt;
  return at === null ? null : Date.parse(at);
}
