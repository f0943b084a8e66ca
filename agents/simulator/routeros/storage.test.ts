import { describe, expect, it } from 'vitest';
import { Storage } from './storage.ts';

const content = Buffer.from('x');
const namesOf = (storage: Storage): string[] => [...storage.files].map(({ name }) => name);

describe('the files of a device that starts anew', () => {
  it('stay where they are on a board with flash enough', () => {
    const storage = new Storage('RB5009UG+S+IN');
    storage.put({ name: 'a.backup', type: 'backup', content });
    storage.restarted();
    expect(namesOf(storage)).toEqual(['a.backup']);
  });

  it('are lost on a small board, but for those in its folder, which cannot be removed', () => {
    const storage = new Storage('RBLtAP-2HnD');
    storage.put({ name: 'a.backup', type: 'backup', content });
    storage.put({ name: 'flash/b.backup', type: 'backup', content });
    storage.restarted();
    expect(namesOf(storage)).toEqual(['flash', 'flash/b.backup']);
    expect(storage.delete('flash')).toBe(false);
    expect(storage.delete('flash/b.backup')).toBe(true);
  });
});
