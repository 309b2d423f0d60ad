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

print_versions() {
  local name line
  printf '# nassync beside its peers\n\n%s MiB in one file; %s files of 64 KiB in %s folders; %s rounds after a warm-up, %s cores, tmpfs, Linux %s.\n\n' \
    "$big_mib" "$((many_jobs * 5))" "$many_jobs" "$rounds" "$(nproc)" "$(uname -r)"
  printf '| program | version |\n| --- | --- |\n'
  for name in nassync cp rsync rclone ssh aws s3cmd s4cmd radosgw; do
    if ! type -P "$name" >/dev/null; then
      line=missing
    elif [ "$name" = ssh ]; then
      line=$(ssh -V 2>&1)
    else
      line=$("$name" --version 2>&1 </dev/null | head -n 1) || true
    fi
    printf '| %s | %s |\n' "$name" "$line"
  done
}
