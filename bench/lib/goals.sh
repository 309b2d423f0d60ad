# What the project wants to reach, and whether it did: a row for each goal, at the top of the report.

# goal_ratio ID DATA TOOL MOST: nassync's median time by that of TOOL in the comparison of ID and DATA is at most MOST.
goal_ratio() {
  local figures=$work/figures-$1-$2 what own other
  what="$(size_of "$2"): time by that of $3"
  if [ ! -e "$figures/nassync.runs" ] || [ ! -e "$figures/$3.runs" ]; then
    goal_row "$1" "$what" "≤ $4" 'not measured' ''
    return
  fi
  read -r own _ < <(column "$figures/nassync.runs" '$1')
  read -r other _ < <(column "$figures/$3.runs" '$1')
  goal_most "$1" "$what" "$(awk -v a="$own" -v b="$other" 'BEGIN { printf "%.3f", a / b }')" "$4" '×'
}

# goal_most ID WHAT VALUE MOST UNIT
goal_most() { goal_row "$1" "$2" "≤ $4 $5" "$3 $5" "$(awk -v value="$3" -v most="$4" 'BEGIN { print (value + 0 <= most + 0 ? "yes" : "**no**") }')"; }

goal_row() { printf '| %s | %s | %s | %s | %s |\n' "$@" >> "$work/goals"; }

# figure ID DATA TOOL AWK-EXPRESSION: its median, or nothing.
figure() { if [ -e "$work/figures-$1-$2/$3.runs" ]; then column "$work/figures-$1-$2/$3.runs" "$4" | cut -d' ' -f1; fi; }

# greatest ID DATA TOOL AWK-EXPRESSION
greatest() { if [ -e "$work/figures-$1-$2/$3.runs" ]; then column "$work/figures-$1-$2/$3.runs" "$4" | cut -d' ' -f3; fi; }

print_goals() {
  # Of a small run they would say nothing.
  [ -e "$work/goals" ] && [ -z "$small" ] || return 0
  printf '\n## Goals\n\n| id | what | goal | measured | reached |\n| --- | --- | --- | --- | --- |\n'
  cat "$work/goals"
  printf '\nTimes are medians, of interleaved runs. What bounds those that were not reached: [performance](performance.md).\n'
}
