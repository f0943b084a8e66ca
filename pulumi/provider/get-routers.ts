import { Refused, type Controller } from './controller.ts';
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
  await mustBeSeen(region, controller, signal);
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

/** A region that is none, or not this token's, has no routers either; a program would then say that there shall be none. */
async function mustBeSeen(region: string, controller: Controller, signal: AbortSignal): Promise<void> {
  const example = 'Give a code of the Ministry of Home Affairs as the inventory has it, for example 73.08.01.';
  if (!/^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$/.test(region)) {
    throw new Error(`getRouters: ${JSON.stringify(region)} is no code of a region. ${example}`);
  }
  const regions = await controller.regions({ signal });
  if (regions !== 'everywhere' && !regions.some((code) => region === code || region.startsWith(`${code}.`))) {
    throw new Error(
      `getRouters: this token is for ${regions.join(', ')} only, and ${region} is not in it: take a token for ${region}, or for all regions.`,
    );
  }
  try {
    await controller.call({ method: 'GET', path: `/regions/${region}`, signal });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    throw new Error(`getRouters: there is no region ${region} in Arung. ${example}`, { cause: error });
  }
}
