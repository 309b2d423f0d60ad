# Rounds, figures and tables.
#
# A scenario is a function scenario_ID that calls `compare`. These functions belong to it:
#   ID_command TOOL PLACE  sets the array `cmd` that does the copy into the folder PLACE (or what stands for it); its preparations are not timed
#   ID_round               makes ready what a whole round uses (optional)
#   ID_before PLACE        makes the place ready, where something is to be done (optional)
#   ID_after PLACE         ends what ID_before began (optional)
#   ID_check TOOL PLACE    whether the copy equals the source (optional; without it PLACE must be the same as the artifacts)
#   ID_extra PLACE         prints a number more for the table, right after the run (optional; $extra is the title of its column)
# and these variables may be set for it: `rounds`; `first_round`, 1 where none need be left out; `places`, the folder in which places are made, and `keep`, when nothing may be removed between runs.

# compare ID TITLE DATA TOOL…: runs the tools in rounds and prints the table. A tool that ends in "(once)" is too slow for that and runs once.
# Without files to copy, DATA is "none".
compare() {
  local id=$1 title=$2 data=$3 figures round tool place
  shift 3
  figures=$work/figures-$id-$data
  mkdir "$figures"
  artifact_bytes=0
  if [ "$data" != none ]; then dataset "$data" "${data_in:-$work}"; fi
  for ((round = ${first_round:-${small:-0}}; round <= rounds; round++)); do
    local order=("$@")
    if has "${id}_round"; then "${id}_round"; fi
    if ((round % 2)); then mapfile -t order < <(printf '%s\n' "$@" | tac); fi
    for tool in "${order[@]}"; do
      if [[ $tool == *"(once)" ]] && ((round != 1)); then continue; fi
      type -P "$(program_of "$tool")" >/dev/null || continue
      place=${places:-$work}/$id-$data-$round-${tool//[^a-zA-Z0-9]/-}
      mkdir "$place"
      one_run
      # On a tmpfs nothing of this is felt by the next run, as it would be on a disk.
      if [ -z "${keep:-}" ]; then rm -rf "$place" "$place".*; fi
    done
    say "$id, $data, round $round of $rounds:$(figures_of_round)"
  done
  if [ -n "${keep:-}" ]; then rm -rf "${places:?}/$id-$data-"*; fi
  print_table "$@"
}

has() { declare -F "$1" >/dev/null; }

# One run of $tool into $place, its figures appended: wall ms, user and system seconds, peak KiB, and the scenario's extra number.
one_run() {
  local cmd=() before after words extra_figure=
  if has "${id}_before"; then "${id}_before" "$place"; fi
  "${id}_command" "$tool" "$place"
  words=${cmd[*]//$work/…}
  words=${words//${disk:-$work}/…}
  words=${words//$root\//}
  if [ ${#words} -gt 600 ]; then words="${words:0:300} … ${words: -100}"; fi
  printf '%s\n' "$words" > "$figures/$tool.command"
  before=${EPOCHREALTIME/./}
  if ! env time -q -f '%U %S %M' -o "$place.time" "${cmd[@]}" > "$place.out" 2>&1 </dev/null; then
    failed "$(tail -n 3 "$place.out")"
  else
    after=${EPOCHREALTIME/./}
    if has "${id}_extra"; then extra_figure=$("${id}_extra" "$place"); fi
    # The warm-up round is not compared: it does not count.
    if ((round == 0)); then
      :
    elif ! if has "${id}_check"; then "${id}_check" "$tool" "$place"; else same "$place"; fi; then
      failed "what it left differs from the source"
    else
      echo "$(((after - before) / 1000)) $(cat "$place.time") $extra_figure" >> "$figures/$tool.runs"
    fi
  fi
  if has "${id}_after"; then "${id}_after" "$place"; fi
}

failed() {
  say "$id: $tool failed: $1"
  echo "${1//$work/…}" | tail -n 1 > "$figures/$tool.failed"
  if [[ $tool == nassync* ]]; then touch "$work/nassync-failed"; fi
}

# failed_outside SENTENCE: for what is no run of `compare`.
failed_outside() { say "$1" && touch "$work/nassync-failed"; }

figures_of_round() {
  local file
  for file in "$figures"/*.runs; do
    [ ! -e "$file" ] || printf ' %s %s ms;' "$(basename "$file" .runs)" "$(tail -n 1 "$file" | cut -d' ' -f1)"
  done
}

# column FILE AWK-EXPRESSION: its median, least and greatest.
column() {
  awk "{ print $2 }" "$1" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[1], v[NR] }'
}

# ratio ID TOOL TIME OWN-TIME: one mark of the plot.
ratio() { awk -v id="$1" -v tool="$2" -v time="$3" -v own="$4" 'BEGIN { if (own > 0 && time > 0) printf "%s\t%s\t%.4f\n", id, tool, time / own }' >> "$work/ratios"; }

# begin_table ID TITLE 'HEADER | HEADER…': the first column is text.
begin_table() {
  local columns=${3//[^|]/}
  printf '\n## %s\n\n| %s |\n| --- |%s\n' "$2" "$3" "${columns//|/ ---: |}"
}

end_table() { printf '\n%s Load average of the machine in the end: %s.\n' "$1" "$(cut -d' ' -f1-3 /proc/loadavg)"; }

print_table() {
  local tool runs median least most own= cpu
  if [ -e "$figures/nassync.runs" ]; then read -r own _ < <(column "$figures/nassync.runs" '$1'); fi
  begin_table "$id" "$title" " | median ms | least–most | runs | time / nassync | CPU s | CPU s per GiB | peak MiB${extra:+ | $extra}"
  for tool in "$@"; do
    runs=$figures/$tool.runs
    if [ -e "$figures/$tool.failed" ]; then
      printf '| %s | failed: %s | | | | | | |%s\n' "$tool" "$(tr '|' ' ' < "$figures/$tool.failed")" "${extra:+ |}"
    elif [ ! -e "$runs" ]; then
      printf '| %s | missing | | | | | | |%s\n' "$tool" "${extra:+ |}"
    else
      read -r median least most < <(column "$runs" '$1')
      read -r cpu _ < <(column "$runs" '$2 + $3')
      if [ "$tool" != nassync ]; then ratio "$id, $data" "$tool" "$median" "$own"; fi
      printf '| %s | %.0f | %s–%s | %s | %s | %.2f | %s | %.0f |%s\n' "$tool" "$median" "$least" "$most" "$(wc -l < "$runs")" \
        "$(awk -v a="$median" -v b="$own" 'BEGIN { if (b) printf "%.2f", a / b }')" "$cpu" \
        "$(awk -v cpu="$cpu" -v bytes="$artifact_bytes" 'BEGIN { if (bytes) printf "%.2f", cpu / bytes * 1024 ^ 3 }')" \
        "$(column "$runs" '$4 / 1024' | cut -d' ' -f1)" "${extra:+ $(column "$runs" '$5' | cut -d' ' -f1) |}"
    fi
  done
  end_table ''
  printf '\n```\n'
  for tool in "$@"; do
    if [ -e "$figures/$tool.command" ]; then printf '%s: %s' "$tool" "$(cat "$figures/$tool.command")" && echo; fi
  done
  printf '```\n'
}
