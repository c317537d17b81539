# leftovers.sh: prints all that SRs and their VMs may leave on the machine, each with what it is.
# leftovers.sh held: prints what an attached SR holds only: mounts, mappings, sessions, loop devices.
held() {
  while read -r source point type _; do echo "mount $source $point $type"; done </proc/mounts
  for name in /dev/mapper/*; do echo "mapping ${name##*/}"; done
  for name in /sys/class/iscsi_session/*/targetname; do [ ! -e "$name" ] || echo "session $(cat "$name")"; done
  for name in /sys/block/loop*/loop/backing_file; do [ ! -e "$name" ] || echo "loop $(cat "$name")"; done
}

left() {
  lvs --all --noheadings -o vg_name,lv_name,lv_active | sed 's/^ */volume /'
  vgs --noheadings -o vg_name | sed 's/^ */group /'
  pvs --noheadings -o pv_name | sed 's/^ */device /'
  iscsiadm -m node 2>/dev/null | sed 's/^/node /'
  virsh --quiet list --all --name | sed '/./s/^/domain /'
  for name in /proc/[0-9]*/comm; do
    name=$(cat "$name" 2>/dev/null)
    case $name in qemu-*) echo "process $name" ;; esac
  done
  for name in /sys/class/net/*; do echo "link ${name##*/}"; done
  find /var/lib/libvirt/images /srv -xdev ! -path '/srv/iscsi/*' | sed 's/^/file /'
  # Places that are made once stay.
  find /run/xenapi-gateway /var/lib/libvirt/qemu /etc/lvm /etc/iscsi -xdev ! -type d ! -name '*.sock' | sed 's/^/file /'
}

held
[ "$1" = held ] || left
