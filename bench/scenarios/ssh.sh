# B4 and B5: over SSH to this machine. The place is a folder, so it can be looked at from here.

scenario_B4() {
  start_sshd
  compare B4 "B4: $big_mib MiB over SSH" big nassync scp sftp rsync 'rclone, verified' 'rclone, unverified'
}

scenario_B5() {
  start_sshd
  compare B5 "B5: $((many_jobs * 5)) × 64 KiB over SSH" many nassync scp sftp rsync 'rclone, verified (once)' 'rclone, unverified'
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
