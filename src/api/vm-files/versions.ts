import { ApiError } from '../../model/error.js';
import type { Persona } from '../../model/personas/persona.js';
import type { FileVersion } from '../../wire/xva/description.js';

/** Of the format of files that are written, and the latest that is read. */
const EXPORT_VERSION = 2;

/** The latest version of the original whose objects the model knows: later ones may mean something else by what they write. */
const LATEST_READ = { major: 26, minor: 17 };

/** What files that are written say of their origin. */
export function fileVersion({ softwareVersion }: Persona): FileVersion {
  const [major = '0', minor = '0'] = (softwareVersion.xapi ?? '').split('.');
  return {
    hostname: softwareVersion.hostname ?? '',
    date: softwareVersion.date ?? '',
    productVersion: softwareVersion.product_version ?? '',
    productBrand: softwareVersion.product_brand ?? '',
    buildNumber: softwareVersion.build_number ?? '',
    xapiMajor: Number(major),
    xapiMinor: Number(minor),
    exportVersion: EXPORT_VERSION,
  };
}

/** Throws IMPORT_INCOMPATIBLE_VERSION for a file of a version that came after all that are known. */
export function assertReadable({ xapiMajor: major, xapiMinor: minor, exportVersion }: FileVersion): void {
  const later = major > LATEST_READ.major || (major === LATEST_READ.major && minor > LATEST_READ.minor);
  if (later || exportVersion > EXPORT_VERSION) throw new ApiError('IMPORT_INCOMPATIBLE_VERSION');
}
