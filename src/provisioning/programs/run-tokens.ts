import type { Access } from '../../domain/access.ts';

/** Who gives a run what it speaks to our API with. */
export interface RunTokens {
  /** For one run: may no more than who asks for it, and ends by itself. */
  make(
    access: Access,
    named: { readonly name: string; readonly untilMs: number },
  ): Promise<{ id: string; token: string }>;
  revoke(id: string): Promise<void>;
  /** What somebody may now; null for who is gone. */
  accessNow(access: Access): Promise<Access | null>;
  /** Calls back when somebody's rights were withdrawn or changed. Returns the way to stop. */
  onWithdrawn(listener: () => void): () => void;
}
