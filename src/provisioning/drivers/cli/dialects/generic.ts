import type { Dialect } from '../dialect.ts';
import { ciscoIos } from './cisco-ios.ts';

/**
 * A switch or router of another maker whose command line is like Cisco's: it is read, compared and backed up. Nothing is
 * known of a way back, so it is not changed.
 */
export const generic: Dialect = {
  ...ciscoIos,
  name: 'generic',
  isSpokenBy: () => true,
  prepare: ['terminal length 0'],
  end: null,
  rollbacks: [],
};
