/** States, their history and events. */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface StatusTables {}
