#!/bin/sh
# enter.sh NETNS DIRECTORY HOSTNAME: becomes a host. The process goes into a control group of its own, because libvirt names
# groups after domains and the hosts of a lab may run domains of the same name; then into its namespaces.
set -e
here=$(dirname "$0")

while IFS=: read -r id controllers path; do
  if [ "$id" = 0 ] && [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    parent=/sys/fs/cgroup$path
  else
    parent=/sys/fs/cgroup/$controllers$path
  fi
  case $controllers in *=*) continue ;; esac
  [ -e "$parent/cgroup.procs" ] || continue
  mkdir -p "$parent/$1"
  # Processors and memory nodes are not inherited: without them a group takes no process.
  for setting in cpuset.cpus cpuset.mems; do
    [ -e "$parent/$setting" ] && [ "$controllers" = cpuset ] && cat "$parent/$setting" >"$parent/$1/$setting"
  done
  echo $$ >"$parent/$1/cgroup.procs"
done </proc/self/cgroup

exec ip netns exec "$1" unshare --mount --uts --cgroup sh "$here/inside.sh" "$2" "$3"
