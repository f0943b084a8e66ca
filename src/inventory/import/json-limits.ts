/**
 * Where a JSON text opens more objects and lists than a file of its kind does, in depth or in all; null when it never
 * does. Seen before a parser works on it for a minute, in which nothing else would be done.
 */
export function whereItIsStrange(
  text: string,
  limits: { readonly deepest: number; readonly mostOpened: number },
): { readonly is: 'deep' | 'large'; readonly at: number } | null {
  let open = 0;
  let opened = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++open > limits.deepest) return { is: 'deep', at };
      if (++opened > limits.mostOpened) return { is: 'large', at };
    } else if (char === 0x7d || char === 0x5d) open--;
  }
  return null;
}
