# The files that are copied: `artifacts` for the peers; for nassync `outputs`, the same files with a manifest per job; `expected`, their hashes.

# shape_of big|many|fifth|double|known|jobs-N: jobs, files in each, and bytes of each of these.
shape_of() {
  case $1 in
    big) echo 1 1 $((big_mib << 20)) ;;
    many) echo "$many_jobs" 5 65536 ;;
    fifth) echo $((many_jobs / 5)) 5 65536 ;;
    double) echo $((many_jobs * 2)) 5 65536 ;;
    known) echo "$known_jobs" 10 1024 ;;
    jobs-*) echo "${1#jobs-}" 10 1024 ;;
  esac
}

# size_of NAME: the same for people.
size_of() {
  local jobs files bytes
  read -r jobs files bytes < <(shape_of "$1")
  if [ $((jobs * files)) = 1 ]; then echo "$((bytes >> 20)) MiB"; else echo "$((jobs * files)) × $((bytes >> 10)) KiB"; fi
}

# dataset NAME [FOLDER]: makes the files at their first use, below FOLDER (default $work), and sets $artifacts, $outputs, $expected and
# $artifact_count and $artifact_bytes.
dataset() {
  local shape base=${2:-$work}/$1
  read -r -a shape < <(shape_of "$1")
  artifacts=$base/artifacts outputs=$base/outputs expected=$base/expected
  artifact_count=$((shape[0] * shape[1])) artifact_bytes=$((shape[0] * shape[1] * shape[2]))
  [ ! -e "$expected" ] || return 0
  say "Making the files of '$1'"
  measurer make-jobs "$artifacts" "$outputs" "${shape[@]}"
  hashes "$artifacts" > "$expected"
}

# forget NAME…: gives the memory of data that no further scenario needs back.
forget() {
  local name
  for name in "$@"; do rm -rf "${work:?}/$name"; done
}

# measurer WORDS…: the measuring programs in tests/NasSync.Benchmarks.
measurer() { "$work/measurer/NasSync.Benchmarks" "$@"; }

# The mark by which nassync knows a place again is no artifact, nor is Syncthing's.
hashes() { (cd "$1" && find . -type f ! -name .nassync-destination ! -path '*/.stfolder/*' ! -name manifest.json -print0 | sort -z | xargs -0 -r sha256sum); }

# same FOLDER: whether what a run left is the artifacts, no file more and none less.
same() { [ -d "$1" ] && hashes "$1" | cmp -s - "$expected"; }

# lost FOLDER: how many artifacts are not in it, or not as they should be.
lost() { hashes "$1" | LC_ALL=C sort | LC_ALL=C comm -13 - <(LC_ALL=C sort "$expected") | wc -l; }
