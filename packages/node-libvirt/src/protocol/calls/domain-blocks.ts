import { list } from '../../xdr/codec.js';
import { hyper, int, opaque, uint, unsignedHyper } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { domain } from '../references.js';
import { diskError } from '../structures.js';
import { optionalString, string } from '../texts.js';
import { typedParameters } from '../typed-parameter.js';

/** Calls about the disks of domains and the jobs on them. */
export const blockCalls = {
  DOMAIN_BLOCK_STATS: call(
    64,
    { dom: domain, path: string },
    { rd_req: hyper, rd_bytes: hyper, wr_req: hyper, wr_bytes: hyper, errs: hyper },
  ),
  DOMAIN_BLOCK_PEEK: call(
    103,
    { dom: domain, path: string, offset: unsignedHyper, size: uint, flags: uint },
    { buffer: opaque(4_194_304) },
  ),
  DOMAIN_GET_BLOCK_INFO: call(
    194,
    { dom: domain, path: string, flags: uint },
    { allocation: unsignedHyper, capacity: unsignedHyper, physical: unsignedHyper },
  ),
  DOMAIN_BLOCK_JOB_ABORT: call(237, { dom: domain, path: string, flags: uint }),
  DOMAIN_GET_BLOCK_JOB_INFO: call(
    238,
    { dom: domain, path: string, flags: uint },
    { found: int, type: int, bandwidth: unsignedHyper, cur: unsignedHyper, end: unsignedHyper },
  ),
  DOMAIN_BLOCK_JOB_SET_SPEED: call(239, { dom: domain, path: string, bandwidth: unsignedHyper, flags: uint }),
  DOMAIN_BLOCK_PULL: call(240, { dom: domain, path: string, bandwidth: unsignedHyper, flags: uint }),
  DOMAIN_BLOCK_STATS_FLAGS: call(
    243,
    { dom: domain, path: string, nparams: int, flags: uint },
    { params: typedParameters(16), nparams: int },
  ),
  DOMAIN_BLOCK_RESIZE: call(251, { dom: domain, disk: string, size: unsignedHyper, flags: uint }),
  DOMAIN_SET_BLOCK_IO_TUNE: call(252, { dom: domain, disk: string, params: typedParameters(32), flags: uint }),
  DOMAIN_GET_BLOCK_IO_TUNE: call(
    253,
    { dom: domain, disk: optionalString, nparams: int, flags: uint },
    { params: typedParameters(32), nparams: int },
  ),
  DOMAIN_GET_DISK_ERRORS: call(
    263,
    { dom: domain, maxerrors: uint, flags: uint },
    { errors: list(diskError, 256), nerrors: int },
  ),
  DOMAIN_BLOCK_REBASE: call(266, { dom: domain, path: string, base: optionalString, bandwidth: unsignedHyper, flags: uint }),
  DOMAIN_BLOCK_COMMIT: call(290, {
    dom: domain,
    disk: string,
    base: optionalString,
    top: optionalString,
    bandwidth: unsignedHyper,
    flags: uint,
  }),
  DOMAIN_BLOCK_COPY: call(345, { dom: domain, path: string, destxml: string, params: typedParameters(16), flags: uint }),
  DOMAIN_SET_BLOCK_THRESHOLD: call(386, { dom: domain, dev: string, threshold: unsignedHyper, flags: uint }),
};
