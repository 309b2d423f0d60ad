# B12 and B13: bad lines and kills. What counts is whether it completes, and how much is sent again.

scenario_B12() {
  start_sshd
  local big_mib=$bad_mib first_round=1 extra='sent again %'
  forget big
  compare B12 "B12: $bad_mib MiB over SSH, 50 ms RTT, a reset each $reset_mib MiB on average" big nassync sftp rsync 'sftp, again' 'rsync --partial, again' rclone
  goal_most B12 'sent again, greatest' "$(greatest B12 big nassync '$5')" 5 %
  forget big
}

B12_before() { ssh_behind_line 50 $((reset_mib << 20)); }
B12_after() { ssh_behind_no_line; }
B12_extra() { sent_again; }

B12_command() {
  case $1 in
    sftp*)
      cmd=(sftp -q -F "$work/ssh/config" -b "$2.batch" nas)
      echo "put -r $artifacts/. $2" > "$2.batch"
      ;;
    'rsync --partial'*) cmd=(rsync -a --partial --append-verify -e "ssh -F $work/ssh/config" "$artifacts/" "nas:$2/") ;;
    rsync) cmd=(rsync -a -e "ssh -F $work/ssh/config" "$artifacts/" "nas:$2/") ;;
    rclone) cmd=(rclone copy "$artifacts" "nas:$2") ;;
    nassync) nassync_command "$2" studio: ;;
  esac
  case $1 in
    rsync*again) cmd=("$root/bench/lib/again" "${cmd[@]}") ;;
    sftp*again)
      # -a goes on with a file that is there, and fails where there is none.
      echo "put -a -r $artifacts/. $2" > "$2.more"
      cmd=(bash -c "${cmd[*]@Q} || '$root/bench/lib/again' sftp -q -F '$work/ssh/config' -b '$2.more' nas")
      ;;
  esac
}

scenario_B13() {
  start_sshd
  local big_mib=$killed_mib first_round=1 extra='sent again %'
  forget big
  compare B13 "B13: killed at half of $killed_mib MiB over SSH, and started again" big nassync 'rsync --partial' rclone
  goal_most B13 'sent again over SSH, greatest' "$(greatest B13 big nassync '$5 * '"$killed_mib"' / 100')" 16 MiB
  compare B13s3 "B13: killed at half of $killed_mib MiB to S3, and started again" big nassync awscli rclone
  stop_s3
  goal_most B13 'sent again to S3, greatest' "$(greatest B13s3 big nassync '$5 * '"$killed_mib"' / 100')" 16 MiB
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

B13s3_round() { start_s3 "$work/B13s3-$round.s3"; }

B13s3_before() {
  make_bucket > "$1.s3" 2>&1
  straight_port=$s3_port
  start_line "$s3_port" 0 0
  s3_port=$line_port
}

B13s3_after() {
  stop_line
  s3_port=$straight_port
}

B13s3_extra() { sent_again; }
B13s3_check() { B6_check "$@"; }
B13s3_command() {
  B6_command "$@"
  killed_at_half
}
