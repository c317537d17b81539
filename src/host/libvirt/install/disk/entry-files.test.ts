import { expect, test } from 'vitest';
import { readGrub } from './boot-menu.js';
import { chooseEntry, type NamedEntry, variablesOf } from './entry-files.js';

const MACHINE = '4c1d0e2f9a8b4c6d8e0f1a2b3c4d5e6f';
const entry = (version: string, more = ''): NamedEntry => [
  `${MACHINE}-${version}`,
  `title Linux (${version})
version ${version}
linux /vmlinuz-${version}
initrd /initramfs-${version}.img $tuned_initrd
options root=/dev/xvda2 ro $tuned_params
grub_users $grub_users
${more}`,
];
const kernelOf = (entries: readonly NamedEntry[], environment = ''): string | undefined =>
  chooseEntry(entries, variablesOf(environment))?.kernel;

test('the newest kernel boots, by its numbers', () => {
  const entries = [entry('4.18.0-80.el8'), entry('4.18.0-305.el8'), entry('0-rescue'), entry('4.18.0-193.el8')];
  expect(chooseEntry(entries, new Map())).toEqual({
    kernel: '/vmlinuz-4.18.0-305.el8',
    ramdisk: '/initramfs-4.18.0-305.el8.img',
    args: 'root=/dev/xvda2 ro',
  });
});

test('the one that was saved goes before it, if it is there', () => {
  const entries = [entry('5.14.0-1'), entry('5.14.0-2')];
  expect(kernelOf(entries, `# GRUB Environment Block\nsaved_entry=${MACHINE}-5.14.0-1\n####`)).toBe('/vmlinuz-5.14.0-1');
  expect(kernelOf(entries, 'saved_entry=gone\n')).toBe('/vmlinuz-5.14.0-2');
});

test('words that GRUB keeps elsewhere are put in', () => {
  const text = 'linux /vmlinuz\noptions $kernelopts quiet $unknown a$b\n';
  const found = chooseEntry([['x', text]], variablesOf('kernelopts=root=/dev/xvda1 ro $more\nboot_success=1\n'));
  expect(found).toEqual({ kernel: '/vmlinuz', ramdisk: undefined, args: 'root=/dev/xvda1 ro quiet' });
});

test('an entry without a kernel is passed over', () => {
  expect(
    kernelOf([
      ['b', 'title none\nefi /x.efi\n'],
      ['a', '  linux   (hd0,1)/k  \n'],
    ]),
  ).toBe('/k');
  expect(kernelOf([['b', 'linux\n']])).toBeUndefined();
});

test('a menu that leaves all to these files has no entry of its own', () => {
  const own = "menuentry 'other system' {\n linux /other\n}\n";
  expect(readGrub(own)?.kernel).toBe('/other');
  expect(readGrub(`insmod blscfg\nblscfg\n${own}`)).toBeUndefined();
});
