/** Printed for a reference that is null or leads nowhere. */
export const NOT_IN_DATABASE = '<not in database>';

/** Printed for a value that would have to be measured and cannot be. */
export const UNKNOWN = '<unknown>';

/** Printed when an object has gone between its listing and the reading of a value. */
export const INVALID_REFERENCE = '<invalid reference>';
