# A private sshd and a private S3 server (Ceph's gateway over a store in memory), on free ports of the loopback, stopped by their process ids.

server_pids=() s3_pids=() bucket='' buckets=0
stop_servers() { end "${server_pids[@]}" "${s3_pids[@]}" ${line_pid:-}; }

# end PID…: waits too, so that the shell does not tell that they were killed.
end() {
  # Without a name `wait` waits for everything, the report's writer too.
  [ $# -gt 0 ] || return 0
  kill -9 "$@" 2>/dev/null || true
  wait "$@" 2>/dev/null || true
}

# free_port: one that nobody listens on, below those that the kernel gives to clients.
free_port() {
  local port
  while port=$((RANDOM % 12000 + 20000)); (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# wait_for SECONDS COMMAND…: until it succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.02
  done
}

start_sshd() {
  [ -z "${ssh_port:-}" ] || return 0
  [ -x /usr/sbin/sshd ] || stop "needs /usr/sbin/sshd"
  local folder=$work/ssh
  mkdir "$folder"
  if [ "$(id -u)" = 0 ]; then mkdir -p /run/sshd; fi
  ssh-keygen -q -t ed25519 -N '' -f "$folder/host"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/id"
  ssh_port=$(free_port)
  cat > "$folder/sshd_config" <<CONFIG
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $folder/host
PidFile none
AuthorizedKeysFile $folder/id.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UseDNS no
MaxStartups 200:30:400
MaxSessions 100
Subsystem sftp internal-sftp
CONFIG
  cat > "$folder/config" <<CONFIG
Host nas
HostName 127.0.0.1
Port $ssh_port
User $(id -un)
IdentityFile $folder/id
IdentitiesOnly yes
UserKnownHostsFile $folder/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
BatchMode yes
CONFIG
  echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$folder/host.pub")" > "$folder/known_hosts"
  cat >> "$RCLONE_CONFIG" <<CONFIG
[nas]
type = sftp
host = 127.0.0.1
port = $ssh_port
user = $(id -un)
key_file = $folder/id
known_hosts_file = $folder/known_hosts
CONFIG
  /usr/sbin/sshd -D -E "$folder/log" -f "$folder/sshd_config" &
  server_pids+=($!)
  wait_for 20 ssh -F "$folder/config" nas true || stop "sshd did not start: $(tail -n 3 "$folder/log")"
}

# start_s3 FOLDER: a server with nothing in it but an empty bucket. Started anew for each round, because a store keeps what was deleted for a while.
# Another program may take a port between the look and the start, so there is more than one attempt.
start_s3() {
  local attempt
  stop_s3
  need_program ceph ceph-mon ceph-osd radosgw radosgw-admin monmaptool
  export AWS_ACCESS_KEY_ID=BENCHACCESSKEY AWS_SECRET_ACCESS_KEY=benchsecretkey AWS_DEFAULT_REGION=us-east-1
  for attempt in 1 2 3; do
    if launch_ceph "$1.$attempt" > "$1.log" 2>&1 && make_bucket 2>> "$1.log"; then return; fi
    stop_s3
  done
  stop "the S3 server did not start: $(tail -n 5 "$1.log")"
}

launch_ceph() {
  local folder=$1 conf=$1/ceph.conf mon mon1 fsid
  mon=$(free_port) mon1=$(free_port) s3_port=$(free_port) fsid=$(< /proc/sys/kernel/random/uuid)
  mkdir -p "$folder"/{mon,osd,run,log} && ceph_config > "$conf" \
    && monmaptool --create --clobber --fsid "$fsid" --addv 0 "[v2:127.0.0.1:$mon,v1:127.0.0.1:$mon1]" "$folder/monmap" \
    && ceph-mon -c "$conf" --id 0 --mkfs --monmap "$folder/monmap" --keyring /dev/null \
    && s3_daemon ceph-mon -c "$conf" --id 0 -f \
    && timeout 20 ceph -c "$conf" osd create \
    && ceph-osd -c "$conf" --id 0 --mkfs \
    && s3_daemon ceph-osd -c "$conf" --id 0 -f \
    && timeout 60 radosgw-admin -c "$conf" -n client.rgw.0 user create --uid=bench --display-name=bench \
      --access-key="$AWS_ACCESS_KEY_ID" --secret-key="$AWS_SECRET_ACCESS_KEY" \
    && s3_daemon radosgw -c "$conf" -n client.rgw.0 -f \
    && wait_for 30 curl -sf -m 1 "$(s3_url)"
}

s3_daemon() {
  "$@" </dev/null &
  s3_pids+=($!)
}

stop_s3() {
  end "${s3_pids[@]}"
  s3_pids=()
}

s3_url() { echo "http://127.0.0.1:$s3_port"; }

# Makes a bucket that nobody has used, and names it $bucket. Everybody may read and write it, so that curl alone can check it. The object and the upload
# make the server's pools before a run is timed.
make_bucket() {
  bucket=bench-$((++buckets))
  local sign=(--aws-sigv4 aws:amz:us-east-1:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD') url upload
  local anyone='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::BUCKET","arn:aws:s3:::BUCKET/*"]}]}'
  url=$(s3_url)/$bucket
  curl -sSf -X PUT "${sign[@]}" "$url" \
    && curl -sSf -X PUT "${sign[@]}" "$url?policy=" -d "${anyone//BUCKET/$bucket}" \
    && curl -sSf -X PUT -d x "$url/warm" \
    && upload=$(curl -sSf -X POST "$url/warm?uploads" | grep -oP '(?<=<UploadId>)[^<]+') \
    && curl -sSf -X PUT -d x -o /dev/null "$url/warm?partNumber=1&uploadId=$upload" \
    && curl -sSf -X DELETE "$url/warm?uploadId=$upload" \
    && curl -sSf -X DELETE "$url/warm"
}

# fetch_bucket FOLDER: everything that the bucket holds.
fetch_bucket() {
  local keys=$1.keys marker='' page=$1.page
  : > "$keys"
  while :; do
    curl -sf "$(s3_url)/$bucket?max-keys=1000&marker=$marker" > "$page"
    grep -oP '(?<=<Key>)[^<]+' "$page" >> "$keys" || break
    grep -q '<IsTruncated>true' "$page" || break
    marker=$(tail -n 1 "$keys")
  done
  awk -v url="$(s3_url)/$bucket" -v folder="$1" '{ printf "url = \"%s/%s\"\noutput = \"%s/%s\"\n", url, $0, folder, $0 }' "$keys" > "$1.curl"
  [ ! -s "$1.curl" ] || curl -sf --no-progress-meter --parallel --parallel-max 8 --create-dirs --config "$1.curl"
}

# crc for the monitor: without authentication the gateway's default, an encrypted line, never comes about. The short proposal interval makes the
# start ten times faster; without nodelay each small answer takes 44 ms. Reads the variables of start_s3.
ceph_config() {
  cat <<CONFIG
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$mon,v1:127.0.0.1:$mon1]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
run dir = $folder/run
admin socket = $folder/run/\$name.asok
log file = $folder/log/\$name.log
crash dir = $folder/log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
paxos propose interval = 0.01
paxos min wait = 0.005
[mon.0]
mon data = $folder/mon
mon data avail crit = 1
[osd.0]
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 17179869184
[client.rgw.0]
rgw data = $folder
rgw frontends = beast endpoint=127.0.0.1:$s3_port tcp_nodelay=1
rgw run sync thread = false
CONFIG
}
