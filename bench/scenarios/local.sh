# B1 and B2: to a local folder.

scenario_B1() { compare B1 "B1: $big_mib MiB to a local folder" big nassync cp rsync 'rclone --checksum'; }

B1_command() {
  case $1 in
    nassync) nassync_command "$2" "$2" ;;
    cp) cmd=(cp -r "$artifacts/." "$2") ;;
    rsync) cmd=(rsync -a "$artifacts/" "$2/") ;;
    rclone*) cmd=(rclone copy --checksum "$artifacts" "$2") ;;
  esac
}

# Each copies into an empty folder, and again where nothing changed.
scenario_B2() {
  compare B2 "B2: $((many_jobs * 5)) × 64 KiB to a local folder" many nassync cp rsync 'rsync --fsync' 'rclone --checksum'
  compare B2again "B2, a second run: nothing changed" many nassync rsync 'rclone --checksum'
}

B2_command() {
  case $1 in
    'rsync --fsync') cmd=(rsync -a --fsync "$artifacts/" "$2/") ;;
    *) B1_command "$@" ;;
  esac
}

B2again_command() {
  B1_command "$@"
  "${cmd[@]}" > "$2.first" 2>&1 || { tail "$2.first" >&2; }
}
