#!/bin/sh
# inside.sh DIRECTORY HOSTNAME: inside the namespaces of a host, gives it a state of its own, says so, and stays.
set -e
mount --make-rprivate /

# Where this machine keeps its own state, the host keeps that of the lab.
while read -r own place; do
  mkdir -p "$1/$own" "$place"
  mount --bind "$1/$own" "$place"
done <<PLACES
run /run/libvirt
gateway-run /run/xenapi-gateway
lib /var/lib/libvirt
cache /var/cache/libvirt
log /var/log/libvirt
etc /etc/libvirt
swtpm-ca /var/lib/swtpm-localca
ovs-run /run/openvswitch
ovs-etc /etc/openvswitch
lvm /etc/lvm
lvm-run /run/lvm
lvm-lock /run/lock/lvm
sshd-run /run/sshd
PLACES
mount --bind "$1/hosts" /etc/hosts

# `ip netns exec` has made a new /sys, for the network cards of the host alone, without control groups.
if [ -e /sys/fs/cgroup/cgroup.controllers ] || ! grep -q 'cgroup$' /proc/filesystems; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
else
  mount -t tmpfs -o mode=755 cgroups /sys/fs/cgroup
  for controller in cpu cpuacct cpuset memory devices freezer blkio; do
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null || rmdir "/sys/fs/cgroup/$controller"
  done
fi

hostname "$2"
echo ready
exec sleep infinity >/dev/null
