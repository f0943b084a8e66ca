import { ownUplinkId } from '../../../../src/domain/own-uplink.ts';
import { capacity, percent, time } from '../lib/format.ts';
import { t, type TextKey } from '../lib/i18n.svelte.ts';
import type { OpenCause } from './causes.ts';
import { linkName } from './names.ts';
import type { Network } from './network.ts';

/** Words for a cause, in the reader's language; the thing first, the number early. */
export function causeTitle(cause: OpenCause, network: Network): string {
  switch (cause.kind) {
    case 'link': {
      if (!cause.link) return t('map.cause.cable', { name: cause.name });
      const key = `map.cause.${cause.link.medium}` as TextKey;
      const name = linkName(cause.link, network);
      return key === 'map.cause.radio'
        ? t('map.cause.radio', { name })
        : key === 'map.cause.vsat'
          ? t('map.cause.vsat', { name })
          : key === 'map.cause.4g'
            ? t('map.cause.4g', { name })
            : key === 'map.cause.copper'
              ? t('map.cause.copper', { name })
              : t('map.cause.fibre', { name });
    }
    case 'device':
      return cause.site ? t('map.cause.site', { name: cause.site.name }) : t('map.cause.device', { name: cause.name });
    case 'agent':
      return t('map.cause.agent', { name: cause.name });
    case 'controller':
      return t(cause.id === ownUplinkId ? 'map.cause.uplink' : 'map.cause.controller');
    case 'hidden':
      return t('map.cause.hidden', { name: cause.name });
    case 'unknown':
      return t('map.cause.unknown');
    case 'maintenance':
      return t('map.cause.maintenance');
    case 'devices':
      return t('map.cause.devices', { n: cause.devices });
    case 'load':
      return t('map.cause.load', {
        name: cause.link ? linkName(cause.link, network) : cause.name,
        percent: percent(cause.load),
      });
  }
}

/** The second line: whom it hurts. */
export function causeEffect(cause: OpenCause): string {
  const villages = cause.sites.filter((site) => site.kind === 'village').length;
  const sites = cause.sites.length;
  switch (cause.kind) {
    case 'maintenance':
      return t('map.maintenance-sites', { n: sites });
    case 'unknown':
    case 'agent':
    case 'controller':
      return t('map.unknown-sites', { n: sites });
    case 'load':
      return cause.link ? t('map.of-capacity', { capacity: capacity(cause.link.capacityBps) }) : '';
    case 'devices':
      return '';
    default:
      if (sites === 0) return t('map.affected-none');
      if (sites === 1 && cause.site) return t('map.one-site');
      if (villages === sites) return t('map.dark-villages', { villages });
      return villages < 2 ? t('map.affected-sites', { n: sites }) : t('map.dark-sites', { villages, sites });
  }
}

/** The sentence of the panel: what is known, since when, and what follows. */
export function causeSentence(cause: OpenCause, network: Network): string {
  const at = cause.since === null ? '–' : time(cause.since, true);
  const n = cause.sites.length;
  switch (cause.kind) {
    case 'link': {
      const name = cause.link ? linkName(cause.link, network) : cause.name;
      return n === 0 ? t('map.sentence.link-alone', { name, time: at }) : t('map.sentence.link', { name, time: at, n });
    }
    case 'device': {
      const others = cause.sites.filter((site) => site !== cause.site).length;
      const name = cause.name === '' ? (cause.site?.name ?? '') : cause.name;
      return others > 0
        ? t('map.sentence.device', { name, time: at, n: others })
        : t('map.sentence.device-alone', { name, time: at });
    }
    case 'agent':
      return t('map.sentence.agent', { name: cause.name, time: at, n });
    case 'controller':
      return cause.id === ownUplinkId
        ? t('map.sentence.uplink', { time: at, n })
        : t('map.sentence.controller', { time: at });
    case 'hidden':
      return t('map.sentence.hidden', { name: cause.name, time: at });
    case 'unknown':
      return t('map.sentence.unknown', { n, time: at });
    case 'maintenance':
      return t('map.sentence.maintenance', { n });
    default:
      return causeEffect(cause);
  }
}
