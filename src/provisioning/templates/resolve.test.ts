import { describe, expect, it } from 'vitest';
import type { DeviceId, SiteId } from '../../domain/ids.ts';
import { nearnessOf, type PlaceScope } from '../../domain/place.ts';
import { levelOfCode } from '../../domain/region.ts';
import type { Stand } from '../places/stands.ts';
import { changedTemplates, resolveTemplates, usedOf, type ResolvableTemplate } from './resolve.ts';

const site = '0198a000-0000-7000-8000-000000000001' as SiteId;
const stand: Stand = {
  deviceId: '0198a000-0000-7000-8000-000000000002' as DeviceId,
  deviceName: 'rtr-kahu',
  siteId: site,
  regionCode: '73.08.02.1001',
  groups: ['radio', 'hub', 'role:router'],
};

function template(
  name: string,
  places: readonly (readonly [PlaceScope, string])[],
  contents: Readonly<Record<string, string>>,
): ResolvableTemplate {
  return {
    name,
    driver: 'routeros',
    contents: Object.entries(contents),
    places: places.map(([scope, key]) => ({
      scope,
      key,
      siteId: scope === 'site' ? site : null,
      place: { scope, key, name: key, level: nearnessOf(scope, key, scope === 'region' ? levelOfCode(key) : null) },
    })),
  };
}
const said = (templates: readonly ResolvableTemplate[], driver = 'routeros') =>
  resolveTemplates(templates, stand, driver).map(({ key, content, place }) => `${key}=${content} ${place.level}`);

describe('what templates say of a device', () => {
  const network = template('a-dasar', [['network', '']], { jam: 'n', log: 'n' });
  const role = template('b-router', [['group', 'role:router']], { jam: 'role' });
  const tags = template('c-tanda', [['group', 'radio'], ['group', 'hub']], { jam: 'tag' }); // prettier-ignore
  const district = template('d-kahu', [['region', '73.08.02'], ['region', '73.08.03']], { jam: 'kahu', dns: 'kahu' }); // prettier-ignore
  const village = template('e-desa', [['region', '73.08.02.1001']], { jam: 'desa' });
  const atSite = template('f-situs', [['site', 'kec-kahu']], { jam: 'situs' });
  const device = template('g-alat', [['device', 'rtr-kahu'], ['network', '']], { jam: 'alat' }); // prettier-ignore

  it('is of each key what the nearest says, whatever order templates came in', () => {
    const farToNear = [network, role, tags, district, village, atSite, device];
    const expected = [
      'n network',
      'role role',
      'tag tag',
      'kahu district',
      'desa village',
      'situs site',
      'alat device',
    ];
    farToNear.forEach((_, at) => {
      const some = farToNear.slice(0, at + 1);
      expect(said(some)).toContain(`jam=${expected[at]}`);
      expect(said(some.toReversed())).toEqual(said(some));
      expect(said(some)).toContain('log=n network');
    });
    const [jam] = resolveTemplates(farToNear, stand, 'routeros');
    expect(jam?.hides.map((one) => one.template)).toEqual(['f-situs', 'e-desa', 'd-kahu', 'c-tanda', 'b-router', 'a-dasar']); // prettier-ignore
  });

  it('is nothing of other regions, drivers and devices', () => {
    const elsewhere = template('x', [['region', '73.08.03'], ['group', 'role:switch'], ['device', 'rtr-kahu-2']], { jam: 'x' }); // prettier-ignore
    expect(said([elsewhere])).toEqual([]);
    expect(said([network], 'cli')).toEqual([]);
  });

  it('of two at one place is what the first in the alphabet says', () => {
    const other = template('a-awal', [['network', '']], { jam: 'lain' });
    expect(said([network, other])).toEqual(['jam=lain network', 'log=n network']);
  });

  it('has changed when what counts of a template has, when one goes or comes, or when their order turns', () => {
    const nameOf = (text: string) => text;
    const used = (templates: readonly ResolvableTemplate[], own: readonly string[] = []) =>
      usedOf(resolveTemplates(templates, stand, 'routeros'), new Set(own), nameOf);
    const before = used([network, district]);
    expect(changedTemplates(before, used([district, network]))).toEqual([]);
    expect(changedTemplates(before, used([network]))).toEqual(['a-dasar', 'd-kahu']);
    const otherLog = template('a-dasar', [['network', '']], { jam: 'n', log: 'lain' });
    expect(changedTemplates(before, used([otherLog, district]))).toEqual(['a-dasar']);
    // What a nearer one or the device itself says hides the change.
    const otherJam = template('a-dasar', [['network', '']], { jam: 'lain', log: 'n' });
    expect(changedTemplates(before, used([otherJam, district]))).toEqual([]);
    expect(changedTemplates(used([network], ['log']), used([otherLog], ['log']))).toEqual([]);
    const nearer = template('d-kahu', [['network', '']], { dns: 'kahu' });
    const farther = template('a-dasar', [['group', 'radio']], { log: 'n' });
    const turned = changedTemplates(
      used([template('d-kahu', [['region', '73.08']], { dns: 'kahu' }), farther]),
      used([nearer, farther]),
    );
    expect(turned).toEqual(['a-dasar', 'd-kahu']);
  });
});
