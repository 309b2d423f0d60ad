# B1, B2, B3 and B8: to a local folder.

scenario_B1() {
  compare B1 "B1: $(size_of big) to a local folder" big nassync cp rsync 'rclone --checksum'
  goal_ratio B1 big rsync 1
  goal_ratio B1 big 'rclone --checksum' 1
  goal_ratio B1 big cp 2.1
}

B1_command() {
  case $1 in
    nassync) nassync_command "$2" "$2" ;;
    'cp --reflink'*) cmd=(cp -r --reflink=always "$artifacts/." "$2") ;;
    cp*) cmd=(cp -r "$artifacts/." "$2") ;;
    'rsync --fsync') cmd=(rsync -a --fsync "$artifacts/" "$2/") ;;
    rsync*) cmd=(rsync -a "$artifacts/" "$2/") ;;
    'rclone --checksum') cmd=(rclone copy --checksum "$artifacts" "$2") ;;
    rclone) cmd=(rclone copy "$artifacts" "$2") ;;
  esac
}

# Each copies into an empty folder, and again where nothing changed; and into a folder on a disk.
scenario_B2() {
  compare B2 "B2: $(size_of many) to a local folder" many nassync cp rsync 'rsync --fsync' 'rclone --checksum'
  compare B2again "B2, a second run: nothing changed" many nassync rsync 'rclone --checksum'
  # Never removed between runs: a disk is much slower soon after many files were removed from it.
  places=$disk keep=1 compare B2disk "B2, durable: $(size_of double) to a disk ($(df --output=fstype "$disk" | tail -n 1))" double nassync 'rsync --fsync' 'cp, then sync'
  goal_ratio B2disk double 'rsync --fsync' 0.5
  forget double
}

B2_command() { B1_command "$@"; }

B2again_command() {
  B1_command "$@"
  "${cmd[@]}" > "$2.first" 2>&1 || { tail "$2.first" >&2; }
}

# What earlier runs left to be written is not this one's.
B2disk_before() { sync -f "$1"; }
B2disk_command() { until_durable "$@"; }

# until_durable TOOL PLACE: of what does not flush by itself, the flush is a part.
until_durable() {
  B1_command "$@"
  case $1 in
    nassync | 'rsync --fsync') ;;
    *) cmd=(bash -c "${cmd[*]@Q} && sync -f ${2@Q}") ;;
  esac
}

# B3: source and copy on one XFS, where they can share extents.
scenario_B3() {
  local obstacle
  if ! obstacle=$(mount_xfs 2>&1); then
    begin_table B3 "B3: $(size_of big) on XFS" 'skipped'
    printf '| %s |\n' "${obstacle//$'\n'/ }"
    return
  fi
  data_in=$disk/xfs places=$disk/xfs extra='' compare B3 "B3: $(size_of big) on XFS (reflink), until durable" big nassync 'cp --reflink=always' cp rsync 'rclone --checksum'
  goal_ratio B3 big 'cp --reflink=always' 3
  goal_ratio B3 big rsync 0.01
  release_xfs
}

B3_before() { sync -f "$1"; }
B3_command() { until_durable "$@"; }

mount_xfs() {
  [ "$(id -u)" = 0 ] || { echo "only root may mount" && return 1; }
  type -P mkfs.xfs >/dev/null || { echo "needs mkfs.xfs (xfsprogs)" && return 1; }
  mkdir "$disk/xfs" && truncate -s $((big_mib * 8 + 512))M "$disk/xfs.image" && mkfs.xfs -q "$disk/xfs.image" && mount -o loop "$disk/xfs.image" "$disk/xfs"
}

release_xfs() {
  if mountpoint -q "$disk/xfs"; then umount "$disk/xfs" && rm "$disk/xfs.image"; fi
}

# B8: each finds nothing to do at the place it copied to in the round that does not count.
scenario_B8() {
  first_round=0 compare B8 "B8: nothing changed, $(size_of known) in $known_jobs jobs" known nassync rsync rclone
  goal_ratio B8 known rsync 1
  goal_most B8 'peak memory, greatest' "$(greatest B8 known nassync '$4 / 1024')" 150 MiB
  rm -rf "$work"/B8-place-*
  forget known
}

B8_command() {
  local known=$work/B8-place-${1%% *}
  mkdir -p "$known"
  B1_command "$1" "$known"
  if ((round == 0)); then "${cmd[@]}" > "$2.first" 2>&1 || { tail "$2.first" >&2; }; fi
}

B8_check() { same "$work/B8-place-${1%% *}"; }
