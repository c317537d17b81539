#!/bin/sh
# remove.sh now DIRECTORY:   ends the QEMU of a lab machine and removes the directory.
# remove.sh watch DIRECTORY: does that when standard input ends, as it does when the process behind it dies.
[ "$1" = watch ] && cat >/dev/null
pid=$(cat "$2/pid" 2>/dev/null)
# Another process may have got the same number since.
[ -n "$pid" ] && grep -qF "$2" "/proc/$pid/cmdline" 2>/dev/null && kill -9 "$pid"
rm -rf "$2"
