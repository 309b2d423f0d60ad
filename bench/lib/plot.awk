# From lines "scenario TAB program TAB ratio" to a drawing, with svg.awk: a mark for each, its time in relation to nassync's, on a logarithmic axis.
BEGIN { FS = "\t"; left = 250; width = 560; row = 20; top = 64; least = 0.5; most = 2 }

{
  count++
  id[count] = $1; tool[count] = $2; ratio[count] = $3
  if ($3 < least) least = $3
  if ($3 > most) most = $3
}

function x_of(value) { return left + (log10(value) - from) / (to - from) * width }

END {
  from = floor(log10(least)); to = -floor(-log10(most))
  height = top + count * row + 56
  begin_drawing(left + width + 60, height, "Time of each program in relation to nassync")
  print "<text x=\"12\" y=\"24\" font-size=\"15\">Time of each program in relation to nassync</text>"
  print "<text x=\"12\" y=\"42\" class=\"quiet\">medians; right of the line nassync was faster (blue), left of it the other (orange)</text>"
  for (power = from; power <= to; power++) {
    for (step = 1; step <= 5; step = (step == 1 ? 2 : step + 3)) {
      value = step * 10 ^ power
      if (value > 10 ^ to) continue
      printf "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", (value == 1 ? "one" : "grid"), x_of(value), top - 8, x_of(value), top + count * row
      printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" class=\"quiet\">%s</text>\n", x_of(value), top + count * row + 16, value
    }
  }
  for (i = 1; i <= count; i++) {
    y = top + i * row - row / 2
    if (id[i] != id[i - 1]) printf "<text x=\"12\" y=\"%.1f\">%s</text>\n", y + 4, safe(id[i])
    printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", left - 10, y + 4, safe(tool[i])
    mark(ratio[i] >= 1 ? "blue" : "orange", x_of(ratio[i]), y)
    printf "<text x=\"%.1f\" y=\"%.1f\">%s×</text>\n", x_of(ratio[i]) + 8, y + 4, (ratio[i] >= 10 ? sprintf("%.0f", ratio[i]) : sprintf("%.2f", ratio[i]))
  }
  printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">time / time of nassync (logarithmic; 1: as fast as nassync)</text>\n", left + width / 2, height - 14
  end_drawing()
}
