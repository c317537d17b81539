# start-service.sh NAME PROGRAM ARGUMENT...: starts a program that goes on by itself, whoever is connected. In /run/NAME there is its
# number, what it prints, and when it has ended its status.
set -e
place=/run/$1
shift
rm -rf "$place"
mkdir "$place"
setsid sh -c '
  place=$1
  shift
  "$@" &
  echo $! >"$place/pid"
  wait $!
  echo $? >"$place/ending"
  mv "$place/ending" "$place/status"
' - "$place" "$@" </dev/null >"$place/output" 2>&1 &
until [ -s "$place/pid" ]; do sleep 0.1; done
