import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTopicName, mayPublish, maySubscribe, readTopic, terminalTopic, type Principal } from './topics.ts';
import { matchesFilter } from './mqtt-link.ts';

const terminal: Principal = { kind: 'terminal', serial: 'A1' };
const agent: Principal = { kind: 'agent', agent: 'kahu' };

describe('who may use which topic', () => {
  it('lets a terminal speak and listen on its own topics alone', () => {
    expect(mayPublish(terminal, 'arung/v1/terminals/A1/status')).toBe(true);
    expect(mayPublish(terminal, 'arung/v1/terminals/A1/response')).toBe(true);
    expect(maySubscribe(terminal, 'arung/v1/terminals/A1/request')).toBe(true);
    for (const topic of [
      'arung/v1/terminals/A1/request',
      'arung/v1/terminals/A2/status',
      'arung/v1/terminals/A1/status/x',
      'arung/v1/agents/A1/points',
      '$SYS/x',
      '',
    ]) {
      expect(mayPublish(terminal, topic), topic).toBe(false);
    }
    for (const filter of [
      'arung/v1/terminals/+/request',
      'arung/v1/terminals/A1/#',
      '#',
      'arung/v1/terminals/A2/request',
    ]) {
      expect(maySubscribe(terminal, filter), filter).toBe(false);
    }
  });

  it('lets an agent speak for itself alone, and never as a terminal', () => {
    expect(mayPublish(agent, 'arung/v1/agents/kahu/points')).toBe(true);
    expect(maySubscribe(agent, 'arung/v1/agents/kahu/plan')).toBe(true);
    expect(mayPublish(agent, 'arung/v1/agents/mare/points')).toBe(false);
    expect(mayPublish(agent, 'arung/v1/agents/kahu/plan')).toBe(false);
    expect(mayPublish(agent, 'arung/v1/terminals/kahu/status')).toBe(false);
  });

  it('holds for any topic: what one terminal may publish is read back as its own name', () => {
    fc.assert(
      fc.property(fc.string().filter(isTopicName), fc.string().filter(isTopicName), (serial, other) => {
        expect(readTopic(terminalTopic(serial, 'status'))).toEqual({ kind: 'terminals', name: serial, leaf: 'status' });
        expect(mayPublish({ kind: 'terminal', serial }, terminalTopic(other, 'status'))).toBe(serial === other);
      }),
    );
  });
});

describe('matchesFilter', () => {
  it('knows + and # (MQTT 3.1.1, section 4.7)', () => {
    expect(matchesFilter('a/+/c', 'a/b/c')).toBe(true);
    expect(matchesFilter('a/#', 'a/b/c')).toBe(true);
    expect(matchesFilter('a/+', 'a/b/c')).toBe(false);
    expect(matchesFilter('a/b/c', 'a/b')).toBe(false);
  });
});
