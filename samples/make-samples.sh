#!/usr/bin/env bash
# Makes samples/outputs again: three job folders with real media and the manifests a producer would write.
# Needs ffmpeg with libx264, ffprobe and sha256sum. One ffmpeg version gives the same bytes every time; another version may give others,
# and then the sizes and hashes in the manifests change with them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
rm -rf outputs
export LC_ALL=C.UTF-8

exact=(-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -threads 1)
aac=(-c:a aac -b:a 80k -ac 2 -ar 44100)

# What each variant is made of: a chord that breathes, a noise that beats twice a second, a melody in three steps.
chord="sine=f=220:d=5[a];sine=f=277.18:d=5[b];sine=f=329.63:d=5[c];[a][b][c]amix=inputs=3,tremolo=f=3:d=0.5[chord]"
drums="anoisesrc=d=5:c=brown:seed=7:r=44100,volume='exp(-9*mod(t,0.5))':eval=frame,highpass=f=60[drums]"
melody="aevalsrc='0.4*sin(2*PI*t*(330+55*floor(mod(t,3))))*(0.6+0.4*sin(2*PI*5*t))':d=4:s=44100[melody]"

# audio FILE GRAPH: the graph's [out] as AAC in m4a.
audio() {
  mkdir -p "$(dirname "$1")"
  ffmpeg -v error -nostdin -filter_complex "$2" -map '[out]' "${aac[@]}" "${exact[@]}" "$1"
}

size() { stat -c %s "$1"; }
sha256() { sha256sum "$1" | cut -d' ' -f1; }
duration() { ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"; }

# 1. Audio in three variants; sizes and hashes are declared, so source, manifest and copy must agree.
job=outputs/job_20260114_7f3a
audio "$job/audio/northern-line-instrumental.m4a" "$chord;$drums;[chord][drums]amix=inputs=2[out]"
audio "$job/audio/northern-line-no-drums.m4a" "$chord;[chord]anull[out]"
audio "$job/audio/northern-line-drums-only.m4a" "$drums;[drums]anull[out]"
# artifact VARIANT LABEL FILE
artifact() {
  cat <<JSON
    {
      "kind": "audio",
      "variant": "$1",
      "label": "$2",
      "path": "audio/$3",
      "codec": "aac",
      "container": "m4a",
      "duration_sec": $(duration "$job/audio/$3"),
      "size": $(size "$job/audio/$3"),
      "sha256": "$(sha256 "$job/audio/$3")"
    }
JSON
}
cat > "$job/manifest.json" <<JSON
{
  "job_id": "job_20260114_7f3a",
  "source_type": "upload",
  "artist": "Mira Solène",
  "album": "Paper Moons",
  "title": "Northern Line",
  "processed_at": "2026-01-14T09:31:07Z",
  "artifacts": [
$(artifact instrumental "Instrumental" northern-line-instrumental.m4a),
$(artifact no_drums "No drums" northern-line-no-drums.m4a),
$(artifact drums_only "Drums only" northern-line-drums-only.m4a)
  ],
  "stems_generated": true,
  "stems_preserved": false
}
JSON

# 2. The video a job was made from.
job=outputs/job_20260115_c41e
mkdir -p "$job"
video="$job/Lamplighter (Live at the Pier).mp4"
ffmpeg -v error -nostdin -filter_complex "testsrc2=s=320x180:r=25:d=3[picture];$melody;[melody]atrim=end=3[sound]" -map '[picture]' -map '[sound]' \
  -c:v libx264 -preset slow -crf 30 -pix_fmt yuv420p "${aac[@]}" "${exact[@]}" -movflags +faststart "$video"
cat > "$job/manifest.json" <<JSON
{
  "job_id": "job_20260115_c41e",
  "source_type": "youtube",
  "artist": "The Tin Harbour",
  "album": "Live at the Pier",
  "title": "Lamplighter",
  "processed_at": "2026-01-15T18:04:52Z",
  "artifacts": [
    {
      "kind": "video",
      "variant": "source",
      "label": "Source video",
      "path": "Lamplighter (Live at the Pier).mp4",
      "codec": "h264",
      "container": "mp4",
      "duration_sec": $(duration "$video")
    }
  ],
  "youtube": {
    "video_id": "nassyncdemo",
    "url": "https://www.youtube.com/watch?v=nassyncdemo",
    "channel": "The Tin Harbour",
    "title": "The Tin Harbour - Lamplighter (Live at the Pier)",
    "online_duration_sec": 3
  },
  "stems_generated": false,
  "stems_preserved": false
}
JSON

# 3. A stem that no route of nas-sync.yaml takes: it is skipped, and the reason is said.
job=outputs/job_20260116_0b92
audio "$job/stems/vocals.m4a" "$melody;[melody]anull[out]"
cat > "$job/manifest.json" <<JSON
{
  "job_id": "job_20260116_0b92",
  "source_type": "upload",
  "artist": "Odd Lantern",
  "album": null,
  "title": "Slow Ferry",
  "processed_at": "2026-01-16T07:12:30Z",
  "artifacts": [
    {
      "kind": "stems",
      "variant": "vocals",
      "label": "Vocals",
      "path": "stems/vocals.m4a",
      "codec": "aac",
      "container": "m4a",
      "duration_sec": $(duration "$job/stems/vocals.m4a")
    }
  ],
  "stems_generated": ["vocals"],
  "stems_preserved": ["vocals"]
}
JSON

du -ab outputs | sort -k2
