import { describe, expect, it } from 'vitest';
import { commandOf } from './commands.ts';

describe('what a person writes', () => {
  it.each([
    ['/status kahu', { kind: 'status', query: 'kahu' }],
    ['/ack', { kind: 'take', number: null }],
    ['/ack@arung_bone_bot INS-1287', { kind: 'take', number: 1287 }],
    ['/mute 2h', { kind: 'mute', minutes: 120, number: null, reason: '' }],
    ['/mute 30m ins-7 ganti SFP', { kind: 'mute', minutes: 30, number: 7, reason: 'ganti SFP' }],
    ['2 jam kerja di sini', { kind: 'work', minutes: 120, number: null, reason: 'kerja di sini' }],
    ['2 hours of work here INS-7', { kind: 'work', minutes: 120, number: 7, reason: 'of work here' }],
    ['1,5 jam kerja', { kind: 'work', minutes: 90, number: null, reason: 'kerja' }],
    ['30 menit perbaikan ODP', { kind: 'work', minutes: 30, number: null, reason: 'perbaikan ODP' }],
    ['/kerja 3h ganti SFP', { kind: 'work', minutes: 180, number: null, reason: 'ganti SFP' }],
    ['/kerja nanti', { kind: 'help' }],
    ['2 jam lagi sampai', { kind: 'words', text: '2 jam lagi sampai' }],
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
