# Words for people, needs, and what the programs find in their environment.

say() { printf '%s\n' "$*" >&2; }
stop() { say "bench/run: $*" && exit 1; }

# need_program NAME…: ends the run when one is not there. For what the measurement itself needs; a peer may be missing.
need_program() {
  local name
  for name in "$@"; do type -P "$name" >/dev/null || stop "needs the program '$name'"; done
}

# The user's own settings must not change what is measured, nor a proxy stand between.
quiet_environment() {
  local name
  for name in $(compgen -e); do
    case ${name^^} in NAS_* | OUTPUTS_DIR | AWS_* | RCLONE_* | S3_* | HTTP_PROXY | HTTPS_PROXY | ALL_PROXY) unset "$name" ;; esac
  done
  export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null RCLONE_CONFIG=$work/rclone.conf
  : > "$RCLONE_CONFIG"
}

# program_of TOOL: a tool is a program with a way to use it, such as "rclone, unverified".
program_of() {
  case $1 in
    awscli*) echo aws ;;
    *) echo "${1%%[, ]*}" ;;
  esac
}

# publish PROJECT FOLDER PUBLISHED PROPERTY…: builds it, or takes what was published before.
publish() {
  if [ -n "$3" ]; then
    ln -s "$(realpath "$3")" "$2"
  else
    say "Publishing $1"
    local system
    system=$(dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1)
    # What the analyzers have to say was said when it was built, and takes them longer than the compiler.
    dotnet publish "$root/$1" -c Release -o "$2" -v quiet -clp:NoSummary -r "$system" -p:RunAnalyzers=false "${@:4}" >&2
  fi
}

# The program as its package for Linux is made: machine code. Where that cannot be made, .NET's own compiled ahead; where the package source lacks even
# that, and for a small run, which has no minutes to spend on it, as a checkout runs.
publish_program() {
  local ahead=(--no-self-contained -p:PublishReadyToRun=true)
  if [ -n "$1" ]; then
    publish src/NasSync.Service "$work/program" "$1"
    compiled='as it was given'
  elif [ -z "$small" ] && type -P gcc >/dev/null && publish src/NasSync.Service "$work/program" '' -p:PublishAot=true -p:CppCompilerAndLinker=gcc; then
    compiled='to machine code, as its package for Linux'
  elif [ -z "$small" ] && publish src/NasSync.Service "$work/program" '' "${ahead[@]}"; then
    compiled='ahead (ReadyToRun)'
  else
    publish src/NasSync.Service "$work/program" '' --no-self-contained
    compiled='when it runs'
  fi
}

clean_up() {
  restore_queue
  stop_watcher
  stop_servers
  release_xfs
  rm -rf "$work" "$disk"
}

print_versions() {
  local name line
  printf '# nassync beside its peers\n\nBy `bench/run` on %s cores, Linux %s, load average %s at the start. ' "$(nproc)" "$(uname -r)" "$(cut -d' ' -f1-3 /proc/loadavg)"
  printf '%s MiB in the big file, %s rounds after a warm-up where a table does not say otherwise; ' "$big_mib" "$rounds"
  printf 'tmpfs where it does not name a disk. CPU seconds and peak memory by GNU time, of the program and what it starts, without the servers. '
  printf 'nassync is compiled %s. ' "$compiled"
  if [ -n "$small" ]; then printf '**A small run: it shows that everything works; its times are mostly start-up, of one round, and no comparison.**'; fi
  printf '\n\n| program | version |\n| --- | --- |\n'
  for name in nassync cp rsync rclone lsyncd syncthing ssh aws s3cmd s4cmd radosgw pwsh; do
    case $name in
      lsyncd) line=$(lsyncd -version 2>&1) ;;
      ssh) line=$(ssh -V 2>&1) ;;
      *) line=$("$name" --version 2>&1 </dev/null | head -n 1) ;;
    esac || true
    if ! type -P "$name" >/dev/null; then line=missing; fi
    printf '| %s | %s |\n' "$name" "$line"
  done
}

# write_report FILE: what was printed, with the goals first, and beside it the plots.
write_report() {
  local plot=${1%.md}.svg growth=${1%.md}-growth.svg
  { head -n 2 "$work/report" && printf '![Time of each program in relation to nassync, logarithmic](%s)\n' "$(basename "$plot")" && print_goals && echo \
    && tail -n +3 "$work/report" | sed '/^## Goals$/,$d'; } > "$1"
  touch "$work/ratios"
  awk -f "$root/bench/lib/svg.awk" -f "$root/bench/lib/plot.awk" "$work/ratios" > "$plot"
  if grep -q '^## How cost grows' "$1"; then
    sed -i "s|^## How cost grows.*|&\n\n![Time per unit and peak memory, over the number of artifacts and the size of a file]($(basename "$growth"))|" "$1"
    awk -f "$root/bench/lib/svg.awk" -f "$root/bench/lib/growth.awk" "$1" > "$growth"
  fi
  say "Wrote $1 and its plots"
}
