# Rounds, figures and tables.
#
# A scenario is a function scenario_ID that calls `compare`. Three functions belong to it:
#   ID_command TOOL PLACE  sets the array `cmd` that does the copy into the folder PLACE (or what stands for it); its preparations are not timed
#   ID_before PLACE        makes the place ready, where something is to be done (optional)
#   ID_check TOOL PLACE    whether the copy equals the source (optional; without it PLACE must be the same as the artifacts)

# compare ID TITLE DATA TOOL…: runs the tools in rounds and prints the table. A tool that ends in "(once)" is too slow for that and runs once.
compare() {
  local id=$1 title=$2 data=$3 figures round tool place
  shift 3
  figures=$work/figures-$id-$data
  mkdir "$figures"
  dataset "$data"
  for ((round = 0; round <= rounds; round++)); do
    local order=("$@")
    if ((round % 2)); then mapfile -t order < <(printf '%s\n' "$@" | tac); fi
    for tool in "${order[@]}"; do
      if [[ $tool == *"(once)" ]] && ((round != 1)); then continue; fi
      type -P "$(program_of "$tool")" >/dev/null || continue
      place=$work/$id-$round-${tool//[^a-zA-Z0-9]/-}
      mkdir "$place"
      one_run
      # On a tmpfs nothing of this is felt by the next run, as it would be on a disk.
      rm -rf "$place" "$place".*
    done
    say "$id, $data, round $round of $rounds:$(figures_of_round)"
  done
  print_table "$@"
}

has() { declare -F "$1" >/dev/null; }

# One run of $tool into $place, its figures appended: wall ms, user and system seconds, peak KiB.
one_run() {
  local cmd=() before after words
  if has "${id}_before"; then "${id}_before" "$place"; fi
  "${id}_command" "$tool" "$place"
  words=${cmd[*]//$work/…}
  if [ ${#words} -gt 600 ]; then words="${words:0:300} … ${words: -100}"; fi
  printf '%s\n' "$words" > "$figures/$tool.command"
  before=${EPOCHREALTIME/./}
  if ! env time -q -f '%U %S %M' -o "$place.time" "${cmd[@]}" > "$place.out" 2>&1 </dev/null; then
    failed "$(tail -n 3 "$place.out")"
  else
    after=${EPOCHREALTIME/./}
    # The warm-up round is not compared: it does not count.
    if ((round == 0)); then
      :
    elif ! if has "${id}_check"; then "${id}_check" "$tool" "$place"; else same "$place"; fi; then
      failed "what it left differs from the source"
    else
      echo "$(((after - before) / 1000)) $(cat "$place.time")" >> "$figures/$tool.runs"
    fi
  fi
  if has "${id}_after"; then "${id}_after" "$place"; fi
}

failed() {
  say "$id: $tool failed: $1"
  echo "$1" | tail -n 1 > "$figures/$tool.failed"
  if [[ $tool == nassync* ]]; then touch "$work/nassync-failed"; fi
}

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

print_table() {
  local tool runs median least most own=
  if [ -e "$figures/nassync.runs" ]; then read -r own _ < <(column "$figures/nassync.runs" '$1'); fi
  printf '\n## %s\n\n| | median ms | least–most | runs | time / nassync | CPU s | peak MiB |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n' "$title"
  for tool in "$@"; do
    runs=$figures/$tool.runs
    if [ -e "$figures/$tool.failed" ]; then
      printf '| %s | failed: %s | | | | | |\n' "$tool" "$(tr '|' ' ' < "$figures/$tool.failed")"
    elif [ ! -e "$runs" ]; then
      printf '| %s | missing | | | | | |\n' "$tool"
    else
      read -r median least most < <(column "$runs" '$1')
      printf '| %s | %.0f | %s–%s | %s | %s | %.2f | %.0f |\n' "$tool" "$median" "$least" "$most" "$(wc -l < "$runs")" \
        "$(awk -v a="$median" -v b="$own" 'BEGIN { if (b) printf "%.2f", a / b }')" \
        "$(column "$runs" '$2 + $3' | cut -d' ' -f1)" "$(column "$runs" '$4 / 1024' | cut -d' ' -f1)"
    fi
  done
  printf '\n```\n'
  for tool in "$@"; do
    if [ -e "$figures/$tool.command" ]; then printf '%s: %s' "$tool" "$(cat "$figures/$tool.command")" && echo; fi
  done
  printf '```\n'
}
