# From the table of a report that tells how cost grows to a drawing: time per unit and peak memory, over the number of artifacts and over the size of one file.
BEGIN { FS = " *[|] *"; width = 300; height = 130 }

/^## / { inside = /^## How cost grows/ }

inside && $3 ~ /^(first|again)$/ {
  unit = $8; run = $3
  n = ++count[unit, run]
  split($2, words, " ")
  x[unit, run, n] = words[1]
  value[unit, run, "time", n] = unit == "GiB" ? $5 / 1000 : $5
  value[unit, run, "peak", n] = $7
}

function log10(x) { return log(x) / log(10) }

# The least of 1, 2, 5, 10, 20 … that is not below.
function ceiling(x,   power, step) {
  if (x <= 0) return 1
  power = 10 ^ int(log10(x) - (x < 1 ? 1 : 0))
  for (step = 1; step <= 10; step = (step == 1 ? 2 : step == 2 ? 5 : 10)) { if (step * power >= x * 0.999999) return step * power; if (step == 10) break }
  return 10 * power
}

function panel(left, top, unit, what, title,   most, n, from, to, i, at, run, points, span) {
  n = count[unit, "first"]
  if (!n) return
  most = 0
  for (i = 1; i <= n; i++) for (run in runs) if (value[unit, run, what, i] + 0 > most) most = value[unit, run, what, i] + 0
  most = ceiling(most)
  from = log10(x[unit, "first", 1]); span = log10(x[unit, "first", n]) - from
  if (span <= 0) span = 1
  printf "<text x=\"%d\" y=\"%d\">%s</text>\n", left, top - 12, title
  for (i = 0; i <= 2; i++) {
    at = top + height - height * i / 2
    printf "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", left, at, left + width, at
    printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"quiet\">%s</text>\n", left - 8, at + 4, most * i / 2
  }
  for (i = 1; i <= n; i++) {
    at = left + (log10(x[unit, "first", i]) - from) / span * width
    printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" class=\"quiet\">%s</text>\n", at, top + height + 18, x[unit, "first", i]
  }
  for (run in runs) {
    points = ""
    for (i = 1; i <= count[unit, run]; i++)
      points = points sprintf("%.1f,%.1f ", left + (log10(x[unit, run, i]) - from) / span * width, top + height - value[unit, run, what, i] / most * height)
    printf "<polyline class=\"%s\" points=\"%s\"/>\n", run, points
    for (i = 1; i <= count[unit, run]; i++)
      printf "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", run, left + (log10(x[unit, run, i]) - from) / span * width, top + height - value[unit, run, what, i] / most * height
  }
}

END {
  runs["first"]; runs["again"]
  print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 500\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"Time and memory of nassync per unit\">"
  print "<style>"
  print "  .paper { fill: #ffffff } text { fill: #1f2328 } .grid { stroke: #d0d7de } .quiet { fill: #59636e } polyline { fill: none; stroke-width: 2 }"
  print "  circle.first { fill: #0969da } polyline.first { stroke: #0969da } circle.again { fill: #bc4c00 } polyline.again { stroke: #bc4c00 }"
  print "  @media (prefers-color-scheme: dark) {"
  print "    .paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #3d444d } .quiet { fill: #9198a1 }"
  print "    circle.first { fill: #58a6ff } polyline.first { stroke: #58a6ff } circle.again { fill: #f0883e } polyline.again { stroke: #f0883e }"
  print "  }"
  print "</style>"
  print "<rect class=\"paper\" width=\"800\" height=\"500\"/>"
  print "<text x=\"12\" y=\"24\" font-size=\"15\">How cost grows: nassync, from few to many and from small to large</text>"
  print "<circle class=\"first\" cx=\"18\" cy=\"40\" r=\"4\"/><text x=\"28\" y=\"44\">first run</text><circle class=\"again\" cx=\"98\" cy=\"40\" r=\"4\"/><text x=\"108\" y=\"44\">again, nothing changed</text>"
  panel(60, 90, "artifact", "time", "ms per artifact")
  panel(460, 90, "GiB", "time", "s per GiB")
  panel(60, 300, "artifact", "peak", "peak memory, MiB")
  panel(460, 300, "GiB", "peak", "peak memory, MiB")
  print "<text x=\"210\" y=\"476\" text-anchor=\"middle\">artifacts of 1 KiB (logarithmic)</text>"
  print "<text x=\"610\" y=\"476\" text-anchor=\"middle\">size of one file, MiB (logarithmic)</text>"
  print "</svg>"
}
