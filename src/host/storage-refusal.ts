import { ApiError } from '../model/error.js';

/** Numbers under which storage drivers refuse, as clients know them. */
export const REFUSALS = {
  badParameter: 1,
  deviceInUse: 16,
  noSuchVolume: 46,
  srNotThere: 47,
  lvmMount: 52,
  lvmUnmount: 53,
  fileSystem: 57,
  iscsiDevice: 67,
  iscsiLogin: 68,
  iscsiLogout: 69,
  iscsiInitiator: 70,
  iscsiDaemon: 71,
  nfsVersion: 72,
  nfsMount: 73,
  nfsUnmount: 74,
  noDevice: 90,
  badDevice: 91,
  noLocation: 94,
  noTarget: 95,
  noTargetIqn: 96,
  noServerPath: 101,
  noServer: 102,
  badServerPath: 103,
  systemDevice: 105,
  badIqn: 106,
  noScsiId: 107,
  noNfsServer: 108,
  chainTooLong: 109,
  smbMount: 111,
  smbUnmount: 112,
  unknownName: 140,
  noIscsiTarget: 141,
  badPort: 142,
  noIsoLocation: 220,
  isoMount: 222,
  isoUnmount: 223,
  badIsoLocation: 225,
  badSmbVersion: 227,
  multipathDaemon: 430,
  multipath: 431,
} as const;

/** What a storage driver refuses. */
export type RefusalKind = keyof typeof REFUSALS;

/** A numbered refusal: message for people, XML for clients that look for findings in a refusal. */
export function refusal(kind: RefusalKind, message: string, xml = ''): ApiError {
  return new ApiError(`SR_BACKEND_FAILURE_${REFUSALS[kind]}`, '', message, xml);
}
