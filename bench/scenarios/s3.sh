# B6: to S3. Each round gets a server and each run a bucket of its own; what that holds in the end is fetched and compared. A round that does not count
# would warm up nothing that the next one uses.

scenario_B6() {
  local tools=(nassync awscli s3cmd s4cmd rclone 'rclone, tuned')
  local data tool first_round=1
  compare B6 "B6: $(size_of big) to S3" big "${tools[@]}"
  compare B6 "B6: $(size_of many) to S3" many "${tools[@]}"
  stop_s3
  for data in big many; do
    for tool in "${tools[@]:1}"; do goal_ratio B6 "$data" "$tool" 1; done
  done
}

B6_round() { start_s3 "$work/B6-$data-$round.s3"; }
B6_before() { make_bucket > "$1.s3" 2>&1; }
B6_check() { fetch_bucket "$2" && same "$2"; }

B6_command() {
  # Newer releases of the AWS command line send checksums by default that older servers, such as this one, do not know.
  export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required
  export S3_ACCESS_KEY=$AWS_ACCESS_KEY_ID S3_SECRET_KEY=$AWS_SECRET_ACCESS_KEY
  local settings=(--access_key="$AWS_ACCESS_KEY_ID" --secret_key="$AWS_SECRET_ACCESS_KEY" --host="127.0.0.1:$s3_port" "--host-bucket=127.0.0.1:$s3_port/%(bucket)" --no-ssl)
  case $1 in
    nassync) nassync_command "$2" cloud: ;;
    awscli) cmd=(aws --endpoint-url "$(s3_url)" s3 cp --recursive --only-show-errors "$artifacts" "s3://$bucket/") ;;
    s3cmd) cmd=(s3cmd -c /dev/null "${settings[@]}" --quiet put --recursive "$artifacts/" "s3://$bucket/") ;;
    s4cmd) cmd=(s4cmd --endpoint-url "$(s3_url)" put --recursive "$artifacts"/* "s3://$bucket/") ;;
    rclone) cmd=(rclone copy "$artifacts" "$(rclone_s3)") ;;
    'rclone, tuned') cmd=(rclone copy --transfers 16 --s3-chunk-size 16M --s3-upload-concurrency 8 "$artifacts" "$(rclone_s3)") ;;
  esac
}

# rclone's name for the bucket; the keys come from the environment.
rclone_s3() { echo ":s3,provider=Ceph,env_auth=true,region=us-east-1,endpoint='$(s3_url)':$bucket"; }
