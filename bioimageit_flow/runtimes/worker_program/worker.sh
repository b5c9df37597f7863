#!/bin/sh
# Runs the jobs of a tool in any language, one at a time: the same as worker.py does, for
# images without Python. Requests come on descriptor 0 (a line `run END`, with the command
# in /flow/command), events go out as JSON lines on descriptor 1, and descriptor 2 takes
# what jobs print, which ends with END and a line end.
exec 3<&0 4>&1 0</dev/null 1>&2

# Every process but the first of the container and this one.
kill_others() {
  tries=0
  while kill -9 -1 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 20000 ] || exit 70
  done
}

empty() {
  for place in /tmp /dev/shm /dev/mqueue; do
    for path in "$place"/* "$place"/.[!.]* "$place"/..?*; do
      if [ -e "$path" ] || [ -L "$path" ]; then
        rm -rf -- "$path" 2>/dev/null ||
          { chmod -R u+rwX -- "$path" && rm -rf -- "$path"; } || exit 70
      fi
    done
  done
}

# Shared memory of System V outlives its processes; it goes with the container.
over() {
  over=false
  for list in /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem; do
    [ -r "$list" ] || continue
    {
      read -r heading
      if read -r entry; then over=true; fi
    } <"$list"
  done
}

[ -r /proc/self/stat ] || exit 70
printf '{"event": "ready", "mode": "command", "preload_s": 0, "rss_kib": 1024}\n' >&4
while read -r what end <&3; do
  [ "$what" = run ] || break
  (
    exec 3<&- 4>&-
    cd /tmp || exit 70
    . /flow/command
  ) &
  wait $!
  code=$?
  kill_others
  empty
  printf '%s\n' "$end" >&2
  over
  printf '{"event": "done", "exit": %s, "is_over": %s}\n' "$code" "$over" >&4
done
