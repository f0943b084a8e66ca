/** Two letters that stand for a person: of the first two words of the name, or the first two of a single one. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '');
  const letters = words.length > 1 ? words.map((word) => word[0]) : [...(words[0] ?? '')];
  return letters.slice(0, 2).join('').toUpperCase();
}
