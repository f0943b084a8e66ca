import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeableMenus, fragmentOf } from '../../../../tests/support/random-intent.ts';
import { documentOf, fragment, RouterBench } from '../../../../tests/support/router-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';
import { phasesOf } from './phases.ts';
import { documentOfExport, leftOut } from './restore.ts';

const device = 'rtr-dc-01';
let bench: RouterBench;
beforeAll(async () => {
  bench = await RouterBench.start(135, { isDriven: false });
});
afterAll(() => bench.stop());

const backup = () => bench.with(bench.target(device), (session) => session.backup());
const hand = (path: string, values: Readonly<Record<string, string>>): void => bench.byHand(device, path, values);

/** Brings the router back as a rollout does, and says how many steps that took. */
async function bringBack(text: string, run: string): Promise<readonly string[]> {
  const document = documentOfExport(text);
  bench.driver.check(document);
  return bench.with(bench.target(device), async (session) => {
    const { until } = await session.arm(run, 60);
    const { steps } = await session.apply(document, { run, applied: null, until });
    expect(await session.confirm(document, { run, applied: null })).toEqual({ confirmed: true });
    return steps.map(({ kind, subject }) => `${kind} ${subject}`);
  });
}

describe('a router that is brought back to a backup', () => {
  it('has everything as it was, whoever changed it, and nothing of it is managed', async () => {
    hand('/ip/firewall/filter/add', { chain: 'input', action: 'accept', protocol: 'icmp', comment: 'ping' });
    hand('/ip/firewall/filter/add', { chain: 'forward', action: 'drop', 'src-address': '10.9.0.0/24' });
    hand('/queue/simple/add', { name: 'tamu', target: '10.9.1.0/24', 'max-limit': '8M/8M' });
    hand('/snmp/community/add', { name: 'pantau', security: 'private', 'encryption-password': 'rahasia-asli' });
    hand('/ip/dns/set', { servers: '10.9.0.53' });
    const before = { backup: await backup(), content: bench.contentOf(device) };

    const first = bench.idOf(device, '/ip/firewall/filter', { comment: 'ping' });
    hand('/ip/firewall/filter/remove', { '.id': first });
    hand('/ip/firewall/filter/add', { chain: 'forward', action: 'accept', comment: 'arung:bukan' });
    hand('/queue/simple/set', { '.id': bench.idOf(device, '/queue/simple', { name: 'tamu' }), 'max-limit': '1M/1M' });
    hand('/snmp/community/set', { '.id': bench.idOf(device, '/snmp/community', { name: 'pantau' }), 'encryption-password': 'rahasia-lain' }); // prettier-ignore
    hand('/ip/dns/set', { servers: '8.8.8.8' });
    hand('/system/note/set', { note: 'dipasang tangan' });
    hand('/ip/pool/add', { name: 'kolam', ranges: '10.8.0.2-10.8.0.9' });
    const steps = await bringBack(before.backup.text, 'kembali-1');

    expect(steps).toEqual([
      'add /ip/firewall/filter',
      'set /ip/dns',
      'set /queue/simple',
      'set /system/note',
      'set /snmp/community',
      'remove /ip/pool',
      'remove /ip/firewall/filter',
    ]);
    expect(bench.contentOf(device)).toBe(before.content);
    expect(await backup()).toEqual(before.backup);
    expect(bench.files(device)).toEqual([]);
    expect(await bringBack(before.backup.text, 'kembali-2')).toEqual([]);
  });

  it('is not told what only a person has called secret', async () => {
    const named = new Map([['/system/note', new Set(['note'])]]);
    const { text: without } = await backup();
    hand('/system/note/set', { note: 'catatan kenari' });
    const { text } = await backup();
    const note = documentOf(fragment('catatan', '/system/note', { note: 'catatan kenari' }, ['note']));
    const planned = async (backed: string, applied: typeof note | null) => {
      const document = bench.driver.restoring(backed, named);
      return bench.with(bench.target(device), async (session) =>
        bench.driver.plan(document, await session.read([document]), applied),
      );
    };
    const hidden = [{ subject: '/system/note', changes: [{ property: 'note', secret: true, before: null, after: null }] }]; // prettier-ignore
    expect(await planned(without, note)).toMatchObject(hidden);
    hand('/system/note/set', { note: 'lain' });
    expect(await planned(text, null)).toMatchObject(hidden);
    hand('/system/note/set', { note: '' });
  });

  it('is told what would change, without any secret', async () => {
    const { text } = await backup();
    hand('/snmp/community/set', { '.id': bench.idOf(device, '/snmp/community', { name: 'pantau' }), 'encryption-password': 'rahasia-lain' }); // prettier-ignore
    const document = documentOfExport(text);
    const steps = await bench.with(bench.target(device), async (session) =>
      bench.driver.plan(document, await session.read([document]), null),
    );
    expect(steps).toMatchObject([
      {
        kind: 'set',
        subject: '/snmp/community',
        changes: [{ property: 'encryption-password', secret: true, before: null, after: null }],
      },
    ]);
    expect(JSON.stringify(steps)).not.toContain('rahasia');
    await bringBack(text, 'kembali-3');
  });

  it('is brought back in one part: what it has is not known as ours', async () => {
    const document = documentOfExport((await backup()).text);
    const applied = documentOf({ key: 'lan', subject: '/ip/address', values: { address: '10.9.9.1/24', interface: 'bridge' }, secret: [] }); // prettier-ignore
    expect(phasesOf(applied, document)).toEqual([{ phase: 'switch', document }]);
    expect(phasesOf(document, applied)).toEqual([{ phase: 'switch', document: applied }]);
  });

  it('is not brought back to hardware that it is not', async () => {
    const text = `${(await backup()).text}/interface ethernet\nset [ find default-name=sfp99 ] name=x\n`;
    const document = documentOfExport(text);
    const plan = bench.with(bench.target(device), async (session) =>
      bench.driver.plan(document, await session.read([document]), null),
    );
    await expect(plan).rejects.toMatchObject({ code: 'router.no-entry' });
  });

  it('says which menus it cannot bring back where they differ', () => {
    const then = '/ip hotspot\nadd name=a\n/ip pool\nadd name=p ranges=1.1.1.1\n/caps-man manager\nset enabled=yes\n';
    const now = '/ip hotspot\nadd name=b\n/caps-man manager\nset enabled=yes\n/system scheduler\nadd name=x\n';
    expect(leftOut(then, now)).toEqual(['/ip/hotspot']);
    expect(leftOut('/ip service\nset api disabled=yes\n', '/ip service\nset api disabled=yes port=99\n')).toEqual(['/ip/service']); // prettier-ignore
    expect(leftOut('', '/system clock\nset time-zone-name=Asia/Jakarta\n')).toEqual(['/system/clock']);
    expect(leftOut('/snmp\nset enabled=yes\n', '/snmp\nset enabled=yes contact=x\n')).toEqual([]);
  });

  it('is the same again after any change to what it knows', async () => {
    const menus = changeableMenus.filter(
      ({ path }) => !/^\/(ip\/(service|address|route)|interface|user|system\/clock)/.test(path),
    );
    const documents: fc.Arbitrary<IntentDocument> = fc
      .uniqueArray(fc.constantFrom(...menus), { minLength: 1, maxLength: 5 })
      .chain((some) => fc.tuple(...some.map((menu, at) => fragmentOf(menu, `f${at}`))))
      .map((fragments) => documentOf(...fragments));
    let [run, applied] = [0, 0];
    await fc.assert(
      fc.asyncProperty(documents, async (document) => {
        run += 1;
        const before = bench.contentOf(device);
        const { text } = await backup();
        const name = `acak-${run}`;
        const done = await bench
          .with(bench.target(device), async (session) => {
            bench.driver.check(document);
            const { until } = await session.arm(name, 60);
            await session.apply(document, { run: name, applied: null, until });
            return (await session.confirm(document, { run: name, applied: null })).confirmed;
          })
          .catch(() => false);
        if (done) applied += 1;
        await bringBack(text, `${name}-kembali`);
        expect(bench.contentOf(device)).toBe(before);
      }),
      { numRuns: 25, seed: 5 },
    );
    expect(applied).toBeGreaterThan(10);
  }, 120_000);
});
