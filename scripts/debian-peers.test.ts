import { expect, it } from 'vitest';
import { debianPackages } from '../tests/support/peers.ts';
import { debianPeers } from './debian-peers.ts';

it('installs every package that a test is skipped without', () => {
  const installed = debianPeers.map((peer) => peer.package);
  expect(Object.values(debianPackages).filter((name) => !installed.includes(name))).toEqual([]);
});
