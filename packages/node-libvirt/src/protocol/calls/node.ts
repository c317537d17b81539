import { list } from '../../xdr/codec.js';
import { characters, int, opaque, uint, unsignedHyper } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { nodeDevice } from '../references.js';
import { namedCount } from '../structures.js';
import { optionalString, string } from '../texts.js';
import { typedParameters } from '../typed-parameter.js';

/** Calls about the host and its devices. */
export const nodeCalls = {
  NODE_GET_INFO: call(
    6,
    {},
    {
      model: characters({ length: 32 }),
      memory: unsignedHyper,
      cpus: int,
      mhz: int,
      nodes: int,
      sockets: int,
      cores: int,
      threads: int,
    },
  ),
  NODE_GET_CELLS_FREE_MEMORY: call(101, { startCell: int, maxcells: int }, { cells: list(unsignedHyper, 1024) }),
  NODE_GET_FREE_MEMORY: call(102, {}, { freeMem: unsignedHyper }),
  NODE_NUM_OF_DEVICES: call(111, { cap: optionalString, flags: uint }, { num: int }),
  NODE_LIST_DEVICES: call(112, { cap: optionalString, maxnames: int, flags: uint }, { names: list(string, 65_536) }),
  NODE_DEVICE_LOOKUP_BY_NAME: call(113, { name: string }, { dev: nodeDevice }),
  NODE_DEVICE_GET_XML_DESC: call(114, { name: string, flags: uint }, { xml: string }),
  NODE_DEVICE_GET_PARENT: call(115, { name: string }, { parentName: optionalString }),
  NODE_DEVICE_NUM_OF_CAPS: call(116, { name: string }, { num: int }),
  NODE_DEVICE_LIST_CAPS: call(117, { name: string, maxnames: int }, { names: list(string, 65_536) }),
  NODE_DEVICE_DETTACH: call(118, { name: string }),
  NODE_DEVICE_RE_ATTACH: call(119, { name: string }),
  NODE_DEVICE_RESET: call(120, { name: string }),
  NODE_GET_SECURITY_MODEL: call(122, {}, { model: characters({ most: 257 }), doi: characters({ most: 257 }) }),
  NODE_DEVICE_CREATE_XML: call(123, { xml_desc: string, flags: uint }, { dev: nodeDevice }),
  NODE_DEVICE_DESTROY: call(124, { name: string }),
  NODE_GET_CPU_STATS: call(227, { cpuNum: int, nparams: int, flags: uint }, { params: list(namedCount, 16), nparams: int }),
  NODE_GET_MEMORY_STATS: call(228, { nparams: int, cellNum: int, flags: uint }, { params: list(namedCount, 16), nparams: int }),
  NODE_SUSPEND_FOR_DURATION: call(250, { target: uint, duration: unsignedHyper, flags: uint }),
  NODE_SET_MEMORY_PARAMETERS: call(288, { params: typedParameters(64), flags: uint }),
  NODE_GET_MEMORY_PARAMETERS: call(289, { nparams: int, flags: uint }, { params: typedParameters(64), nparams: int }),
  NODE_GET_CPU_MAP: call(293, { need_map: int, need_online: int, flags: uint }, { cpumap: opaque(2048), online: uint, ret: int }),
  NODE_DEVICE_LOOKUP_SCSI_HOST_BY_WWN: call(297, { wwnn: string, wwpn: string, flags: uint }, { dev: nodeDevice }),
  NODE_DEVICE_DETACH_FLAGS: call(301, { name: string, driverName: optionalString, flags: uint }),
  NODE_GET_FREE_PAGES: call(
    340,
    { pages: list(uint, 1024), startCell: int, cellCount: uint, flags: uint },
    { counts: list(unsignedHyper, 1024) },
  ),
  NODE_ALLOC_PAGES: call(
    347,
    { pageSizes: list(uint, 1024), pageCounts: list(unsignedHyper, 1024), startCell: int, cellCount: uint, flags: uint },
    { ret: int },
  ),
  NODE_GET_SEV_INFO: call(395, { nparams: int, flags: uint }, { params: typedParameters(64), nparams: int }),
  NODE_DEVICE_DEFINE_XML: call(428, { xml_desc: string, flags: uint }, { dev: nodeDevice }),
  NODE_DEVICE_UNDEFINE: call(429, { name: string, flags: uint }),
  NODE_DEVICE_CREATE: call(430, { name: string, flags: uint }),
  NODE_DEVICE_GET_AUTOSTART: call(433, { name: string }, { autostart: int }),
  NODE_DEVICE_SET_AUTOSTART: call(434, { name: string, autostart: int }),
  NODE_DEVICE_IS_PERSISTENT: call(435, { name: string }, { persistent: int }),
  NODE_DEVICE_IS_ACTIVE: call(436, { name: string }, { active: int }),
};
