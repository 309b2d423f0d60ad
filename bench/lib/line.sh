# A line between a program and a server that counts what is sent, and may be long and bad (BadLine.cs).

# start_line PORT RTT-MS RESET-EVERY: before a port of the loopback; sets $line_port, and $line_count, the file with the bytes that were sent so far.
start_line() {
  line_port=$(free_port) line_count=$work/line.count
  rm -f "$line_count"
  # Not by the function: its shell would be what is ended, and the line would live on.
  "$work/measurer/NasSync.Benchmarks" bad-line "$line_port" "$1" "$line_count" "$2" "$3" </dev/null >&2 &
  line_pid=$!
  wait_for 10 [ -s "$line_count" ]
  wait_for 10 line_answers
}

line_answers() { (: < "/dev/tcp/127.0.0.1/$line_port"); }

stop_line() {
  end "$line_pid"
  line_pid=
}

# The SSH server stands behind the line until behind_no_line.
ssh_behind_line() {
  start_line "$ssh_port" "$@"
  straight_port=$ssh_port ssh_port=$line_port
  move_ssh "$straight_port" "$ssh_port"
}

ssh_behind_no_line() {
  stop_line
  move_ssh "$ssh_port" "$straight_port"
  ssh_port=$straight_port
}

move_ssh() {
  sed -i "s/^\(Port\|port =\) $1\$/\1 $2/" "$work/ssh/config" "$RCLONE_CONFIG"
  sed -i "s/:$1 /:$2 /" "$work/ssh/known_hosts"
}

# sent_again: how many per cent of the artifacts' bytes went through the line beyond them; negative when something compressed.
sent_again() { awk -v sent="$(< "$line_count")" -v size="$artifact_bytes" 'BEGIN { printf "%.1f", (sent / size - 1) * 100 }'; }
