import { unitGroupLife } from './support/unit-group-life.js';

unitGroupLife('lvmoiscsi', async ({ storage }, size) => {
  const { target, scsiId } = await storage.serveDisk('group', size);
  return { target: storage.address(1), targetIQN: target, SCSIid: scsiId };
});
