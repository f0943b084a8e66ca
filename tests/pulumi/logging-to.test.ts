import { describe, expect, it } from 'vitest';
import { loggingTo } from '../../pulumi/components/logging-to.ts';

describe('where routers send their log', () => {
  it('is an address, with a port or the usual one', () => {
    expect(loggingTo('10.73.0.2')).toEqual({ remote: '10.73.0.2', port: 514 });
    expect(loggingTo('10.73.0.2:5514')).toEqual({ remote: '10.73.0.2', port: 5_514 });
  });

  it.each(['', 'arung', 'fd00:73::2', '0.0.0.0', '10.73.0.2:', '10.73.0.2:0', '10.73.0.2:65536', '10.73.0.2:514:1', '10.73.0.2:5514\n', '10.73.0.2 target=memory'])('is none, and the property is named: %j', (place) => {
    expect(() => loggingTo(place)).toThrow(`logTo is ${place}: `);
  }); // prettier-ignore
});
