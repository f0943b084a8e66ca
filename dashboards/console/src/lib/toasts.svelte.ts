export interface Toast {
  readonly id: number;
  readonly kind: 'recovered' | 'info' | 'warning';
  readonly text: string;
  readonly undo?: () => void;
}

const shownMs = 6000;
let next = 1;

/** One line at the bottom left for what the reader did; never for a failure of the network. */
class Toasts {
  items: readonly Toast[] = $state.raw([]);

  show(text: string, kind: Toast['kind'] = 'recovered', undo?: () => void): void {
    const toast: Toast = { id: next++, kind, text, ...(undo ? { undo } : {}) };
    this.items = [...this.items.slice(-2), toast];
    setTimeout(() => this.close(toast.id), shownMs);
  }

  close(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
