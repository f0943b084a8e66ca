/** FNV-1a: repeatable chance from a name, so that a device is the same after every start. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b) >>> 0;
  return (value ^ (value >>> 13)) >>> 0;
}

/** From 0 to 1, by name. */
export function fraction(text: string): number {
  return hash(text) / 2 ** 32;
}

export function between(text: string, low: number, high: number): number {
  return low + fraction(text) * (high - low);
}

export function pick<T>(text: string, choices: readonly T[]): T {
  const chosen = choices[hash(text) % choices.length];
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
}

/** A MAC address in the maker's block, different for every text. */
export function macOf(oui: string, text: string): Buffer {
  const low = hash(text);
  const bytes = oui.split(':').map((part) => Number.parseInt(part, 16));
  return Buffer.from([...bytes, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff]);
}
