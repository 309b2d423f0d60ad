# nassync's side of every scenario: a configuration beside the place, and the command.

# nassync_command PLACE TO…: sets `cmd` to one run that carries every artifact to each TO. Beside a folder a TO may name studio: (SSH) or cloud: (S3).
nassync_command() {
  local place=$1 to
  shift
  printf -v to '"%s/${jobId}", ' "$@"
  cat > "$place.yaml" <<YAML
nasSync:
  outputsDir: $outputs
  workDir: $place.work
  destinations:
    studio: { type: sftp, host: 127.0.0.1, port: ${ssh_port:-22}, user: $(id -un), identityFile: $work/ssh/id, knownHosts: $work/ssh/known_hosts, root: $place }
    cloud: { type: s3, bucket: "${bucket:-bench}", endpoint: "http://127.0.0.1:${s3_port:-80}", accessKeyId: "env:AWS_ACCESS_KEY_ID", secretAccessKey: "env:AWS_SECRET_ACCESS_KEY" }
  routes: [ { match: { kind: audio }, to: [ ${to%, } ] } ]
YAML
  cmd=(nassync sync --config "$place.yaml")
}
