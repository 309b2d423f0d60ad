# B7: one source to three places, by one run of nassync or three of rclone. Its slower single runs are timed too.

scenario_B7() {
  local first_round=1
  start_sshd
  compare B7 "B7: $(size_of big) to a folder, an SSH host and S3" big \
    nassync 'rclone, all in turn' 'rclone, all at once' 'rclone, SSH' 'rclone, S3'
  stop_s3
  goal_ratio B7 big "$(slower B7 big 'rclone, SSH' 'rclone, S3')" 1.3
}

# slower ID DATA TOOL TOOL: the one with the longer median.
slower() { if awk -v a="$(figure "$1" "$2" "$3" '$1')" -v b="$(figure "$1" "$2" "$4" '$1')" 'BEGIN { exit !(a + 0 < b + 0) }'; then echo "$4"; else echo "$3"; fi; }

B7_round() { start_s3 "$work/B7-$data-$round.s3"; }

B7_before() {
  mkdir "$1/folder" "$1/ssh" "$1/s3"
  make_bucket > "$1.s3.log" 2>&1
}

B7_check() {
  local place
  for place in $(B7_places "$1"); do
    if [ "$place" = s3 ]; then fetch_bucket "$2/s3" || return; fi
    same "$2/$place" || return
  done
}

B7_places() {
  case $1 in
    *SSH) echo ssh ;;
    *S3) echo s3 ;;
    *) echo folder ssh s3 ;;
  esac
}

B7_command() {
  local folder=(rclone copy --checksum "$artifacts" "$2/folder") ssh=(rclone copy "$artifacts" "nas:$2/ssh") s3
  s3=(rclone copy "$artifacts" "$(rclone_s3)")
  case $1 in
    nassync) nassync_command "$2" "$2/folder" studio:ssh cloud: ;;
    *turn) cmd=(bash -c "${folder[*]@Q} && ${ssh[*]@Q} && ${s3[*]@Q}") ;;
    *once) cmd=(bash -c "${folder[*]@Q} & a=\$!; ${ssh[*]@Q} & b=\$!; ${s3[*]@Q} && wait \$a && wait \$b") ;;
    *SSH) cmd=("${ssh[@]}") ;;
    *S3) cmd=("${s3[@]}") ;;
  esac
}
