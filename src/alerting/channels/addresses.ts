import { ArungError } from '../../domain/errors.ts';
import { channelKinds } from './channels.ts';

/** Refuses what is no address of a kind of channel: people write them, and programs are asked to send there. */
export function requireAddress(kind: string, address: string): void {
  const known = channelKinds.find((each) => each.kind === kind);
  if (known === undefined || new RegExp(known.address.pattern, 'u').test(address)) return;
  throw new ArungError('invalid', `This is no address of a ${kind} channel: it looks like ${known.address.example}.`, {
    code: 'channel.bad-address',
    arguments: { example: known.address.example },
    details: [{ message: `It looks like ${known.address.example}.`, field: 'address' }],
  });
}

/** Phone numbers are written in many ways. The same for all ways to write one address. */
export function plainAddress(address: string): string {
  return /^\+?[0-9 ()-]{6,}$/.test(address) ? address.replace(/(?!^-)\D/g, '') : address;
}

/** Whether people write back over such a channel, known by their address: it must be of one person alone. */
export function isAnswered(kind: string): boolean {
  return channelKinds.find((each) => each.kind === kind)?.answered === true;
}
