# B9, B10 and idle: programs that watch. Each table has columns of its own, since more than the duration counts.

# B9: one job of one 64 KiB artifact at a time is renamed into the watched folder; until the copy is complete under its final name.
scenario_B9() {
  local tool folder figures rows=() warmups=5
  for tool in nassync 'lsyncd + rsync' syncthing; do
    if ! type -P "$(program_of "$tool")" >/dev/null; then
      rows+=("| $tool | missing | | | | | |")
      continue
    fi
    folder=$work/B9-${tool%% *} figures=$work/B9-${tool%% *}.figures
    measurer make-jobs - "$folder/aside" $((drops + warmups)) 1 65536
    mkfifo "$folder/events"
    start_watcher "$tool" "$folder"
    # Only nassync tells of a copy; for the others its standard input is at its end.
    if [ "$tool" = nassync ]; then tail -q -n +1 -f "$folder/out" > "$folder/events" & else : > "$folder/events" & fi
    local teller=$!
    measurer event-to-copy "$folder/aside" "$folder/outputs" "$folder/place" "$warmups" < "$folder/events" > "$figures"
    end "$teller"
    stop_watcher
    rows+=("$(B9_rows "$tool" "$figures")")
    say "B9: $tool: $(tr '\n' ';' < "$figures")"
    rm -rf "$folder"
  done
  begin_table B9 "B9: from the rename of a job to its copy, $drops jobs of 64 KiB, one at a time, ms" 'program | until | p50 | p99 | max | jobs | lost'
  printf '%s\n' "${rows[@]}"
  end_table 'Looked for every 0.2 ms, and compared byte by byte. nassync fsyncs, verifies and records each copy; the others do not fsync. lsyncd: delay 0. Syncthing: fsWatcherDelayS 1, the least it takes.'
}

# B9_rows TOOL FIGURES: also notes the ratio of the medians for the plot.
B9_rows() {
  local what jobs lost p50 p99 most
  while read -r what jobs lost p50 p99 most; do
    case $what in
      seen) what='the complete file has its name' && B9_ratio "$1" "$p50" ;;
      told) goal_most B9 'p99 until recorded' "$p99" 250 ms && what='`committed`: fsynced and recorded' ;;
    esac
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$what" "$p50" "$p99" "$most" "$jobs" "$lost"
  done < "$2"
}

B9_ratio() {
  if [ "$1" = nassync ]; then echo "$2" > "$work/B9.own"; else ratio B9 "$1" "$2" "$(< "$work/B9.own")"; fi
}

# B10: very many jobs at once.
scenario_B10() {
  local rows=() round
  mkdir "$work/figures-B10"
  for ((round = 1; round <= rounds; round++)); do
    flood nassync
    flood 'lsyncd + rsync'
    if overflow_is_possible; then flood 'nassync, overflow'; fi
  done
  begin_table B10 "B10: $flood_jobs jobs of one 4 KiB artifact, dropped at once" \
    'program | median s | least–most | runs | lost, all runs | peak MiB, greatest | CPU s, median | overflows told'
  flood_row nassync 'lsyncd + rsync'
  goal_most B10 'peak memory, greatest' "$(column "$work/figures-B10/nassync" '$3 / 1024' | cut -d' ' -f3)" 200 MiB
  goal_most B10 'jobs lost, all runs' "$(awk '{ sum += $2 } END { print sum }' "$work/figures-B10/nassync"*)" 0 jobs
  flood_row 'lsyncd + rsync'
  if overflow_is_possible; then
    flood_row 'nassync, overflow'
  else
    echo '| nassync, overflow | skipped: only root may shorten the inotify queue | | | | | | |'
  fi
  end_table "Until the last copy has its name (looked for each 0.1 s), and for nassync until each is recorded. Overflow: the process is stopped (SIGSTOP) while the jobs come, with an inotify queue of $((flood_jobs / 10)) events."
}

overflow_is_possible() { [ -w /proc/sys/fs/inotify/max_queued_events ]; }

