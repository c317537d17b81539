/** Uuid of `FOREIGN_DOMAIN`. */
export const FOREIGN_UUID = 'c0ffee00-1111-2222-3333-444455556666';

/** A domain as somebody with virt-manager and an editor might have it, with much that the model knows nothing of. */
export const FOREIGN_DOMAIN = `<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' type='kvm'>
  <name>mail</name>
  <uuid>${FOREIGN_UUID}</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='GiB'>2</memory>
  <currentMemory unit='MiB'>1536</currentMemory>
  <memoryBacking><hugepages/></memoryBacking>
  <vcpu placement='static' cpuset='0-3,^2' current='2'>4</vcpu>
  <iothreads>1</iothreads>
  <cputune><shares>200</shares><emulatorpin cpuset='0'/></cputune>
  <os>
    <type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type>
    <boot dev='network'/>
    <boot dev='hd'/>
    <bootmenu enable='yes'/>
  </os>
  <features><acpi/><apic/><vmport state='off'/></features>
  <cpu mode='custom' match='exact' check='none'>
    <model fallback='allow'>Westmere</model>
    <topology sockets='1' dies='1' cores='2' threads='2'/>
  </cpu>
  <clock offset='localtime'><timer name='rtc' tickpolicy='catchup'/></clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>restart</on_crash>
  <devices>
    <emulator>/usr/local/bin/qemu-special</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='writeback' io='threads' iothread='1'/>
      <source file='/srv/sample/mail.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <serial>MAIL-0001</serial>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'/>
    </disk>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='/srv/other/old.img'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <auth username='mail'><secret type='ceph' uuid='11111111-2222-3333-4444-555555555555'/></auth>
      <source protocol='rbd' name='pool/mail'><host name='ceph1' port='6789'/></source>
      <target dev='vdc' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/srv/sample/tools.qcow2'/>
      <target dev='hda' bus='ide'/>
      <readonly/>
    </disk>
    <disk type='file' device='floppy'>
      <source file='/srv/sample/drivers.qcow2'/>
      <target dev='fda' bus='fdc'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:AA:00:01'/>
      <source network='default' portgroup='slow'/>
      <model type='e1000'/>
      <bandwidth><outbound average='1000'/></bandwidth>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>
    </interface>
    <interface type='direct'>
      <mac address='52:54:00:aa:00:02'/>
      <source dev='eth1' mode='bridge'/>
      <model type='virtio'/>
    </interface>
    <interface type='hostdev' managed='yes'>
      <mac address='52:54:00:aa:00:03'/>
      <source><address type='pci' domain='0x0000' bus='0x05' slot='0x10' function='0x1'/></source>
    </interface>
    <serial type='file'><source path='/var/log/mail-console.log'/><target port='0'/></serial>
    <graphics type='spice' autoport='yes' passwd='secret'><listen type='address' address='127.0.0.1'/></graphics>
    <video><model type='qxl' ram='65536' vram='65536' vgamem='16384' heads='1'/></video>
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x0000' bus='0x06' slot='0x12' function='0x5'/></source>
    </hostdev>
    <filesystem type='mount' accessmode='mapped'><source dir='/srv/share'/><target dir='share'/></filesystem>
    <memballoon model='none'/>
  </devices>
  <seclabel type='none'/>
  <qemu:commandline><qemu:arg value='-device'/><qemu:arg value='pvpanic'/></qemu:commandline>
</domain>`;
