import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { smallBackbone, user, type SmallBackbone } from './testing/small-backbone.ts';

let backbone: SmallBackbone;
beforeAll(async () => {
  backbone = await smallBackbone(41);
});
afterAll(() => backbone.simulator.stop());

describeWithPeer('librouteros', "a simulated router to PyPI's librouteros", (python) => {
  /** Runs lines of Python with `api` connected to a router; what they print comes back as JSON. */
  const script = (device: string, lines: string, login: { name: string; password: string } = user): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const source = [
        'import json, sys',
        'from librouteros import connect',
        'from librouteros.query import Key, Or, And',
        'from librouteros.exceptions import TrapError, FatalError',
        `api = connect(host=${JSON.stringify(backbone.addressOf(device))}, port=${backbone.ports.api}, username=${JSON.stringify(login.name)}, password=${JSON.stringify(login.password)}, timeout=10, encoding='utf-8')`,
        lines,
      ].join('\n');
      execFile(python, ['-c', source], { timeout: 30_000 }, (error, stdout, stderr) => {
        if (error !== null) reject(new Error(stderr || error.message));
        else resolve(JSON.parse(stdout));
      });
    });

  it('signs in, and reads what the device is', async () => {
    const found = await script(
      'rtr-a-01',
      'print(json.dumps([list(api("/system/identity/print")), list(api.path("system","resource"))]))',
    );
    expect(found).toMatchObject([[{ name: 'rtr-a-01' }], [{ 'board-name': 'CCR2004-1G-12S+2XS' }]]);
  });

  it('refuses a wrong password', async () => {
    await expect(script('rtr-a-01', 'print("{}")', { name: user.name, password: 'salah' })).rejects.toThrow(
      'invalid user name or password',
    );
  });

  it('adds, changes, finds by query and removes, with text that is not ASCII', async () => {
    const found = await script(
      'rtr-b-01',
      `
addresses = api.path('ip', 'address')
one = addresses.add(address='10.9.0.1/24', interface='bridge', comment='Kecamatan Ulawéng — ✓')
addresses.update(**{'.id': one, 'disabled': True})
after = list(addresses.select('.id', 'address', 'comment', 'disabled', 'network').where(Key('address') == '10.9.0.1/24'))
both = list(api.path('interface').select('name').where(Or(Key('name') == 'ether1', Key('type') == 'bridge')))
addresses.remove(one)
left = list(addresses.select('address').where(Key('address') == '10.9.0.1/24'))
print(json.dumps([after, both, left]))`,
    );
    expect(found).toEqual([
      [
        {
          '.id': expect.stringMatching(/^\*[0-9A-F]+$/) as string,
          address: '10.9.0.1/24',
          comment: 'Kecamatan Ulawéng — ✓',
          disabled: true,
          network: '10.9.0.0',
        },
      ],
      [{ name: 'ether1' }, { name: 'bridge' }],
      [],
    ]);
  });

  it('tells what is wrong with a command as a trap, and goes on', async () => {
    const found = await script(
      'rtr-b-01',
      `
said = []
for path, values in ((('ip','address'), dict(address='10.9.9.9/99', interface='bridge')), (('ip','address'), dict(address='10.9.9.9/24', interface='ether99')), (('ip','address'), dict(addres='10.9.9.9/24')), (('interface','vlan'), dict(name='x', interface='bridge', **{'vlan-id': 5000}))):
    try:
        api.path(*path).add(**values)
        said.append('taken')
    except TrapError as error:
        said.append(str(error))
try:
    list(api('/ip/addres/print'))
except TrapError as error:
    said.append(str(error))
try:
    api.path('ip','address').remove('*FFFF')
except TrapError as error:
    said.append(str(error))
said.append(len(list(api.path('ip','address'))) > 0)
print(json.dumps(said))`,
    );
    expect(found).toEqual([
      expect.stringContaining('invalid value for argument address'),
      expect.stringContaining('input does not match any value of interface'),
      expect.stringContaining('unknown parameter addres'),
      expect.stringContaining('out of range (1..4094)'),
      expect.stringContaining('no such command prefix'),
      expect.stringContaining('no such item'),
      true,
    ]);
  });

  it('keeps the order of a filter: place-before and move', async () => {
    const found = await script(
      'rtr-a-01',
      `
rules = api.path('ip', 'firewall', 'filter')
a = rules.add(chain='forward', action='accept', comment='a')
b = rules.add(chain='forward', action='accept', comment='b')
c = rules.add(chain='forward', action='accept', comment='c', **{'place-before': a})
order = [r['comment'] for r in rules]
list(rules('move', numbers=b, destination=c))
moved = [r['comment'] for r in rules]
rules.remove(a, b, c)
print(json.dumps([order, moved, list(rules)]))`,
    );
    expect(found).toEqual([['c', 'a', 'b'], ['b', 'c', 'a'], []]);
  });

  it('makes an export that an import takes, and a backup that a load brings back', async () => {
    const found = await script(
      'rtr-c-01',
      `
import time
list(api('/ip/pool/add', name='kolam', ranges='10.8.0.2-10.8.0.9'))
list(api('/export', file='sebelum'))
text = [f['contents'] for f in api.path('file') if f['name'] == 'sebelum.rsc'][0]
list(api('/system/backup/save', name='titik', password='kunci'))
list(api('/ip/pool/add', name='salah', ranges='10.8.1.2-10.8.1.9'))
before = [p['name'] for p in api.path('ip', 'pool')]
try:
    list(api('/system/backup/load', name='titik', password='bukan'))
except TrapError as error:
    refused = str(error)
try:
    list(api('/system/backup/load', name='titik', password='kunci'))
except Exception:
    pass
time.sleep(1)
again = connect(host=${JSON.stringify('HOST')}, port=PORT, username='${user.name}', password='${user.password}', timeout=10)
print(json.dumps([text, before, refused, [p['name'] for p in again.path('ip', 'pool')]]))`
        .replace('"HOST"', JSON.stringify(backbone.addressOf('rtr-c-01')))
        .replace('PORT', String(backbone.ports.api)),
    );
    expect(found).toEqual([
      expect.stringMatching(/\/ip pool\nadd name=kolam ranges=10\.8\.0\.2-10\.8\.0\.9\n/) as string,
      ['kolam', 'salah'],
      expect.stringContaining('wrong password') as string,
      ['kolam'],
    ]);
  });
});