# flood TOOL: one run; appends "seconds lost peak-KiB CPU-seconds overflows" to its figures.
flood() {
  local tool=$1 folder=$work/B10-flood before after told=0 user system peak
  type -P "$(program_of "$tool")" >/dev/null || return 0
  measurer make-jobs "$folder/artifacts" "$folder/aside" "$flood_jobs" 1 4096
  expected=$folder/expected
  hashes "$folder/artifacts" > "$expected"
  # What it costs before the flood is not of it: the first job compiles, opens and connects.
  mkdir -p "$folder/outputs" && mv "$folder/aside/job_000001" "$folder/outputs"
  if [[ $tool == *overflow ]]; then shorten_queue; fi
  start_watcher "$tool" "$folder"
  wait_for 60 arrived 1 || say "B10: $tool: the first job did not arrive"
  sleep 1
  if [[ $tool == *overflow ]]; then restore_queue && kill -STOP "$watcher"; fi
  before=${EPOCHREALTIME/./}
  find "$folder/aside" -mindepth 1 -maxdepth 1 -print0 | xargs -0 mv -t "$folder/outputs"
  if [[ $tool == *overflow ]]; then kill -CONT "$watcher"; fi
  wait_for "$flood_longest" arrived "$flood_jobs" || say "B10: $tool: not all arrived in $flood_longest s"
  after=${EPOCHREALTIME/./}
  if [[ $tool == nassync* ]]; then told=$(grep -c '"WatchOverflow"' "$folder/out") || true; fi
  stop_watcher
  read -r user system peak < "$folder/time"
  echo "$(((after - before) / 1000)) $(lost "$folder/place") $peak $user $system $told" >> "$work/figures-B10/$tool"
  say "B10: $tool: ms, lost, KiB, CPU s, overflows: $(tail -n 1 "$work/figures-B10/$tool")"
  if [[ $tool == nassync* ]]; then check_flood; fi
  rm -rf "$folder"
}

# arrived JOBS: every tenth of a second is often enough for seconds.
arrived() {
  sleep 0.1
  [ "$(find "$folder/place" -name 'artifact-*.m4a' | wc -l)" -ge "$1" ] || return
  if [[ $tool == nassync* ]]; then [ "$(grep -c '"event":"committed"' "$folder/out")" -ge "$1" ]; fi
}

check_flood() {
  local lost told
  read -r _ lost _ _ _ told < <(tail -n 1 "$work/figures-B10/$tool")
  if [ "$lost" != 0 ]; then failed_outside "B10: $tool lost $lost jobs"; fi
  if [[ $tool == *overflow && $told == 0 ]]; then failed_outside "B10: $tool: the queue did not overflow, or nobody was told"; fi
}

# The length holds for watches that are begun after it was set, so it can be set back at once.
shorten_queue() {
  queue_length=$(< /proc/sys/fs/inotify/max_queued_events)
  echo $((flood_jobs / 10)) > /proc/sys/fs/inotify/max_queued_events
}

restore_queue() {
  if [ -n "${queue_length:-}" ]; then echo "$queue_length" > /proc/sys/fs/inotify/max_queued_events; fi
  queue_length=
}

# flood_row TOOL
flood_row() {
  local runs=$work/figures-B10/$1 median least most
  if [ ! -e "$runs" ]; then echo "| $1 | missing | | | | | | |" && return; fi
  read -r median least most < <(column "$runs" '$1 / 1000')
  if [ "$1" != nassync ] && [ -e "$work/figures-B10/nassync" ]; then ratio B10 "$1" "$median" "$(column "$work/figures-B10/nassync" '$1 / 1000' | cut -d' ' -f1)"; fi
  printf '| %s | %.1f | %.1f–%.1f | %s | %s | %.0f | %.1f | %s |\n' "$1" "$median" "$least" "$most" "$(wc -l < "$runs")" \
    "$(awk '{ sum += $2 } END { print sum }' "$runs")" "$(column "$runs" '$3 / 1024' | cut -d' ' -f3)" \
    "$(column "$runs" '$4 + $5' | cut -d' ' -f1)" "$(cut -d' ' -f6 "$runs" | paste -s -d ,)"
}

# idle: what it costs to watch jobs that are known, while nothing happens. Started anew for it, so that nothing of the copying is in the figures.
scenario_idle() {
  local tool folder rows=() before
  for tool in nassync lsyncd syncthing; do
    type -P "$tool" >/dev/null || continue
    folder=$work/idle-$tool
    measurer make-jobs - "$folder/outputs" "$flood_jobs" 1 64
    start_watcher "$tool" "$folder"
    wait_for "$flood_longest" arrived "$flood_jobs" || say "idle: $tool: not all arrived in $flood_longest s"
    stop_watcher
    start_watcher "$tool" "$folder"
    sleep "$calm_seconds"
    before=$(cpu_ticks "$watcher")
    sleep "$idle_seconds"
    rows+=("$(printf '| %s | %s | %s | %s |' "$tool" "$(awk -v ticks=$(($(cpu_ticks "$watcher") - before)) -v hz="$(getconf CLK_TCK)" \
      'BEGIN { printf "%.2f", ticks / hz }')" "$(memory_mib "$watcher" VmRSS)" "$(memory_mib "$watcher" VmHWM)")")
    say "idle: ${rows[-1]}"
    stop_watcher
    rm -rf "$folder"
  done
  begin_table idle "Idle: $flood_jobs known jobs, $idle_seconds s in which nothing happens, $calm_seconds s after the start" "program | CPU s | resident MiB | peak MiB"
  printf '%s\n' "${rows[@]}"
  end_table 'Of one side only: Syncthing needs a second one.'
}
