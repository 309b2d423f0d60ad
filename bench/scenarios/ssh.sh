# B4 and B5: over SSH to this machine. The place is a folder, so it can be looked at from here.

scenario_B4() {
  start_sshd
  compare B4 "B4: $(size_of big) over SSH" big nassync scp sftp rsync 'rclone, verified' 'rclone, unverified'
  goal_ratio B4 big rsync 1
  goal_ratio B4 big scp 1
  goal_ratio B4 big sftp 1
  goal_ratio B4 big 'rclone, verified' 0.588
}

scenario_B5() {
  start_sshd
  compare B5 "B5: $(size_of many) over SSH" many nassync scp sftp rsync 'rclone, unverified'
  goal_ratio B5 many rsync 1.5
  # It starts a program at the host for each file, and takes minutes: a fifth of the files, and once.
  if [ -z "$small" ]; then
    compare B5 "B5: $(size_of fifth) over SSH" fifth nassync 'rclone, verified (once)'
    goal_ratio B5 fifth 'rclone, verified (once)' 0.01
  fi
}

B4_command() {
  case $1 in
    nassync) nassync_command "$2" studio: ;;
    scp) cmd=(scp -q -r -F "$work/ssh/config" "$artifacts/." "nas:$2") ;;
    sftp)
      echo "put -r $artifacts/. $2" > "$2.batch"
      cmd=(sftp -q -F "$work/ssh/config" -b "$2.batch" nas)
      ;;
    rsync) cmd=(rsync -a -e "ssh -F $work/ssh/config" "$artifacts/" "nas:$2/") ;;
    'rclone, verified'*) cmd=(rclone copy "$artifacts" "nas:$2") ;;
    'rclone, unverified') cmd=(rclone copy --ignore-checksum --sftp-disable-hashcheck "$artifacts" "nas:$2") ;;
  esac
}

B5_command() { B4_command "$@"; }
