import { list } from '../../xdr/codec.js';
import { int, uint, unsignedHyper } from '../../xdr/scalars.js';
import { call, streamCall } from '../procedure.js';
import { storagePool, storageVol } from '../references.js';
import { string, uuid } from '../texts.js';

/** Calls about storage pools and their volumes. */
export const storageCalls = {
  STORAGE_POOL_CREATE_XML: call(76, { xml: string, flags: uint }, { pool: storagePool }),
  STORAGE_POOL_DEFINE_XML: call(77, { xml: string, flags: uint }, { pool: storagePool }),
  STORAGE_POOL_CREATE: call(78, { pool: storagePool, flags: uint }),
  STORAGE_POOL_BUILD: call(79, { pool: storagePool, flags: uint }),
  STORAGE_POOL_DESTROY: call(80, { pool: storagePool }),
  STORAGE_POOL_DELETE: call(81, { pool: storagePool, flags: uint }),
  STORAGE_POOL_UNDEFINE: call(82, { pool: storagePool }),
  STORAGE_POOL_REFRESH: call(83, { pool: storagePool, flags: uint }),
  STORAGE_POOL_LOOKUP_BY_NAME: call(84, { name: string }, { pool: storagePool }),
  STORAGE_POOL_LOOKUP_BY_UUID: call(85, { uuid }, { pool: storagePool }),
  STORAGE_POOL_LOOKUP_BY_VOLUME: call(86, { vol: storageVol }, { pool: storagePool }),
  STORAGE_POOL_GET_INFO: call(
    87,
    { pool: storagePool },
    { state: int, capacity: unsignedHyper, allocation: unsignedHyper, available: unsignedHyper },
  ),
  STORAGE_POOL_GET_XML_DESC: call(88, { pool: storagePool, flags: uint }, { xml: string }),
  STORAGE_POOL_GET_AUTOSTART: call(89, { pool: storagePool }, { autostart: int }),
  STORAGE_POOL_SET_AUTOSTART: call(90, { pool: storagePool, autostart: int }),
  STORAGE_POOL_NUM_OF_VOLUMES: call(91, { pool: storagePool }, { num: int }),
  STORAGE_POOL_LIST_VOLUMES: call(92, { pool: storagePool, maxnames: int }, { names: list(string, 16_384) }),
  STORAGE_VOL_CREATE_XML: call(93, { pool: storagePool, xml: string, flags: uint }, { vol: storageVol }),
  STORAGE_VOL_DELETE: call(94, { vol: storageVol, flags: uint }),
  STORAGE_VOL_LOOKUP_BY_NAME: call(95, { pool: storagePool, name: string }, { vol: storageVol }),
  STORAGE_VOL_LOOKUP_BY_KEY: call(96, { key: string }, { vol: storageVol }),
  STORAGE_VOL_LOOKUP_BY_PATH: call(97, { path: string }, { vol: storageVol }),
  STORAGE_VOL_GET_INFO: call(98, { vol: storageVol }, { type: int, capacity: unsignedHyper, allocation: unsignedHyper }),
  STORAGE_VOL_GET_XML_DESC: call(99, { vol: storageVol, flags: uint }, { xml: string }),
  STORAGE_VOL_GET_PATH: call(100, { vol: storageVol }, { name: string }),
  STORAGE_VOL_CREATE_XML_FROM: call(
    125,
    { pool: storagePool, xml: string, clonevol: storageVol, flags: uint },
    { vol: storageVol },
  ),
  STORAGE_POOL_IS_ACTIVE: call(154, { pool: storagePool }, { active: int }),
  STORAGE_POOL_IS_PERSISTENT: call(155, { pool: storagePool }, { persistent: int }),
  STORAGE_VOL_WIPE: call(165, { vol: storageVol, flags: uint }),
  STORAGE_VOL_UPLOAD: streamCall(208, 'write', { vol: storageVol, offset: unsignedHyper, length: unsignedHyper, flags: uint }),
  STORAGE_VOL_DOWNLOAD: streamCall(209, 'read', { vol: storageVol, offset: unsignedHyper, length: unsignedHyper, flags: uint }),
  STORAGE_VOL_WIPE_PATTERN: call(259, { vol: storageVol, algorithm: uint, flags: uint }),
  STORAGE_VOL_RESIZE: call(260, { vol: storageVol, capacity: unsignedHyper, flags: uint }),
  STORAGE_POOL_LIST_ALL_VOLUMES: call(
    282,
    { pool: storagePool, need_results: int, flags: uint },
    { vols: list(storageVol, 16_384), ret: uint },
  ),
  STORAGE_VOL_GET_INFO_FLAGS: call(
    378,
    { vol: storageVol, flags: uint },
    { type: int, capacity: unsignedHyper, allocation: unsignedHyper },
  ),
  STORAGE_POOL_LOOKUP_BY_TARGET_PATH: call(391, { path: string }, { pool: storagePool }),
};
