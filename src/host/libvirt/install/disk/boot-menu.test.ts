import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExtlinux, readGrub, readOldGrub } from './boot-menu.js';

describe('what GRUB 2 boots', () => {
  const text = `
# written by grub-mkconfig
set default="0"
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
fi
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple' {
        insmod ext2
        search --no-floppy --fs-uuid --set=root 0f0e
        echo    'Loading Linux ...'
        linux   /boot/vmlinuz-6.1 root=UUID=0f0e ro  quiet $vt_handoff
        initrd  /boot/initrd.img-6.1
}
submenu 'Advanced options' {
        menuentry 'old' {
                linux16 (hd0,msdos1)/boot/vmlinuz-5.10 root=/dev/xvda1 single
                initrd16 (hd0,msdos1)/boot/initrd.img-5.10
        }
}`;

  it('is the entry that boots by itself', () => {
    expect(readGrub(text)).toEqual({
      kernel: '/boot/vmlinuz-6.1',
      ramdisk: '/boot/initrd.img-6.1',
      args: 'root=UUID=0f0e ro quiet',
    });
    const second = { kernel: '/boot/vmlinuz-5.10', ramdisk: '/boot/initrd.img-5.10', args: 'root=/dev/xvda1 single' };
    expect(readGrub(text.replace('default="0"', 'default="1"'))).toEqual(second);
  });

  it('is the first that has a kernel where the configuration names none', () => {
    expect(readGrub(text.replace('default="0"', 'default="9"'))?.kernel).toBe('/boot/vmlinuz-6.1');
    expect(readGrub("menuentry 'memtest' {\nlinux16 /m\n}\n")).toEqual({ kernel: '/m', ramdisk: undefined, args: '' });
    expect(readGrub('set default=0\n')).toBeUndefined();
  });
});

describe('what GRUB of before boots', () => {
  it('is the entry of the default', () => {
    const text =
      'default=1\ntimeout 5\ntitle A\n root (hd0,0)\n kernel /boot/a ro\n initrd /boot/ai\ntitle B\n\tkernel (hd0,0)/boot/b ro console=hvc0\n\tinitrd /boot/bi\n';
    expect(readOldGrub(text)).toEqual({ kernel: '/boot/b', ramdisk: '/boot/bi', args: 'ro console=hvc0' });
    expect(readOldGrub(text.replace('default=1', 'default 0'))?.kernel).toBe('/boot/a');
    expect(readOldGrub(text.replace('default=1', 'default saved'))?.kernel).toBe('/boot/a');
  });

  it('is the first module of the hypervisor', () => {
    const text = 'title Xen\nkernel /boot/xen.gz dom0_mem=512M\nmodule /boot/vmlinuz root=/dev/sda1\nmodule /boot/initrd\n';
    expect(readOldGrub(text)).toEqual({ kernel: '/boot/vmlinuz', ramdisk: '/boot/initrd', args: 'root=/dev/sda1' });
  });
});

it('what extlinux boots is the label of its default', () => {
  const text =
    'DEFAULT two\nLABEL one\n  LINUX /a\nLABEL two\n  KERNEL /b\n  APPEND root=/dev/xvda ro initrd=/bi quiet\nlabel three\n linux /c\n';
  expect(readExtlinux(text)).toEqual({ kernel: '/b', ramdisk: '/bi', args: 'root=/dev/xvda ro quiet' });
  expect(readExtlinux('label one\nlinux /a\ninitrd /i\nappend quiet\n')).toEqual({ kernel: '/a', ramdisk: '/i', args: 'quiet' });
});

it('any text is an entry or none', () => {
  const words = fc.constantFrom(
    'menuentry',
    'linux',
    'title',
    'kernel',
    'module',
    'label',
    'append',
    'default',
    '/a',
    '"',
    "'",
    '=',
    '\n',
    ' ',
    '{',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 40 }), (parts) => {
      for (const read of [readGrub, readOldGrub, readExtlinux]) {
        const entry = read(parts.join(''));
        if (entry !== undefined) expect(typeof entry.kernel).toBe('string');
      }
    }),
    { numRuns: 50 },
  );
});
