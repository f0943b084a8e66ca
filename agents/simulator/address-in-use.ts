/** Another process listens where we want to: it may be about to end. */
export class AddressInUse extends Error {
  override readonly name = 'AddressInUse';
}
