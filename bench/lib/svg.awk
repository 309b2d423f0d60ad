# What the drawings have in common. Each series has a class, "blue" or "orange", for a mark, a line or both.
function log10(x) { return log(x) / log(10) }
function floor(x) { return x >= 0 || int(x) == x ? int(x) : int(x) - 1 }
function safe(text) { gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); return text }

function begin_drawing(width, height, label) {
  printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"%s\">\n", width, height, label
  print "<style>"
  print "  .paper { fill: #ffffff } text { fill: #1f2328 } .grid { stroke: #d0d7de } .one { stroke: #1f2328; stroke-width: 1.5 } .quiet { fill: #59636e }"
  print "  .blue { fill: #0969da; stroke: #0969da } .orange { fill: #bc4c00; stroke: #bc4c00 } polyline.blue, polyline.orange { fill: none; stroke-width: 2 }"
  print "  @media (prefers-color-scheme: dark) {"
  print "    .paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #3d444d } .one { stroke: #e6edf3 } .quiet { fill: #9198a1 }"
  print "    .blue { fill: #58a6ff; stroke: #58a6ff } .orange { fill: #f0883e; stroke: #f0883e }"
  print "  }"
  print "</style>"
  printf "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", width, height
}

function mark(class, x, y) { printf "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", class, x, y }
function end_drawing() { print "</svg>" }
