import { describe, expect, it } from 'vitest';
import { commandOf } from './commands.ts';

describe('what a person writes', () => {
  it.each([
    ['/status kahu', { kind: 'status', query: 'kahu' }],
    ['/ack', { kind: 'take', number: null }],
    ['/ack@arung_bone_bot INS-1287', { kind: 'take', number: 1287 }],
    ['/mute 2h', { kind: 'mute', minutes: 120, number: null, reason: '' }],
    ['/mute 30m ins-7 ganti SFP', { kind: 'mute', minutes: 30, number: 7, reason: 'ganti SFP' }],
    ['2 jam kerja di sini', { kind: 'mute', minutes: 120, number: null, reason: 'kerja di sini' }],
    ['1,5 jam kerja', { kind: 'mute', minutes: 90, number: null, reason: 'kerja' }],
    ['/help', { kind: 'help' }],
    ['/mute selamanya', { kind: 'help' }],
    ['/mute 9999d', { kind: 'help' }],
    ['serat putus kena truk', { kind: 'words', text: 'serat putus kena truk' }],
    ['2 jam', { kind: 'words', text: '2 jam' }],
    ['19 desa gelap', { kind: 'words', text: '19 desa gelap' }],
  ])('%s', (text, command) => {
    expect(commandOf(text)).toEqual(command);
  });
});
