import { unitGroupLife } from './support/unit-group-life.js';

unitGroupLife('lvmohba', async ({ machine }, size) => {
  const { wwn } = await machine.addDisk({ size, paths: 2 });
  return { SCSIid: `3${wwn}` };
});
