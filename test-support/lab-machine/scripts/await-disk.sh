# await-disk.sh WWN PATHS: waits for a disk that was plugged in, and prints its devices, one for each path.
set -e
found=
attempts=0
while [ "$(echo $found | wc -w)" -lt "$2" ]; do
  [ $((attempts += 1)) -le 300 ] || { echo "disk $1 has not come" >&2; exit 1; }
  found=$(grep -lx "naa.$1" /sys/block/sd*/device/wwid 2>/dev/null | cut -d/ -f4) || sleep 0.1
done
[ "$2" -lt 2 ] || udevadm wait --timeout=60 "/dev/mapper/3$1"
for name in $found; do
  udevadm wait --timeout=60 "/dev/$name"
  echo "/dev/$name"
done
