/** Seals secrets; `context` is the row's id, so that a sealed text moved to another row does not open. */
export interface SecretSealer {
  seal(plain: string, context: string): Buffer;
  open(sealed: Buffer, context: string): string;
}
