# B12 and B13: bad lines and kills. What counts is whether it completes, and how much is sent again; a table's medians are of few runs.

scenario_B12() {
  start_sshd
  local big_mib=$bad_mib rounds=$((rounds > 2 ? 3 : 1)) extra='sent again %'
  forget big
  # A reset after 64 MiB on average: one in a thousand pieces of 64 KiB.
  compare B12 "B12: $bad_mib MiB over SSH, 50 ms RTT, a reset each $((bad_mib / 4)) MiB on average" big \
    nassync 'sftp, once' 'rsync, once' 'sftp, again' 'rsync --partial, again' rclone
  forget big
}

B12_before() { ssh_behind_line 50 $((bad_mib * 262144)); }
B12_after() { ssh_behind_no_line; }
B12_extra() { sent_again; }

B12_command() {
  case $1 in
    sftp*)
      # -a goes on with what is there; nothing is there at first.
      echo "put -a -r $artifacts/. $2" > "$2.batch"
      cmd=(sftp -q -F "$work/ssh/config" -b "$2.batch" nas)
      ;;
    rsync*) cmd=(rsync -a --partial --append-verify -e "ssh -F $work/ssh/config" "$artifacts/" "nas:$2/") ;;
    rclone) cmd=(rclone copy "$artifacts" "nas:$2") ;;
    nassync) nassync_command "$2" studio: ;;
  esac
  if [[ $1 == *again ]]; then cmd=("$root/bench/lib/again" "${cmd[@]}"); fi
}

scenario_B13() {
  start_sshd
  local big_mib=$killed_mib rounds=$((rounds > 2 ? 3 : 1)) extra='sent again %'
  forget big
  compare B13 "B13: killed at half of $killed_mib MiB over SSH, and started again" big nassync 'rsync --partial' 'sftp, goes on' rclone
  compare B13s3 "B13: killed at half of $killed_mib MiB to S3, and started again" big nassync awscli rclone
  forget big
}

B13_before() { ssh_behind_line 0 0; }
B13_after() { ssh_behind_no_line; }
B13_extra() { sent_again; }
B13_command() {
  B12_command "$@"
  killed_at_half
}

killed_at_half() { cmd=("$root/bench/lib/killed" "$line_count" $((artifact_bytes / 2)) "${cmd[@]}"); }

B13s3_before() {
  start_s3 "$1.s3"
  start_line "$s3_port" 0 0
  s3_port=$line_port
}

B13s3_after() {
  stop_line
  stop_s3
}

B13s3_extra() { sent_again; }
B13s3_check() { B6_check "$@"; }
B13s3_command() {
  B6_command "$@"
  killed_at_half
}
