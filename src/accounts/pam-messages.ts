/** One login, as it goes to the process that asks PAM. Over the channel between the two, never as an argument that others could list. */
export interface PamRequest {
  /** Package that speaks to PAM. */
  readonly module: string;
  /** PAM service whose rules apply: a file in /etc/pam.d. */
  readonly service: string;
  readonly name: string;
  readonly password: string;
}

/** `missing`: the package is not installed. `broken`: it is, and cannot be used. */
export type PamReply =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken'; readonly reason: string };
