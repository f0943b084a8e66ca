/** Categories of `!trap` (help.mikrotik.com, "API"). */
const TrapCategory = {
  missing: 0,
  argument: 1,
  interrupted: 2,
  scripting: 3,
  general: 4,
  api: 5,
  tty: 6,
  returned: 7,
} as const;

/** A command that failed, as the API, REST and scripts tell it. */
export class Trap extends Error {
  readonly category: number | null;

  constructor(message: string, category: number | null) {
    super(message);
    this.name = 'Trap';
    this.category = category;
  }
}

export function trap(message: string, category: keyof typeof TrapCategory | null = null): Trap {
  return new Trap(message, category === null ? null : TrapCategory[category]);
}
