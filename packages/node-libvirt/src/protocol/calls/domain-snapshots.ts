import { list } from '../../xdr/codec.js';
import { int, uint } from '../../xdr/scalars.js';
import { call } from '../procedure.js';
import { checkpoint, domain, snapshot } from '../references.js';
import { optionalString, string } from '../texts.js';

/** Calls about snapshots, checkpoints and backups of domains. */
export const snapshotCalls = {
  DOMAIN_SNAPSHOT_CREATE_XML: call(185, { dom: domain, xml_desc: string, flags: uint }, { snap: snapshot }),
  DOMAIN_SNAPSHOT_GET_XML_DESC: call(186, { snap: snapshot, flags: uint }, { xml: string }),
  DOMAIN_SNAPSHOT_NUM: call(187, { dom: domain, flags: uint }, { num: int }),
  DOMAIN_SNAPSHOT_LIST_NAMES: call(188, { dom: domain, maxnames: int, flags: uint }, { names: list(string, 16_384) }),
  DOMAIN_SNAPSHOT_LOOKUP_BY_NAME: call(189, { dom: domain, name: string, flags: uint }, { snap: snapshot }),
  DOMAIN_HAS_CURRENT_SNAPSHOT: call(190, { dom: domain, flags: uint }, { result: int }),
  DOMAIN_SNAPSHOT_CURRENT: call(191, { dom: domain, flags: uint }, { snap: snapshot }),
  DOMAIN_REVERT_TO_SNAPSHOT: call(192, { snap: snapshot, flags: uint }),
  DOMAIN_SNAPSHOT_DELETE: call(193, { snap: snapshot, flags: uint }),
  DOMAIN_SNAPSHOT_GET_PARENT: call(244, { snap: snapshot, flags: uint }, { snap: snapshot }),
  DOMAIN_SNAPSHOT_NUM_CHILDREN: call(246, { snap: snapshot, flags: uint }, { num: int }),
  DOMAIN_SNAPSHOT_LIST_CHILDREN_NAMES: call(247, { snap: snapshot, maxnames: int, flags: uint }, { names: list(string, 16_384) }),
  DOMAIN_SNAPSHOT_IS_CURRENT: call(271, { snap: snapshot, flags: uint }, { current: int }),
  DOMAIN_SNAPSHOT_HAS_METADATA: call(272, { snap: snapshot, flags: uint }, { metadata: int }),
  DOMAIN_LIST_ALL_SNAPSHOTS: call(
    274,
    { dom: domain, need_results: int, flags: uint },
    { snapshots: list(snapshot, 16_384), ret: int },
  ),
  DOMAIN_SNAPSHOT_LIST_ALL_CHILDREN: call(
    275,
    { snapshot, need_results: int, flags: uint },
    { snapshots: list(snapshot, 16_384), ret: int },
  ),
  DOMAIN_CHECKPOINT_CREATE_XML: call(411, { dom: domain, xml_desc: string, flags: uint }, { checkpoint }),
  DOMAIN_CHECKPOINT_GET_XML_DESC: call(412, { checkpoint, flags: uint }, { xml: string }),
  DOMAIN_LIST_ALL_CHECKPOINTS: call(
    413,
    { dom: domain, need_results: int, flags: uint },
    { checkpoints: list(checkpoint, 16_384), ret: int },
  ),
  DOMAIN_CHECKPOINT_LIST_ALL_CHILDREN: call(
    414,
    { checkpoint, need_results: int, flags: uint },
    { checkpoints: list(checkpoint, 16_384), ret: int },
  ),
  DOMAIN_CHECKPOINT_LOOKUP_BY_NAME: call(415, { dom: domain, name: string, flags: uint }, { checkpoint }),
  DOMAIN_CHECKPOINT_GET_PARENT: call(416, { checkpoint, flags: uint }, { parent: checkpoint }),
  DOMAIN_CHECKPOINT_DELETE: call(417, { checkpoint, flags: uint }),
  DOMAIN_BACKUP_BEGIN: call(421, { dom: domain, backup_xml: string, checkpoint_xml: optionalString, flags: uint }),
  DOMAIN_BACKUP_GET_XML_DESC: call(422, { dom: domain, flags: uint }, { xml: string }),
};
