/** What the browser remembers for this reader: language, theme, columns. Private windows forget; that is fine. */
const prefix = 'arung.';

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Nothing kept, nothing lost: the choice holds until the page is closed.
  }
}
