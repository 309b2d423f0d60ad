# How time and memory grow with the number of artifacts, and with the size of one.

scenario_cost() {
  local jobs mib rows=() free
  for jobs in "${cost_jobs[@]}"; do
    dataset "jobs-$jobs"
    mkdir "$work/cost"
    cost_rows "$(size_of "jobs-$jobs") in $jobs jobs, tmpfs" "$work/cost" $((jobs * 10)) artifact
    forget "jobs-$jobs" cost cost.work
  done
  for mib in "${cost_mib[@]}"; do
    free=$(df --output=avail -BM "$disk" | tail -n 1 | tr -dc 0-9)
    if [ "$free" -lt $((mib + 1024)) ]; then
      rows+=("| $mib MiB | skipped: $free MiB are free on the disk | | | | | |")
      continue
    fi
    sparse_job "$mib"
    cost_rows "$mib MiB (sparse source), disk" "$disk/cost/place" $((mib / 1024 > 0 ? mib / 1024 : 1)) GiB
    rm -rf "$disk/cost"
  done
  begin_table cost 'How cost grows: one run of nassync each' 'what | run | s | ms per unit | CPU s | peak MiB | unit'
  printf '%s\n' "${rows[@]}"
  end_table ''
}

# A file that holds nothing is read like any other, and takes no room.
sparse_job() {
  outputs=$disk/cost/outputs artifacts=$disk/cost/outputs
  measurer make-jobs - "$outputs" 1 1 1
  truncate -s "$1M" "$outputs/job_000001/artifact-0.m4a"
  mkdir "$disk/cost/place"
}

# cost_rows WHAT PLACE UNITS UNIT: the first run, and a second one that finds nothing to do.
cost_rows() {
  local run cmd before after user system peak
  nassync_command "$2" "$2"
  for run in first again; do
    before=${EPOCHREALTIME/./}
    env time -q -f '%U %S %M' -o "$work/cost.time" "${cmd[@]}" > "$work/cost.out" 2>&1 </dev/null || failed_outside "cost: nassync failed: $(tail -n 3 "$work/cost.out")"
    after=${EPOCHREALTIME/./}
    read -r user system peak < <(tail -n 1 "$work/cost.time")
    rows+=("$(awk -v what="$1" -v run="$run" -v us=$((after - before)) -v units="$3" -v user="$user" -v sys="$system" -v peak="$peak" -v unit="$4" \
      'BEGIN { printf "| %s | %s | %.2f | %.3f | %.2f | %.0f | %s |", what, run, us / 1e6, us / 1e3 / units, user + sys, peak / 1024, unit }')")
    say "cost: ${rows[-1]}"
  done
}

# parts: the micro-benchmarks, with what they allocate.
scenario_parts() {
  local job=short folder=$work/parts table name
  if [ -n "$small" ]; then job=dry; fi
  mkdir "$folder"
  # It makes programs of its own from the sources, with the folder's name.
  (cd "$root/tests/NasSync.Benchmarks" && "$work/measurer/NasSync.Benchmarks" --filter '*' --job "$job" --artifacts "$folder" --inProcess) > "$folder/log" 2>&1 </dev/null \
    || failed_outside "parts: $(tail -n 3 "$folder/log")"
  printf '\n## Parts: what each costs by itself\n'
  for table in "$folder"/results/*-report-github.md; do
    name=${table##*Benchmarks.}
    printf '\n### %s\n\n' "${name%%-report*}"
    grep '^|' "$table" || true
  done
}
