# widths.gp - shares of the kernels of each layer at 2 to 8 bits, and bits of its activations.
#   widths   PATH.widths.csv          title   the network
width = 9.0; height = 4.6
load "plots/style.gp"

stats widths using 3 every ::1 name "L" nooutput
shades = "0x440154 0x443983 0x31688E 0x21918C 0x35B779 0x90D743 0xFDE725"

set multiplot layout 2, 1 title title.": bits of kernels found" noenhanced offset 0, 0.3
set xrange [-0.7 : L_records - 0.3]
set lmargin 12
set rmargin 14
set style data histograms
set style histogram rowstacked
set style fill solid 0.9 noborder
set boxwidth 0.85
set key outside right center Left reverse invert
set yrange [0:100]
set ylabel "kernels, %" offset -1
unset xtics
plot for [b = 2 : 8] widths every ::1 using (100 * column(5 + b) / $3) linecolor rgb int(word(shades, b - 1)) \
         title sprintf("%d bits", b)
set style data linespoints
set yrange [0:9]
set ytics 2
set ylabel "activation bits" offset -1
set xlabel "layer"
set xtics nomirror scale 0.6
set grid ytics linecolor rgb 0xdddddd
plot widths every ::1 using 0:4 with linespoints pointtype 7 pointsize 0.5 linecolor rgb grey notitle
unset multiplot
