/** Users, sessions, tokens, grants and the audit log. */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface AccessTables {}
