import { describe, expect, it } from 'vitest';
import { backupOf } from './export.ts';

const whole = `# 2026-11-30 08:15:00 by RouterOS 7.18.2
# software id = AAAA-BBBB
#
# model = RB760iGS
# serial number = SN-1
/interface bridge
add comment="Desa Pattir\\C3\\B3" name=bridge
/interface wireguard
add listen-port=13231 name=wg1 private-key="AAAA/BBBB+CC="
# in/out-interface matcher not possible when interface (ether1) is slave
/ip address
add address=10.0.0.1/24 interface=bridge \\
    network=10.0.0.0
/snmp community
set [ find default=yes ] disabled=yes name=rahasia-kab
/system script
add name=kirim source="/tool fetch password=\\"rahasia-skrip\\" url=\\"x\\"; :log info \\"kunci\\""
/system identity
set name=rtr-kahu-01
`;

describe('an export of a router', () => {
  it('is the same when only the moment and what is plugged in differ', () => {
    const later = whole
      .replace('2026-11-30 08:15:00', '2026-12-01 23:59:59')
      .replace(/# in\/out.*\n/, '')
      .replace(' \\\n    network', ' network')
      .replaceAll('\n', '\r\n');
    expect(backupOf('r', later)).toEqual(backupOf('r', whole));
    expect(backupOf('r', whole).text).toContain(
      '# by RouterOS 7.18.2\n# software id = AAAA-BBBB\n# model = RB760iGS\n',
    );
  });

  it('has nothing of a rollback that waits on the device', () => {
    const timer = '/system scheduler\nadd interval=1m name=arung-rollback.7 on-event="/system/backup/load"\n';
    const armed = whole.replace('/system script', `${timer}/system script`);
    expect(backupOf('r', armed)).toEqual(backupOf('r', whole));
    const beside = armed.replace('add interval', 'add name=malam start-time=03:00:00\nadd interval');
    expect(backupOf('r', beside).text).toContain(
      '/system scheduler\nadd name=malam start-time=03:00:00\n/system script',
    );
  });

  it('is another one when something was changed', () => {
    expect(backupOf('r', whole.replace('10.0.0.1/24', '10.0.0.2/24')).text).not.toBe(backupOf('r', whole).text);
    expect(backupOf('r', whole.replace('7.18.2', '7.19')).text).not.toBe(backupOf('r', whole).text);
  });

  it('keeps every secret in the text to be sealed, and none in the masked one', () => {
    const { text, masked } = backupOf('r', whole);
    for (const secret of ['AAAA/BBBB+CC=', 'rahasia-kab', 'rahasia-skrip']) {
      expect(text).toContain(secret);
      expect(masked).not.toContain(secret);
    }
    expect(masked).toContain('add listen-port=13231 name=wg1 private-key=•••');
    expect(masked).toContain('set [ find default=yes ] disabled=yes name=•••');
    expect(masked).toContain('/system identity\nset name=rtr-kahu-01\n');
    const named = new Map([['/system/identity', new Set(['name'])]]);
    expect(backupOf('r', whole, named)).toEqual({
      text,
      masked: masked.replace('set name=rtr-kahu-01', 'set name=•••'),
    });
  });

  it.each([
    ['nothing', ''],
    ['what is no export', 'no such command\n'],
    ['one without its end', whole.slice(0, -1)],
    ['one cut in a word', `${whole.slice(0, whole.indexOf('interface=bridge') + 4)}`],
    ['one cut in a text', `${whole.slice(0, whole.indexOf('rahasia-skrip'))}\n`],
    ['one cut after a menu', `${whole.slice(0, whole.indexOf('set name=rtr-kahu'))}`],
    ['one of a device that could not read a menu', whole.replace('/system identity', '#error exporting "/system/x" (timeout)\n/system identity')], // prettier-ignore
    ['one in which a line is half', whole.replace('add address=10.0.0.1/24', 'dress=10.0.0.1/24')],
  ])('is refused when it is %s', (_, text) => {
    expect(() => backupOf('10.0.0.1:8728', text)).toThrowError(expect.objectContaining({ code: 'router.export-cut' }) as Error); // prettier-ignore
  });
});
