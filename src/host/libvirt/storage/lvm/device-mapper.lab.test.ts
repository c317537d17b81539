import { expect, it } from 'vitest';
import { evaluate } from '../../../../../test-support/lab-machine/inside/evaluate.js';
import { startLabMachine } from '../../../../../test-support/lab-machine/lab-machine.js';

const MIB = 2 ** 20;

it('keeps disks on devices of the kernel', { timeout: 900_000 }, async () => {
  const machine = await startLabMachine();
  try {
    const { device } = await machine.addDisk({ size: 512 });
    // What somebody else had on it.
    await machine.run('sh', ['-c', 'tr "\\0" "\\245" </dev/zero | dd of="$1" bs=1M count=512 iflag=fullblock', '-', device]);
    const seen = await evaluate(machine, new URL('./testing/on-device-mapper.ts', import.meta.url), { device });
    expect(seen).toEqual({
      firstSize: 8 * MIB,
      // What was written, a step more, and whole extents.
      grownSize: 32 * MIB,
      contentKept: true,
      snapshotKept: true,
      revertedKept: true,
      cloneKept: true,
      rawIsZero: true,
      rawGrownIsZero: true,
      fullRefusal: 'SR_FULL',
      afterFull: true,
      located: true,
      activeWhileOpen: 1,
      activeAfterDetach: 0,
      foundAgain: 5,
      activeAtEnd: 0,
      signaturesAtEnd: '',
      warnings: [],
    });
  } finally {
    await machine.close();
  }
});
