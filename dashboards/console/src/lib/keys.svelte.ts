import { nameOf } from './key-names.ts';
import { remember, remembered } from './remembered.ts';

type Handler = (event: KeyboardEvent) => void;

const writes = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]';

/** Single keys: off while a field has the focus, and wholly off where the reader wants that. The last binding wins. */
class Keys {
  enabled: boolean = $state(remembered('keys') !== 'off');
  readonly #bindings = new Map<string, Handler[]>();

  constructor() {
    addEventListener('keydown', (event) => this.#press(event));
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    remember('keys', enabled ? 'on' : 'off');
  }

  /** Binds keys for as long as a component lives: `$effect(() => keys.bind({ j: next }))`. */
  bind(bindings: Readonly<Record<string, Handler>>): () => void {
    for (const [key, handler] of Object.entries(bindings)) {
      this.#bindings.set(key, [...(this.#bindings.get(key) ?? []), handler]);
    }
    return () => {
      for (const [key, handler] of Object.entries(bindings)) {
        this.#bindings.set(
          key,
          (this.#bindings.get(key) ?? []).filter((other) => other !== handler),
        );
      }
    };
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const key = nameOf(event);
    const inField = event.target instanceof Element && event.target.closest(writes) !== null;
    const inDialog = document.querySelector('dialog[open]') !== null;
    const single = !key.startsWith('Ctrl+') && key !== 'Escape';
    if (single && (inField || inDialog || !this.enabled)) return;
    const handler = this.#bindings.get(key)?.at(-1);
    if (!handler) return;
    handler(event);
    event.preventDefault();
  }
}

export const keys = new Keys();
