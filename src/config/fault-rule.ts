import { z } from 'zod';
import { type FaultRule, MAX_FAULT_RULES } from '../host/emulated/faults.js';
import { type ErrorCode, isErrorCode } from '../model/error.js';
import { duration } from './values.js';

const errorCode = z.string().transform((code, context): ErrorCode => {
  if (isErrorCode(code)) return code;
  context.addIssue({ code: 'custom', message: `there is no error ${code.slice(0, 80)} in the model` });
  return z.NEVER;
});

/** A fault to inject: which calls it strikes, how often, and what then happens. */
const faultRule = z
  .strictObject({
    /** Name of messages, `*` for any text: `VM.start`, `VM.*`, `*`. */
    message: z.string().regex(/^[A-Za-z_.*]{1,128}$/, 'expected the name of a message, with * for any text'),
    /** Uuid of the object that is called, or `*`. */
    object: z.union([z.guid(), z.literal('*')], 'expected a uuid or *').default('*'),
    probability: z.number().min(0).max(1).default(1),
    /** The error that the call fails with: its code, then its parameters. */
    error: z
      .tuple([errorCode], z.string())
      .transform(([code, ...params]) => ({ code, params }))
      .optional(),
    /** How much later the call is done, in milliseconds. */
    delay: duration(60 * 60_000).optional(),
  })
  .refine(({ error, delay }) => error !== undefined || delay !== undefined, 'expected an error, a delay, or both')
  // Absent keys stay absent.
  .transform(
    ({ error, delay, ...rule }): FaultRule => ({ ...rule, ...(error && { error }), ...(delay !== undefined && { delay }) }),
  );

export const faultRules = z.array(faultRule).max(MAX_FAULT_RULES, `expected a list of at most ${MAX_FAULT_RULES} rules`);
