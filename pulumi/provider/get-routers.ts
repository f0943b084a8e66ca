import type { Controller } from './controller.ts';
import { textOf, type Properties } from './values.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

interface Device {
  readonly name: string;
  readonly model: string;
  readonly gateway: boolean;
  readonly siteId: string;
  readonly siteCode: string;
  readonly siteName: string;
  readonly regionCode: string;
  readonly managementCredentialId: string | null;
  readonly tags: readonly string[];
}

interface Site {
  readonly id: string;
  readonly kind: string;
}

const pageSize = 500;

/** The routers of a region that can be configured, with what tells a component what they are. */
export async function getRouters(args: Properties, controller: Controller, signal: AbortSignal): Promise<Properties> {
  const region = textOf(args['region']);
  if (region === '') throw new Error('getRouters: give the code of a region, for example 73.08.01.');
  const all = async <T>(path: string, query: Readonly<Record<string, string>>): Promise<readonly T[]> => {
    const found: T[] = [];
    for (let cursor: string | null = null; ;) {
      const page: Page<T> = await controller.call<Page<T>>({
        method: 'GET',
        path,
        query: { ...query, region, limit: pageSize, ...(cursor === null ? {} : { cursor }) },
        signal,
      });
      found.push(...page.items);
      if (page.next === null) return found;
      cursor = page.next;
    }
  };
  const kinds = new Map((await all<Site>('/sites', {})).map(({ id, kind }) => [id, kind]));
  const devices = await all<Device>('/devices', { role: 'router' });
  const routers = devices
    .filter(({ managementCredentialId }) => managementCredentialId !== null)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, model, gateway, siteId, siteCode, siteName, regionCode, tags }) => ({
      name,
      model,
      gateway,
      site: siteCode,
      siteName,
      siteKind: kinds.get(siteId) ?? '',
      region: regionCode,
      tags: [...tags],
    }));
  return { routers };
}
