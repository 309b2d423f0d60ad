#!/usr/bin/env bash
# Times `nassync sync` beside `rsync -a` and `cp -r` of the same artifact files, and a second run of the first two, where nothing changed.
#
#   bench/compare.sh [MANIFESTS [ROUNDS]]        default 1000 manifests (5 artifacts of 64 KiB each) and 5 rounds
#
# Everything lies on a tmpfs (BENCH_DIR, default /dev/shm), so that the programs are compared and not a disk. Every run copies into a folder of
# its own, the order changes with each round, nothing is deleted between the runs, and each result is compared with its source by SHA-256.
# On tmpfs fsync costs nothing; cp and rsync neither verify nor keep a ledger. Needs the .NET SDK, rsync and coreutils.
set -euo pipefail
export LC_ALL=C DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
manifests=${1:-1000} rounds=${2:-5}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
base=${BENCH_DIR:-/dev/shm}

[ "$(stat -f -c %T "$base")" = tmpfs ] || { echo "$base is no tmpfs; set BENCH_DIR to one" >&2; exit 2; }
need=$((manifests * 5 * 64 * (rounds * 3 + 2) / 1024 * 11 / 10)) free=$(df --output=avail -BM "$base" | tail -n 1 | tr -dc 0-9)
[ "$free" -ge "$need" ] || { echo "needs $need MiB on $base, $free MiB are free; take fewer manifests or rounds" >&2; exit 2; }

dotnet build "$root/src/NasSync.Service" -c Release -v quiet -clp:NoSummary
nassync=$root/src/NasSync.Service/bin/Release/net10.0/nassync
work=$(mktemp -d -p "$base" nassync-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT

echo "Making $manifests manifests with 5 artifacts of 64 KiB on $base"
variants=(instrumental no_drums drums_only vocals_only karaoke)
for ((i = 1; i <= manifests; i++)); do
  job=$(printf 'job_20260114_%06d' "$i")
  mkdir -p "$work/artifacts/$job"
  head -c $((5 * 65536)) /dev/urandom | split -b 65536 -d -a 1 --additional-suffix=.m4a - "$work/artifacts/$job/artifact-"
done
cp -r "$work/artifacts" "$work/outputs"
for folder in "$work"/outputs/*; do
  job=${folder##*/} separator=
  {
    printf '{"job_id":"%s","source_type":"upload","artist":"Bench","album":null,"title":"%s","processed_at":"2026-01-14T09:31:07Z","artifacts":[' "$job" "$job"
    for k in 0 1 2 3 4; do
      printf '%s{"kind":"audio","variant":"%s","label":"%s","path":"artifact-%s.m4a","codec":"aac","container":"m4a","duration_sec":4}' \
        "$separator" "${variants[k]}" "${variants[k]}" "$k"
      separator=,
    done
    printf '],"stems_generated":false,"stems_preserved":false}\n'
  } > "$folder/manifest.json"
done

hashes() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }
hashes "$work/artifacts" > "$work/expected"
# check FOLDER: what a run left must be the artifacts, no file more and none less.
check() { hashes "$1" | cmp -s - "$work/expected" || { echo "$1 differs from its source" >&2; exit 1; }; }

configure() {
  cat > "$1.yaml" <<YAML
nasSync:
  outputsDir: $work/outputs
  workDir: $1.work
  remoteRoots: { audio: $1 }
  routes:
    - match: { kind: audio }
      to: "\${remoteRoots.audio}/\${jobId}"
YAML
}

run_nassync() { "$nassync" sync --config "$1.yaml" > "$1.out" 2>&1 || { tail -n 20 "$1.out" >&2; exit 1; }; }
run_rsync() { rsync -a "$work/artifacts/" "$1/"; }
run_cp() { cp -r "$work/artifacts" "$1"; }

# timed NAME TOOL FOLDER: appends the milliseconds to NAME's list.
timed() {
  local before=${EPOCHREALTIME/./}
  "run_$2" "$3"
  echo $(((${EPOCHREALTIME/./} - before) / 1000)) >> "$work/$1.ms"
}

for ((round = 1; round <= rounds; round++)); do
  tools=(nassync rsync cp)
  for ((k = 0; k < 3; k++)); do
    tool=${tools[(k + round) % 3]} target=$work/$round-$tool
    if [ "$tool" = nassync ]; then configure "$target"; mkdir "$target"; fi
    timed "$tool" "$tool" "$target"
    if [ "$tool" != cp ]; then timed "$tool-again" "$tool" "$target"; fi
    check "$target"
  done
  echo "Round $round of $rounds: nassync $(tail -n 1 "$work/nassync.ms") ms, rsync $(tail -n 1 "$work/rsync.ms") ms, cp $(tail -n 1 "$work/cp.ms") ms"
done

median() { sort -n "$work/$1.ms" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : int((v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }
spread() { sort -n "$work/$1.ms" | sed -n '1p;$p' | paste -sd- -; }
ratio() { awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", a / b }'; }
printf '\n%s manifests, %s files, %s rounds, %s cores; every result equals its source by SHA-256\n' "$manifests" "$((manifests * 5))" "$rounds" "$(nproc)"
printf '%-30s %10s   %s\n' "" "median ms" "least-most"
for name in nassync rsync cp nassync-again rsync-again; do printf '%-30s %10s   %s\n' "$name" "$(median "$name")" "$(spread "$name")"; done
printf 'nassync / rsync -a %s   nassync / cp -r %s   unchanged: nassync / rsync -a %s\n' \
  "$(ratio nassync rsync)" "$(ratio nassync cp)" "$(ratio nassync-again rsync-again)"
