/** Seconds until a host starts anew with another place in its pool, as scripts read them. */
export const RESTART_DELAY = (10).toFixed(3);
