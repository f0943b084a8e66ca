import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syslogOf } from './syslog.ts';

const read = (text: string) => syslogOf(Buffer.from(text));

describe('a datagram of syslog', () => {
  it.each([
    ['<30>system,info filter rule added by admin', null, 'system,info filter rule added by admin'],
    ['system,info address changed by admin', null, 'system,info address changed by admin'],
    [
      '<30>Dec  1 21:30:00 rtr-kahu-01 system,info: item removed by admin',
      'rtr-kahu-01',
      'system,info: item removed by admin',
    ],
    [
      '<189>45: *Dec  1 21:30:00.123: %SYS-5-CONFIG_I: Configured from console by a on vty0',
      null,
      '45: *Dec  1 21:30:00.123: %SYS-5-CONFIG_I: Configured from console by a on vty0',
    ],
    ['<13>1 2026-12-01T21:30:00.1+08:00 sw-kahu-01 arung 77 - - [a@1 b="c"] pesan', 'sw-kahu-01', '[a@1 b="c"] pesan'],
    ['<13>1 - - - - - pesan', null, 'pesan'],
    // As Huawei, H3C and RouterOS write the time where they are not told otherwise, or to write it as ISO 8601.
    ['<189>Aug 6 2011 20:34:46 sw-kahu-01 %%01HWCM/5/EXIT(l)[1]:x', 'sw-kahu-01', '%%01HWCM/5/EXIT(l)[1]:x'],
    ['<189>Sep 15 2026 21:12:23+08:00 sw-kahu-01 %%01SHELL/5/X:x', 'sw-kahu-01', '%%01SHELL/5/X:x'],
    ['<190>Dec  4 17:41:32 2019 sw-kahu-01 %%10SHELL/6/SHELL_CMD: x', 'sw-kahu-01', '%%10SHELL/6/SHELL_CMD: x'],
    ['<189>2003-05-30T06:42:44 sw-kahu-01 %%10SHELL/6/SHELL_CMD: x', 'sw-kahu-01', '%%10SHELL/6/SHELL_CMD: x'],
    ['<30>2026-12-01T21:30:00.123+0800 rtr-kahu-01 item added', 'rtr-kahu-01', 'item added'],
    ['<30>system,info item changed by \u202enimda', null, 'system,info item changed by  nimda'],
  ])('%s', (text, host, said) => {
    expect(read(text)).toEqual({ host, text: said });
  });

  it('is none without a text, or with a priority that there is not', () => {
    for (const text of ['', '   ', '<13>', '<192>pesan', '\u0000\u0001', '<1>1234'])
      expect({ text, read: read(text) }).toEqual({ text, read: null });
  });

  it('is read to the end whatever it holds: no control character, never more than was sent', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 9_000 }),
        fc.constantFrom('', '<13>', '<13>1 ', '<13>Dec  1 21:30:00 '),
        (bytes, head) => {
          const message = syslogOf(Buffer.concat([Buffer.from(head), bytes]));
          if (message === null) return;
          expect(`${message.host ?? ''}${message.text}`).not.toMatch(/[\p{Cc}\p{Cf}]/u);
          expect(message.text.length).toBeLessThanOrEqual(2_048);
        },
      ),
    );
  });
});
