import { remember, remembered } from './remembered.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';
const system = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  /** What the reader chose; `auto` follows the system. */
  choice: ThemeChoice = $state('auto');
  /** What a page shows whatever the reader chose; null: what they chose. */
  #forced: 'light' | 'dark' | null = $state(null);
  #systemDark: boolean = $state(system.matches);

  constructor() {
    const kept = remembered('theme');
    if (kept === 'light' || kept === 'dark') this.choice = kept;
    system.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
      this.#apply();
    });
    this.#apply();
  }

  /** What is drawn now. Reactive. */
  get current(): 'light' | 'dark' {
    if (this.#forced !== null) return this.#forced;
    return this.choice === 'auto' ? (this.#systemDark ? 'dark' : 'light') : this.choice;
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    remember('theme', choice);
    this.#apply();
  }

  /** Until it is called with null, whatever the reader chose. */
  show(forced: 'light' | 'dark' | null): void {
    this.#forced = forced;
    this.#apply();
  }

  toggle(): void {
    this.choose(this.current === 'dark' ? 'light' : 'dark');
  }

  #apply(): void {
    document.documentElement.dataset['theme'] = this.current;
  }
}

export const theme = new Theme();
