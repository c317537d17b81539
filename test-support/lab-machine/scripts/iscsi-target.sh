# iscsi-target.sh serve NAME MIB PORTAL...: has the kernel serve a new disk as LUN 0 of a target, at each portal. Prints the disk's
#                                           world-wide name.
# iscsi-target.sh withdraw NAME:            ends that and removes the disk.
set -e
action=$1 name=$2
file=/srv/iscsi/$name
# Without a serial number multipath takes the two ways to a disk for two disks. The disk's name is made of its digits.
serial=$(echo "$name" | md5sum | cut -c1-25)

# A path through the tree of settings is what a target is made of; with each directory the kernel makes or ends a part of it.
core=/sys/kernel/config/target/core/fileio_0
disk=$core/$serial
target=/sys/kernel/config/target/iscsi/$name
group=$target/tpgt_1

serve() {
  mkdir -p "$(dirname "$file")"
  truncate -s "${1}M" "$file"
  mkdir -p "$disk"
  echo "fd_dev_name=$file,fd_dev_size=$(($1 * 1024 * 1024)),fd_buffered_io=1" >"$disk/control"
  echo "$serial" >"$disk/wwn/vpd_unit_serial"
  echo 1 >"$disk/enable"

  mkdir -p "$group/lun/lun_0"
  ln -s "$disk" "$group/lun/lun_0/storage"
  # Whoever comes is let in, and may write.
  echo 0 >"$group/attrib/authentication"
  echo 1 >"$group/attrib/generate_node_acls"
  echo 0 >"$group/attrib/demo_mode_write_protect"
  shift
  for portal in "$@"; do
    mkdir -p "$group/np/$portal"
  done
  echo 1 >"$group/enable"
  echo "6001405$serial"
}

withdraw() {
  echo 0 >"$group/enable"
  rmdir "$group"/np/*
  rm "$group/lun/lun_0/storage"
  rmdir "$group/lun/lun_0" "$group" "$target" "$disk"
  rm "$file"
}

shift 2
"$action" "$@"
