# The files that are copied: `artifacts` for the peers; for nassync `outputs`, the same files with a manifest per job; `expected`, their hashes.

# dataset big|many: makes it at its first use and sets $artifacts, $outputs and $expected.
dataset() {
  artifacts=$work/$1/artifacts outputs=$work/$1/outputs expected=$work/$1/expected
  [ ! -e "$expected" ] || return 0
  say "Making the files of '$1'"
  mkdir -p "$artifacts"
  "fill_$1"
  cp -r "$artifacts" "$outputs"
  local folder
  for folder in "$outputs"/*; do write_manifest "$folder"; done
  hashes "$artifacts" > "$expected"
}

fill_big() {
  mkdir "$artifacts/job_1"
  head -c "${big_mib}M" /dev/urandom > "$artifacts/job_1/big.wav"
}

fill_many() {
  local i job
  for ((i = 1; i <= many_jobs; i++)); do
    printf -v job 'job_%06d' "$i"
    mkdir "$artifacts/$job"
    head -c $((5 * 65536)) /dev/urandom | split -b 65536 -d -a 1 --additional-suffix=.m4a - "$artifacts/$job/artifact-"
  done
}

# write_manifest FOLDER: lists the files that are in it.
write_manifest() {
  local file separator=
  {
    printf '{"job_id":"%s","processed_at":"2026-01-14T09:31:07Z","artifacts":[' "${1##*/}"
    for file in "$1"/*; do
      printf '%s{"kind":"audio","path":"%s"}' "$separator" "${file##*/}"
      separator=,
    done
    printf ']}\n'
  } > "$1.json"
  mv "$1.json" "$1/manifest.json"
}

# The mark by which nassync knows a place again is no artifact.
hashes() { (cd "$1" && find . -type f ! -name .nassync-destination -print0 | sort -z | xargs -0 -r sha256sum); }

# same FOLDER: whether what a run left is the artifacts, no file more and none less.
same() { [ -d "$1" ] && hashes "$1" | cmp -s - "$expected"; }
