import { describe, expect, it } from 'vitest';
import { decodeLines } from './line-protocol.ts';
import { encodeReasons, readReasons } from './look-reasons.ts';

const header = '# agent=kahu boot=b1 seq=7\n';
const points = 'service,check=http,service=s1 up=0,degraded=0 1764520000\n';
const reason = {
  serviceId: 's1',
  at: 1_764_520_000,
  reason: { code: 'probe.http-status', arguments: { status: 500 } },
};

describe('why looks were not up', () => {
  it('travels with their points, and disturbs nobody who reads line protocol', () => {
    const hostile = {
      ...reason,
      reason: { code: 'probe.failed', arguments: { reason: 'x"\n# why {} \u202e<script>' } },
    };
    const text = header + encodeReasons([reason, hostile]) + points;
    expect(readReasons(text)).toEqual([reason, hostile]);
    expect(decodeLines(text)).toMatchObject({ errors: [], points: [{ measurement: 'service' }] });
  });

  it('is passed over where it does not fit, and looked for before the points alone', () => {
    const line = (why: unknown): string => `# why ${JSON.stringify(why)}\n`;
    const fits = { service: 's1', at: 1, code: 'probe.timeout', arguments: {} };
    const wrong = [
      { ...fits, code: 'sign-in.wrong-password' },
      { ...fits, code: `probe.${'x'.repeat(90)}` },
      { ...fits, at: -1 },
      { ...fits, arguments: { a: { deep: true } } },
      { ...fits, arguments: { a: 'x'.repeat(500) } },
      null,
    ];
    const text = `${header}${wrong.map(line).join('')}# why {\n${line(fits)}${points}${line({ ...fits, at: 2 })}`;
    expect(readReasons(text).map(({ at }) => at)).toEqual([1]);
    expect(readReasons('')).toEqual([]);
  });
});
