import { describe, expect, it } from 'vitest';
import { carriedBy, newSessionSecret, newTokenSecret } from './bearer.ts';
import { isSameOrigin } from './same-origin.ts';

describe('carriedBy', () => {
  const session = newSessionSecret();
  const token = newTokenSecret();

  it('finds a token in the authorization header, before any cookie', () => {
    const headers = { authorization: `Bearer ${token}`, cookie: `arung_session=${session}` };
    expect(carriedBy(headers)).toEqual({ kind: 'token', secret: token });
  });

  it('finds the session among other cookies', () => {
    expect(carriedBy({ cookie: `a=b; arung_session=${session}; c=d` })).toEqual({ kind: 'session', secret: session });
    expect(carriedBy({ cookie: 'xarung_session=1' })).toBeNull();
  });

  it.each([
    { authorization: 'Basic YWRtaW46eA==' },
    { authorization: 'Bearer' },
    { authorization: `Bearer ${session}` },
    { authorization: `Bearer arung_${'x'.repeat(5000)}` },
    { cookie: "arung_session=' or 1=1 --" },
  ])('asks no database about what cannot be ours: %j', (headers) => {
    expect(carriedBy(headers)).toEqual({ kind: 'malformed' });
  });
});

describe('isSameOrigin', () => {
  const own = ['https://arung.bone.go.id'];

  it.each([
    [{ origin: 'https://arung.bone.go.id', host: '10.0.0.1:8080' }, true],
    [{ origin: 'http://localhost:8080', host: 'localhost:8080' }, true],
    [{ origin: 'https://evil.example', host: 'localhost:8080', 'sec-fetch-site': 'same-origin' }, false],
    [{ origin: 'null', host: 'localhost:8080' }, false],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'cross-site' }, false],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'same-site' }, false],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'same-origin' }, true],
    [{ host: 'localhost:8080' }, true],
  ])('%j: %s', (headers, expected) => {
    expect(isSameOrigin(headers, own)).toBe(expected);
  });
});
