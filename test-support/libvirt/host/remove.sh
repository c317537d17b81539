#!/bin/sh
# remove.sh host NETNS DIRECTORY: ends every process of a host and removes what it consisted of.
# remove.sh lab NAME DIRECTORY:   does that for a lab: all of its hosts, its bridges, its DHCP server.
# remove.sh dead NAME DIRECTORY OWNER:  does that when it is still the lab of this owner, and not of one that took the name since.
# remove.sh watch NAME DIRECTORY OWNER: does that when standard input ends, as it does when the owner dies.

remove_host() {
  # Processes may start others while they are ended, and take their time on a busy machine: ten seconds at most.
  attempts=0
  while pids=$(ip netns pids "$1" 2>/dev/null) && [ -n "$pids" ] && [ $attempts -lt 200 ]; do
    kill -9 $pids 2>/dev/null
    sleep 0.05
    attempts=$((attempts + 1))
  done
  ip netns delete "$1" 2>/dev/null
  losetup --noheadings --output NAME,BACK-FILE 2>/dev/null | while read -r device file; do
    case $file in "$2"/*) losetup --detach "$device" ;; esac
  done
  find /sys/fs/cgroup -depth -type d \( -path "*/$1" -o -path "*/$1/*" \) -exec rmdir {} + 2>/dev/null
  rm -rf "$2"
}

remove_lab() {
  for namespace in $(ip netns list | cut -d' ' -f1 | grep "^$1-"); do
    remove_host "$namespace" "$2/${namespace#"$1"-}"
  done
  [ -e "$2/dnsmasq.pid" ] && kill -9 "$(cat "$2/dnsmasq.pid")" 2>/dev/null
  rm -rf "$2"
  # The bridge with the name comes last: as long as it is there, nobody else takes the name.
  for bridge in "${1}a" "${1}b" "$1"; do
    ip link delete "$bridge" 2>/dev/null
  done
}

remove_dead_lab() {
  [ "$(cat "/sys/class/net/$1/ifalias" 2>/dev/null)" = "$3" ] && remove_lab "$1" "$2"
}

case $1 in
  host) remove_host "$2" "$3" ;;
  lab) remove_lab "$2" "$3" ;;
  dead) remove_dead_lab "$2" "$3" "$4" ;;
  watch)
    cat >/dev/null
    remove_dead_lab "$2" "$3" "$4"
    ;;
esac
true
