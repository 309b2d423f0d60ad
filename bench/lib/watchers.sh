# Programs that watch a folder and carry what comes to another one: nassync, lsyncd with rsync, and two Syncthings on loopback.

watcher='' receiver=''

# start_watcher TOOL FOLDER: carries what is in FOLDER/outputs to FOLDER/place, by the settings that make the tool fastest. Sets $watcher, the process
# that counts; what it prints is in FOLDER/out and FOLDER/err.
start_watcher() {
  local tool=$1 folder=$2 outputs=$2/outputs cmd=()
  mkdir -p "$folder/outputs" "$folder/place"
  case $tool in
    nassync*)
      nassync_command "$folder/place" "$folder/place"
      cmd=(nassync watch --json --config "$folder/place.yaml")
      ;;
    lsyncd*)
      lsyncd_config > "$folder/lsyncd.lua"
      cmd=(lsyncd -nodaemon "$folder/lsyncd.lua")
      ;;
    syncthing*)
      syncthing_pair "$folder"
      cmd=(syncthing serve --no-browser --no-restart --no-upgrade --home="$folder/a")
      ;;
  esac
  if [ ! -e "$folder/out" ]; then : > "$folder/out"; fi
  env time -q -f '%U %S %M' -o "$folder/time" "${cmd[@]}" >> "$folder/out" 2>> "$folder/err" </dev/null &
  timer=$!
  wait_for 5 pgrep -P "$timer" || stop "$tool did not start: $(tail -n 3 "$folder/err")"
  watcher=$(pgrep -P "$timer")
}

# stop_watcher: what it and its children used is in FOLDER/time afterwards.
stop_watcher() {
  [ -n "$watcher" ] || return 0
  kill -CONT "$watcher" 2>/dev/null || true
  kill -TERM "$watcher" $receiver 2>/dev/null || true
  wait "$timer" $receiver 2>/dev/null || true
  watcher='' receiver=''
}

# Delay 0 makes lsyncd begin at once; only while rsync runs it collects what comes.
lsyncd_config() {
  cat <<LUA
settings { nodaemon = true, insist = true }
sync { default.rsync, source = "$folder/outputs", target = "$folder/place", delay = 0, delete = false, rsync = { archive = true, whole_file = true } }
LUA
}

# The second Syncthing receives. One second is the shortest wait that release 1.19 takes; it does not fsync either.
syncthing_pair() {
  local folder=$1 side id=() ports
  if [ ! -e "$folder/a" ]; then make_pair; fi
  syncthing serve --no-browser --no-restart --no-upgrade --home="$folder/b" > "$folder/b.out" 2>&1 </dev/null &
  receiver=$!
}

make_pair() {
  ports=("$(free_port)" "$(free_port)" "$(free_port)" "$(free_port)")
  mkdir -p "$folder/outputs/.stfolder" "$folder/place/.stfolder"
  for side in a b; do
    syncthing generate --home="$folder/$side" --no-default-folder --skip-port-probing > "$folder/$side.id" 2>&1
    id+=("$(grep -oP '(?<=Device ID: ).*' "$folder/$side.id")")
  done
  syncthing_config "$folder/outputs" "${ports[0]}" "${ports[2]}" > "$folder/a/config.xml"
  syncthing_config "$folder/place" "${ports[1]}" "${ports[3]}" > "$folder/b/config.xml"
}

syncthing_config() {
  cat <<XML
<configuration version="36">
  <folder id="media" label="media" path="$1" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="1">
    <filesystemType>basic</filesystemType><device id="${id[0]}"/><device id="${id[1]}"/><minDiskFree unit="%">0</minDiskFree><disableFsync>true</disableFsync></folder>
  <device id="${id[0]}" name="a" compression="never"><address>tcp://127.0.0.1:${ports[0]}</address></device>
  <device id="${id[1]}" name="b" compression="never"><address>tcp://127.0.0.1:${ports[1]}</address></device>
  <gui enabled="true" tls="false"><address>127.0.0.1:$3</address><apikey>bench</apikey></gui>
  <options><listenAddress>tcp://127.0.0.1:$2</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>
   <relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><stunServer></stunServer><stunKeepaliveStartS>0</stunKeepaliveStartS><startBrowser>false</startBrowser>
   <urAccepted>-1</urAccepted><autoUpgradeIntervalH>0</autoUpgradeIntervalH><crashReportingEnabled>false</crashReportingEnabled><releasesURL></releasesURL>
   <reconnectionIntervalS>1</reconnectionIntervalS><minHomeDiskFree unit="%">0</minHomeDiskFree><announceLANAddresses>false</announceLANAddresses></options>
</configuration>
XML
}

# family PID: it and what it started, one a line.
family() {
  local child
  echo "$1"
  for child in $(pgrep -P "$1" || true); do family "$child"; done
}

# cpu_ticks PID: user and system time of it, of what it started, and of what it waited for, in ticks of the clock.
cpu_ticks() {
  local pid total=0 stat
  for pid in $(family "$1"); do
    read -r stat < "/proc/$pid/stat" 2>/dev/null || continue
    # shellcheck disable=SC2086 # The name in parentheses is cut off; fields count from the state.
    set -- ${stat##*) }
    total=$((total + ${12} + ${13} + ${14} + ${15}))
  done
  echo "$total"
}

# memory_mib PID FIELD: VmRSS or VmHWM of it and of what it started.
memory_mib() {
  local pid files=()
  for pid in $(family "$1"); do files+=("/proc/$pid/status"); done
  awk -v field="$2:" '$1 == field { sum += $2 } END { printf "%.0f", sum / 1024 }' "${files[@]}" 2>/dev/null
}
