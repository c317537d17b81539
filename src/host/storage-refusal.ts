import { ApiError } from '../model/error.js';

/** Numbers under which storage drivers refuse, as clients know them. */
export const REFUSALS = {
  deviceInUse: 17,
  noSuchVolume: 46,
  srNotThere: 47,
  nfsMount: 73,
  noLocation: 83,
  noServer: 88,
  noDevice: 90,
  noTargetIqn: 96,
  noServerPath: 101,
  noScsiId: 107,
  chainTooLong: 109,
  badParameter: 111,
  noTarget: 114,
} as const;

/** A numbered refusal: message for people, XML for clients that look for findings in a refusal. */
export function refusal(kind: keyof typeof REFUSALS, message: string, xml = ''): ApiError {
  return new ApiError(`SR_BACKEND_FAILURE_${REFUSALS[kind]}`, '', message, xml);
}
