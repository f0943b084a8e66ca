import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf, fragment, RouterBench, transportNames } from '../../../../tests/support/router-bench.ts';
import type { IntentDocument } from '../../../domain/intent.ts';

const canary = 'kenari';
const device = 'rtr-b-01';
let bench: RouterBench;
beforeAll(async () => {
  bench = await RouterBench.start(103, { isDriven: false });
});
afterAll(() => bench.stop());

/** A canary in every field that takes a secret; `mark` makes those of a second document others. */
function secrets(mark: string): IntentDocument {
  const key = Buffer.from(`${canary}-kunci-wireguard-${mark}`.padEnd(32, 'x')).toString('base64');
  return documentOf(
    fragment('wg', '/interface/wireguard', { name: 'wg9', 'private-key': key }, ['private-key']),
    fragment('peer', '/interface/wireguard/peers', { interface: 'wg9', 'public-key': Buffer.alloc(32, 3).toString('base64'), 'preshared-key': `${canary}-psk-${mark}` }), // prettier-ignore
    fragment('snmp', '/snmp/community', { name: `${canary}-komunitas-${mark}`, 'authentication-password': `${canary}-auth-${mark}`, 'encryption-password': `${canary}-enc-${mark}` }), // prettier-ignore
    fragment('trap', '/snmp', { 'trap-community': `${canary}-trap-${mark}` }),
    fragment('ops', '/user', { name: 'ops', group: 'read', password: `${canary}-sandi-${mark}` }, ['password']),
    fragment('script', '/system/script', { name: 'kirim', source: `/tool fetch url="x" password="${canary}-skrip-${mark}"` }, ['source']), // prettier-ignore
  );
}

const keyOf = (mark: string): string => secrets(mark).fragments[0]?.values['private-key'] ?? '';

/** Everything of a value that a log, JSON or an inspector could show. */
function shown(value: unknown): string {
  const parts = [inspect(value, { depth: 12, showHidden: true }), JSON.stringify(value) ?? ''];
  if (value instanceof Error) parts.push(String(value.stack), shown(value.cause ?? null), JSON.stringify(Object.entries(value))); // prettier-ignore
  return parts.join('\n');
}

describe.each(transportNames)('secrets, by %s', (transport) => {
  it('are in nothing that is returned, told or thrown: plan, steps, drift, errors, rollbacks, the masked backup', async () => {
    const told: unknown[] = [];
    const first = secrets(`a-${transport}`);
    const second = secrets(`b-${transport}`);
    const target = bench.target(device, transport);
    const apply = (document: IntentDocument, applied: IntentDocument | null, run: string) =>
      bench.with(target, async (session) => {
        const { until } = await session.arm(run, 60);
        told.push(await session.rollbacks());
        told.push(await session.apply(document, { run, applied, until, onStep: (step) => told.push(step) }));
        told.push(await session.confirm(document, { run, applied }));
      });
    await apply(first, null, `${transport}-1`);
    await bench.with(target, async (session) => {
      const configuration = await session.read([first, second]);
      told.push(configuration, bench.driver.plan(second, configuration, first), bench.driver.plan(documentOf(), configuration, first)); // prettier-ignore
    });
    await apply(second, first, `${transport}-2`);
    await bench.with(target, async (session) => {
      // To be adopted from the device: a password in a script is named, too.
      const scripts = bench.driver.fragments(await session.read([second]), '/system/script');
      expect(scripts).toContainEqual(expect.objectContaining({ key: 'script', secret: ['source'] }));
    });
    // A device that repeats what it was sent, and a hand that changed a secret.
    const bad = documentOf(...second.fragments.slice(0, 4), fragment('bad', '/interface/list', { name: 'x', [`${canary}`]: `${canary}-nilai` })); // prettier-ignore
    told.push(await apply(bad, second, `${transport}-3`).catch((error: unknown) => error));
    bench.byHand(device, '/interface/wireguard/set', { '.id': bench.idOf(device, '/interface/wireguard', { name: 'wg9' }), 'private-key': keyOf('hand') }); // prettier-ignore
    await bench.with(target, async (session) => {
      told.push(await session.confirm(second, { run: 'none', applied: second }).catch((error: unknown) => error));
      const { text, masked } = await session.backup();
      told.push(masked);
      // The whole one has them: else nothing could be restored from it.
      for (const part of ['psk', 'komunitas', 'auth', 'enc', 'trap', 'skrip'])
        expect(text).toContain(`${canary}-${part}-b`);
    });
    told.push(await bench.driver.open({ ...target, credential: { user: 'arung', password: `${canary}-salah` } }).catch((error: unknown) => error)); // prettier-ignore
    const all = told.map(shown).join('\n');
    // The name of a property is no secret; what stands in it is.
    expect(all.replaceAll(`unknown parameter ${canary}`, '').match(/kenari-[\w-]*/g) ?? []).toEqual([]);
    for (const mark of [`a-${transport}`, `b-${transport}`, 'hand']) expect(all).not.toContain(keyOf(mark));
    expect(JSON.stringify(bench.rows(device, '/system/scheduler'))).not.toContain(canary);
    await apply(documentOf(), second, `${transport}-4`);
  });
});
