import { describe, expect, it } from 'vitest';
import { readExternal } from './external-points.ts';
import { decodeLines } from './line-protocol.ts';

const now = 1_764_000_000;
const read = (text: string, identityTags = ['agent_host', 'source', 'url', 'host']) =>
  readExternal(decodeLines(text), { precision: 'ns', nowS: now, identityTags });

describe('lines of a publisher', () => {
  it.each([
    ['s', `${now}`, 0],
    ['ms', `${now}250`, 0.25],
    ['us', `${now}000001`, 1e-6],
    ['ns', `${now}999999000`, 0.999999],
  ] as const)('keep their own time, to the microsecond: %s', (precision, time, fraction) => {
    const options = { precision, nowS: now, identityTags: ['host'] };
    const [point] = readExternal(decodeLines(`mem,host=tg used=1 ${time}`), options).points;
    expect(Math.round(((point?.time ?? 0) - now) * 1e6)).toBe(Math.round(fraction * 1e6));
  });

  it('are about the first of the tags that they have, and keep their own names', () => {
    const { points, identities, refused } = read(
      [
        `interface,agent_host=10.73.2.17,host=tg,ifName=ether\\ 1 ifHCInOctets=42u,ifOperStatus=1i,ifDescr="x" ${now}000000000`,
        `cpu,cpu=cpu0,host=tg usage_idle=99.5 ${now}250000000`,
        `http_response,host=tg,url=https://bone.go.id/masuk response_time=0.2,result_code=0i ${now}000000000`,
        `mem,host=tg up=t`,
      ].join('\n'),
    );
    expect(refused.size).toBe(0);
    expect([...identities.keys()]).toEqual(['agent_host=10.73.2.17', 'host=tg', 'url=bone.go.id']);
    expect(points.map(({ key, time, values }) => [key, time, values])).toEqual([
      [
        'agent_host=10.73.2.17',
        now,
        [
          ['interface,host=tg,ifName=ether\\ 1 ifHCInOctets', 42],
          ['interface,host=tg,ifName=ether\\ 1 ifOperStatus', 1],
        ],
      ],
      ['host=tg', now + 0.25, [['cpu,cpu=cpu0 usage_idle', 99.5]]],
      [
        'url=bone.go.id',
        now,
        [
          ['http_response,host=tg response_time', 0.2],
          ['http_response,host=tg result_code', 0],
        ],
      ],
      ['host=tg', now, [['mem up', 1]]],
    ]);
  });

  it('prove life only where somebody answered', () => {
    const { points } = read(
      [
        'ping,url=10.0.0.1,host=tg packets_received=0i,packets_transmitted=1i',
        'ping,url=10.0.0.1,host=tg packets_received=1i,packets_transmitted=1i',
        'net_response,source=a,host=tg result_code=2i',
        'cpu,host=tg usage_idle=1',
      ].join('\n'),
    );
    expect(points.map(({ alive }) => alive)).toEqual([false, true, false, true]);
  });

  it('are refused by reason, and those around them are taken', () => {
    const { points, refused } = read(
      [
        'cpu usage_idle=1',
        `cpu,host=a usage_idle=1 ${now + 500}000000000`,
        'cpu,host=a\u202eb usage_idle=1',
        'system,host=a uptime_format="3 days"',
        `cpu,host=a,x=${'y'.repeat(500)} usage_idle=1`,
        'not a line',
        'cpu,host=a usage_idle=1',
      ].join('\n'),
    );
    expect(points).toHaveLength(1);
    expect(Object.fromEntries(refused)).toEqual({
      'no-identity': 2,
      'in-the-future': 1,
      'no-number': 1,
      'too-long': 1,
      syntax: 1,
    });
  });
});
