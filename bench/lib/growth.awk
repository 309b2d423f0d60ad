# From the table of a report that tells how cost grows to a drawing, with svg.awk: time per unit and peak memory, over the number of artifacts and over the
# size of one file.
BEGIN { FS = " *[|] *"; width = 300; height = 130; color["first"] = "blue"; color["again"] = "orange" }

/^## / { inside = /^## How cost grows/ }

inside && $3 in color {
  n = ++count[$8, $3]
  split($2, words, " ")
  size[$8, n] = words[1]
  value[$8, $3, "time", n] = $8 == "GiB" ? $5 / 1000 : $5
  value[$8, $3, "peak", n] = $7
}

# The least of 1, 2, 5, 10, 20 … that is not below.
function round_up(x,   power) {
  power = 10 ^ floor(log10(x))
  return x <= power ? power : x <= 2 * power ? 2 * power : x <= 5 * power ? 5 * power : 10 * power
}

function x_of(left, unit, n) { return left + log10(size[unit, n] / size[unit, 1]) / log10(size[unit, count[unit, "first"]] / size[unit, 1]) * width }

function panel(left, top, unit, what, title,   last, most, i, y, run, points) {
  last = count[unit, "first"]
  if (last < 2) return
  for (i = 1; i <= last; i++) for (run in color) if (value[unit, run, what, i] + 0 > most) most = value[unit, run, what, i] + 0
  most = round_up(most)
  printf "<text x=\"%d\" y=\"%d\">%s</text>\n", left, top - 12, title
  for (i = 0; i <= 2; i++) {
    y = top + height - height * i / 2
    printf "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", left, y, left + width, y
    printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" class=\"quiet\">%s</text>\n", left - 8, y + 4, most * i / 2
  }
  for (i = 1; i <= last; i++) printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" class=\"quiet\">%s</text>\n", x_of(left, unit, i), top + height + 18, size[unit, i]
  for (run in color) {
    points = ""
    for (i = 1; i <= count[unit, run]; i++) {
      y = top + height - value[unit, run, what, i] / most * height
      points = points sprintf("%.1f,%.1f ", x_of(left, unit, i), y)
      mark(color[run], x_of(left, unit, i), y)
    }
    printf "<polyline class=\"%s\" points=\"%s\"/>\n", color[run], points
  }
}

END {
  begin_drawing(800, 500, "Time and memory of nassync per unit")
  print "<text x=\"12\" y=\"24\" font-size=\"15\">How cost grows: nassync, from few to many and from small to large</text>"
  mark("blue", 18, 40); print "<text x=\"28\" y=\"44\">first run</text>"
  mark("orange", 98, 40); print "<text x=\"108\" y=\"44\">again, nothing changed</text>"
  panel(60, 90, "artifact", "time", "ms per artifact")
  panel(460, 90, "GiB", "time", "s per GiB")
  panel(60, 300, "artifact", "peak", "peak memory, MiB")
  panel(460, 300, "GiB", "peak", "peak memory, MiB")
  print "<text x=\"210\" y=\"476\" text-anchor=\"middle\">artifacts of 1 KiB (logarithmic)</text>"
  print "<text x=\"610\" y=\"476\" text-anchor=\"middle\">size of one file, MiB (logarithmic)</text>"
  end_drawing()
}
